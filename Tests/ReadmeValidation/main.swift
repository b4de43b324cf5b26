import ModelFiles

let validator = Validator()
let report = try validator.compare("sample.weights", with: "sample.h5")
print(report.matches, report.firstDifference ?? "nothing differs")  // true nothing differs
