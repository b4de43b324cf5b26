"""How layers are joined: nesting, sharing, several inputs and outputs, names."""

import numpy as np

from .case import EVERY, KERAS_2, KERAS_3, RECURRENT, Family, chain, stack
from .frozen_models import frozen, frozen_inside_nested, frozen_spectral, frozen_wrappers, whole_frozen
from .nested_models import (
    called_with_names, encoder, nested_one_output_of_two, nested_passes_input, nested_with_several, shared_model,
    shared_twice_nested)

models = Family(__name__)
add = models.add


add("nested_functional", lambda k: chain(k, (6,), encoder(k, name="encoder"), k.layers.Dense(3)), containers=EVERY)
add("nested_sequential", lambda k: stack(
    k, (6,), k.Sequential([k.layers.Dense(5, activation="relu"), k.layers.Dense(4)], name="body"), k.layers.Dense(3)), containers=EVERY)
add("nested_twice", lambda k: chain(
    k, (6,), k.layers.Dense(6), chain(k, (6,), k.layers.Dense(6), encoder(k), k.layers.Dense(4, activation="tanh")), k.layers.Dense(2)), containers=EVERY)
add("sequential_in_functional_in_sequential", lambda k: stack(
    k, (6,), chain(k, (6,), k.Sequential([k.layers.Dense(4), k.layers.PReLU()]), k.layers.Dense(3))))
add("sequential_without_input_layer", lambda k: k.Sequential([k.layers.Dense(4, input_shape=(6,)), k.layers.Dense(2)]))


def built_later(k):
    model = k.Sequential([k.layers.Dense(4, activation="relu"), k.layers.Dense(2)])
    model.build((None, 6))
    return model


add("sequential_built_later", built_later, feed=lambda random: [random.normal(0, 1, (2, 6)).astype("float32")])
add("empty_functional", lambda k: chain(k, (3,)))
add("called_with_names", called_with_names(), containers=EVERY)
add("called_with_names_turned", called_with_names(turned=True))
add("called_with_names_masked", called_with_names(masked=True), impossible={
    KERAS_3: {"h5": "Keras 3 reads no function of a mask back"}},
    feed=lambda random: [np.where(random.uniform(size=(2, 4, 1)) < 0.4, 0, random.normal(size=(2, 4, 3))).astype(np.float32),
                         random.normal(size=(2, 4, 3)).astype(np.float32)])


def shared_layer(k):
    a, b = k.Input((4,)), k.Input((4,))
    dense = k.layers.Dense(3, activation="tanh")
    return k.Model([a, b], k.layers.Concatenate()([dense(a), dense(b), dense(a)]))


add("shared_layer", shared_layer, containers=EVERY)
add("shared_model", shared_model, containers=EVERY)


add("shared_inside_and_outside", shared_twice_nested, impossible=dict.fromkeys(
    (KERAS_2, KERAS_3), {"keras": "Keras writes the weights of the shared model once and looks for them twice"}))


def layer_in_a_row(k):
    dense = k.layers.Dense(4, activation="tanh")
    return chain(k, (4,), dense, dense, dense)


add("layer_applied_three_times", layer_in_a_row)


def shared_batch_normalization(k):
    a, b = k.Input((4, 3)), k.Input((5, 3))
    normalization = k.layers.BatchNormalization()
    return k.Model([a, b], [normalization(b), normalization(a)])


add("shared_for_other_shapes", shared_batch_normalization)


def several(k):
    a, b, c = k.Input((4,), name="zeta"), k.Input((3,), name="alpha"), k.Input((4,), name="mu")
    x = k.layers.Dense(3, name="first")(a)
    y = k.layers.Multiply(name="second")([x, b])
    return k.Model([a, b, c], [k.layers.Add(name="third")([a, c]), y, x])


add("several_inputs_and_outputs", several, containers=EVERY, layers=True)


def inputs_reordered(k):
    a, b = k.Input((4,)), k.Input((3,))
    x, y = k.layers.Dense(2)(a), k.layers.Dense(2)(b)
    return k.Model([b, a], [y, k.layers.Subtract()([x, y])])


add("inputs_in_another_order", inputs_reordered)


def input_as_output(k):
    a, b = k.Input((4,)), k.Input((3,))
    return k.Model([a, b], [b, k.layers.Dense(2)(a), a])


add("input_as_output", input_as_output)


def same_output_twice(k):
    start = k.Input((4,))
    x = k.layers.Dense(2)(start)
    return k.Model(start, [x, k.layers.ReLU()(x), x])


add("same_output_twice", same_output_twice)


def dead_branches(k):
    start = k.Input((4,))
    x = k.layers.Dense(3)(start)
    k.layers.Dense(5)(x)
    return k.Model(start, k.layers.Dense(2)(x))


add("dead_branch", dead_branches)


