nnfmt convert detector.weights detector.h5
nnfmt validate detector.weights detector.h5
