nnfmt convert detector.weights detector.h5