def cut_out(k):
    start = k.Input((4,))
    x = k.layers.Dense(3, activation="relu")(start)
    whole = k.Model(start, k.layers.Dense(2)(x))
    return k.Model(whole.input, [whole.layers[1].output, whole.output])


add("intermediate_output", cut_out)


def from_the_middle(k):
    start = k.Input((4,))
    x = k.layers.Dense(3, activation="relu")(start)
    y = k.layers.Dense(2)(x)
    return k.Model(x, y)


add("begins_in_the_middle", from_the_middle)


def one_output_in_a_list(k):
    start = k.Input((4,))
    return k.Model([start], [k.layers.Dense(2)(start)])


add("lists_of_one", one_output_in_a_list)


def dictionary(k):
    a, b = k.Input((4,), name="b_in"), k.Input((4,), name="a_in")
    x = k.layers.Subtract()([a, b])
    return k.Model({"b_in": a, "a_in": b}, {"z": k.layers.Dense(2)(x), "c": x})


add("dictionaries", dictionary)


def dictionary_of_outputs(k):
    start = k.Input((4,))
    x = k.layers.Dense(3)(start)
    return k.Model(start, {"z": k.layers.Dense(2)(x), "c": x})


add("dictionary_of_outputs", dictionary_of_outputs)
add("nested_with_several_inputs_and_outputs", nested_with_several, containers=EVERY)


add("nested_second_output_only", nested_one_output_of_two)
add("nested_input_as_output", nested_passes_input)


def residual(k):
    x = start = k.Input((6, 5, 3))
    for index in range(3):
        y = k.layers.Conv2D(3, 3, padding="same", name=f"block{index}_conv")(x)
        y = k.layers.BatchNormalization(name=f"block{index}_bn")(y)
        x = k.layers.ReLU(name=f"block{index}_out")(k.layers.Add(name=f"block{index}_add")([x, y]))
    return k.Model(start, k.layers.Dense(2)(k.layers.GlobalAveragePooling2D()(x)))


add("residual", residual, containers=EVERY, layers=True)


def u_net(k):
    x = start = k.Input((8, 8, 1))
    down = k.layers.Conv2D(3, 3, padding="same", activation="relu")(x)
    x = k.layers.Conv2D(4, 3, padding="same", activation="relu")(k.layers.MaxPooling2D()(down))
    x = k.layers.Conv2DTranspose(3, 2, strides=2)(x)
    return k.Model(start, k.layers.Conv2D(2, 1, activation="softmax")(k.layers.Concatenate()([x, down])))


add("u_net", u_net)
add("frozen", frozen, containers=EVERY)


add("all_frozen", whole_frozen)
add("frozen_inside_nested", frozen_inside_nested, containers=EVERY)


add("frozen_wrappers", frozen_wrappers, containers=EVERY, tolerance=RECURRENT)
add("frozen_spectral", frozen_spectral, on=KERAS_3, containers=EVERY)


def compiled(k):
    model = chain(k, (6,), k.layers.Dense(4, activation="relu"), k.layers.Dense(2))
    model.compile("adam", "mse")
    return model


def one_step(model, k):
    model.fit(np.ones((2, 6), np.float32), np.ones((2, 2), np.float32), verbose=0)


add("compiled_and_trained", compiled, finish=one_step)


def odd_names(k):
    names = ["a b", "läyer", "x.y", "dense_10", "dense_9", "Dense", "kernel", "a-b", "0", "vars"]
    if k.__name__ == KERAS_2:
        # TensorFlow's names of scopes have no spaces, and are ASCII.
        names = [name for name in names if name.isascii() and " " not in name]
    x = start = k.Input((4,), name="in.put-1")
    for name in names:
        x = k.layers.Dense(4, activation="tanh", name=name)(x)
    return k.Model(start, x, name="unit.test")


add("odd_names", odd_names, containers=EVERY)


def names_with_slashes(k):
    x = start = k.Input((4,))
    for name in ("block/a", "block/b", "block"):
        x = k.layers.Dense(4, activation="tanh", name=name)(x)
    return k.Model(start, x)


add("names_with_slashes", names_with_slashes, on=KERAS_2)
add("many_layers", lambda k: stack(k, (4,), *[k.layers.Dense(4, activation="tanh") for _ in range(23)]))
add("same_inner_names", lambda k: chain(
    k, (6,), encoder(k, name="one"), k.layers.Dense(6), encoder(k, name="two")), containers=EVERY)


def lstm_states_crossed(k):
    x, y = k.Input((4, 3)), k.Input((5, 2))
    sequence, h, c = k.layers.LSTM(3, return_sequences=True, return_state=True)(x)
    z = k.layers.LSTM(3)(y, initial_state=[c, h])
    return k.Model([y, x], [z, sequence, c])


add("outputs_of_a_layer_crossed", lstm_states_crossed)
