import FileSupport
import Inference
import ModelGraph

/// An array that somebody saved, as a value of a model.
enum SavedArray {
  /// The array in the order of a value's axes: with a batch axis or without it, images with their channels first or last as
  /// the shape tells, or flat.
  ///
  /// - Throws: `ModelFileError` of the file; of kind `damaged` if it can't be the value.
  static func tensor(
    _ array: NpyFile, _ path: String, like sample: Shape
  ) throws(ModelFileError) -> Tensor {
    let shape = Shape(array.shape)
    do throws(ModelFileError) {
      if let fitted = try? shape.input(for: sample) {
        return Tensor(shape: fitted, values: try array.floats())
      }
      if let view = relaid(shape, as: sample) {
        return Tensor(
          shape: Shape(view.extents), values: try array.floats().gathered(by: view))
      }
      let count = sample.elementCount
      let isFlat = shape.rank == 1 || shape.rank == 2 && shape.extents[1] == count
      if isFlat, count > 0, array.count > 0, array.count % count == 0 {
        return Tensor(
          shape: Shape([array.count / count] + sample.extents), values: try array.floats())
      }
    } catch {
      throw error.inFile(path)
    }
    throw ModelFileError(
      .damaged, file: path, "is no value of this layer of the model",
      expected: "(N, \(sample.extents.map(String.init).joined(separator: ", ")))",
      found: "\(shape)", remedy: "save it as the model's framework has it")
  }

  /// The walk over images that have their channels elsewhere.
  private static func relaid(_ shape: Shape, as sample: Shape) -> StridedView? {
    guard sample.rank == 3 else { return nil }
    return orders(of: shape).first { Array($0.extents.dropFirst()) == sample.extents }
  }

  /// Images with their channels moved to the end, and to the front, the batch axis being in front.
  static func orders(of shape: Shape) -> [StridedView] {
    guard [3, 4].contains(shape.rank) else { return [] }
    let extents = shape.rank == 4 ? shape.extents : [1] + shape.extents
    return [[0, 2, 3, 1], [0, 3, 1, 2]].map {
      StridedView(contiguous: Shape(extents)).permuted($0)
    }
  }
}
