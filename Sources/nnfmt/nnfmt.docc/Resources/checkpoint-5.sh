nnfmt convert detector.weights detector.h5
nnfmt validate detector.weights detector.h5

nnfmt validate detector.h5 --record recorded
nnfmt validate detector.h5 --expect recorded
