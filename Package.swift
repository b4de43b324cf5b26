// swift-tools-version: 6.1

import PackageDescription

// The scripts that build nnfmt tell the version, which is git's tag (Tests/lib/build.sh). It can't be read here: SwiftPM keeps
// what a manifest says until the manifest itself changes.
let version = Context.environment["NNFMT_VERSION"] ?? "development"

// The libraries from the bottom up; `spec/contributing.md` says who may import whom.
let package = Package(
  name: "nnfmt",
  platforms: [.macOS(.v15)],
  products: [
    .executable(name: "nnfmt", targets: ["nnfmt"]),
    .library(name: "FileSupport", targets: ["FileSupport"]),
    .library(name: "Archive", targets: ["Archive"]),
    .library(name: "ModelGraph", targets: ["ModelGraph"]),
    .library(name: "Darknet", targets: ["Darknet"]),
    .library(name: "HDF5", targets: ["HDF5"]),
    .library(name: "Keras", targets: ["Keras"]),
    .library(name: "SafeTensors", targets: ["SafeTensors"]),
    .library(name: "Conversion", targets: ["Conversion"]),
    .library(name: "Inspection", targets: ["Inspection"]),
    .library(name: "Validation", targets: ["Validation"]),
    .library(name: "Inference", targets: ["Inference"]),
    .library(name: "ModelFiles", targets: ["ModelFiles"]),
    .library(name: "Training", targets: ["Training"]),
    .library(name: "Images", targets: ["Images"]),
    .library(name: "Detection", targets: ["Detection"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2")
  ],
  targets: [
    .systemLibrary(
      name: "CHDF5", pkgConfig: "hdf5",
      providers: [.apt(["libhdf5-dev"]), .brew(["hdf5"])]),
    .systemLibrary(
      name: "CCrypto", pkgConfig: "libcrypto",
      providers: [.apt(["libssl-dev"]), .brew(["openssl@3"])]),

    .systemLibrary(
      name: "CZip", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"]), .brew(["zlib"])]),

    .systemLibrary(
      name: "CPNG", pkgConfig: "libpng", providers: [.apt(["libpng-dev"]), .brew(["libpng"])]),
    .systemLibrary(
      name: "CTurboJPEG", pkgConfig: "libturbojpeg",
      providers: [.apt(["libturbojpeg0-dev"]), .brew(["jpeg-turbo"])]),
    .systemLibrary(
      name: "CFreeType", pkgConfig: "freetype2",
      providers: [.apt(["libfreetype-dev"]), .brew(["freetype"])]),

    // In C, since libpng's errors are jumps that must not cross Swift's frames.
    .target(name: "CImages", dependencies: ["CPNG", "CTurboJPEG", "CFreeType"]),
    // In C, since there a function can be compiled for instructions that not every processor has.
    .target(name: "CWinograd"),
    .target(name: "CVersion", cSettings: [.define("NNFMT_VERSION", to: "\"\(version)\"")]),

    .target(name: "FileSupport", dependencies: ["CCrypto"]),
    .target(name: "Archive", dependencies: ["FileSupport", "CZip"]),
    .target(name: "ModelGraph", dependencies: ["FileSupport"]),
    .target(name: "Darknet", dependencies: ["ModelGraph"]),
    .target(name: "HDF5", dependencies: ["FileSupport", "CHDF5"]),
    .target(name: "Keras", dependencies: ["ModelGraph", "HDF5", "Archive"]),
    .target(name: "SafeTensors", dependencies: ["ModelGraph"]),
    .target(name: "Conversion", dependencies: ["Darknet", "Keras"]),
    .target(name: "Inspection", dependencies: ["Darknet", "Keras"]),
    .target(name: "Validation", dependencies: ["Inference", "Conversion", "Inspection"]),
    .target(name: "COneDNN", linkerSettings: [.linkedLibrary("dl", .when(platforms: [.linux]))]),
    .target(name: "Inference", dependencies: ["ModelGraph", "COneDNN", "CWinograd"]),
    .target(name: "Training", dependencies: ["Inference"]),
    .target(name: "Images", dependencies: ["FileSupport", "CImages"]),
    .target(name: "Detection", dependencies: ["Darknet"]),
    .target(
      name: "ModelFiles", dependencies: ["Validation", "SafeTensors", "Images", "Detection"]),
    .executableTarget(
      name: "nnfmt",
      dependencies: [
        "ModelFiles", "Training", "CVersion",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),

    // What the tests of several targets share.
    .target(name: "TestSupport", dependencies: ["FileSupport"], path: "Tests/TestSupport"),
    // The README's examples, word for word.
    .executableTarget(
      name: "ReadmeExample", dependencies: ["ModelFiles"], path: "Tests/ReadmeExample"),
    .executableTarget(
      name: "ReadmeValidation", dependencies: ["ModelFiles"], path: "Tests/ReadmeValidation"),
    .testTarget(name: "FileSupportTests", dependencies: ["FileSupport", "TestSupport"]),
    .testTarget(name: "ArchiveTests", dependencies: ["Archive", "TestSupport"]),
    .testTarget(name: "ModelGraphTests", dependencies: ["ModelGraph", "TestSupport"]),
    .testTarget(
      name: "DarknetTests", dependencies: ["Darknet", "TestSupport"], exclude: ["Snapshots"]),
    .testTarget(name: "HDF5Tests", dependencies: ["HDF5", "TestSupport"]),
    .testTarget(name: "KerasTests", dependencies: ["Keras", "Inference", "TestSupport"]),
    .testTarget(name: "SafeTensorsTests", dependencies: ["SafeTensors", "TestSupport"]),
    .testTarget(
      name: "InferenceTests", dependencies: ["Inference", "CWinograd", "Darknet", "TestSupport"]),
    .testTarget(name: "TrainingTests", dependencies: ["Training", "Darknet", "TestSupport"]),
    .testTarget(name: "ConversionTests", dependencies: ["Conversion", "TestSupport"]),
    .testTarget(
      name: "InspectionTests", dependencies: ["Inspection", "Conversion", "TestSupport"]),
    .testTarget(name: "ValidationTests", dependencies: ["Validation", "TestSupport"]),
    .testTarget(name: "ImagesTests", dependencies: ["Images", "TestSupport"]),
    .testTarget(name: "DetectionTests", dependencies: ["Detection", "TestSupport"]),
    .testTarget(name: "ModelFilesTests", dependencies: ["ModelFiles", "TestSupport"]),
    .testTarget(
      name: "CommandTests", dependencies: ["nnfmt", "Conversion", "Inspection", "TestSupport"],
      exclude: ["Snapshots"]),
  ],
  swiftLanguageModes: [.v6]
)

// The documentation plug-in is kept out of the graph of those who depend on us.
if Context.environment["NNFMT_DOCC"] == "1" {
  package.dependencies.append(
    .package(url: "https://github.com/swiftlang/swift-docc-plugin", from: "1.5.0"))
}
