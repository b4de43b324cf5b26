import Inference
import ModelFiles

let model = try Predictor(path: "sample.weights")
let picture = Tensor(shape: [1, 3, 96, 96], values: [Float](repeating: 0.5, count: 3 * 96 * 96))
let outputs = try model.predict([picture])
print(outputs.map(\.shape))  // [[1, 18, 6, 6], [1, 18, 12, 12]]
