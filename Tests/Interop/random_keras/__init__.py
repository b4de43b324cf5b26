"""Random Keras models of both generations, with Keras itself as the judge of what nnfmt makes of them.

A model is first a description (`description.py`), grown out of a grammar (`growing.py`, `layers_*.py`, `functions.py`)
while real Keras builds it, so that shapes are Keras's own; a description can be built again, printed as Python and
cut down (`shrinking.py`). `judging.py` saves a model, has nnfmt inspect, run, convert and validate the files, and
compares. `Tests/Interop/random_models.py` is the command.
"""
