"""Small models of every stock layer of Keras 2 and 3 that computes something definite at inference.

`python Tests/Interop/keras_models FOLDER` writes them all, with inputs and expected outputs.
"""
