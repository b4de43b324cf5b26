cp samples/sample.cfg detector.cfg
cp samples/sample.weights detector.weights
nnfmt inspect detector.weights
