"""What the classes of each Keras take as keys of a configuration, by trying: `python constructor_keys.py FOLDER`.

Writes the tables in Sources/Keras/Loading (`KerasNames2.swift`, …), which `test_loads_in.py` holds against the
installed Kerases. A key counts as taken if `from_config` with it does not end in the complaint about an
argument that the class does not know.
"""

import importlib
import inspect
import os
import pkgutil
import sys
import textwrap
import types
import warnings
from pathlib import Path

from layer_instances import REQUIRED, instance

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")


def refuses(error):
    text = str(error)
    while error.__cause__ is not None:
        error = error.__cause__
        text += str(error)
    return any(said in text for said in (
        "Unrecognized keyword", "unexpected keyword argument", "Keyword argument not understood", "not understood:",
        "Invalid keyword argument"))


def classes(k):
    """The classes that a configuration can name as a layer, by the names it can use."""
    if k.__name__ == "tf_keras":
        from tf_keras.src.layers import serialization
        serialization.populate_deserializable_objects()
        found = {name: value for name, value in serialization.LOCAL.ALL_OBJECTS.items()}
    else:
        from keras.src import layers, models
        found = dict(vars(layers)) | {"Functional": models.Functional, "Model": models.Model, "Sequential": models.Sequential}
    return {name: value for name, value in found.items()
            if inspect.isclass(value) and issubclass(value, k.layers.Layer) and not issubclass(value, k.Model)}


def constructor_keys(cls):
    """What the constructors of a class declare, one after the other as long as they pass others on."""
    keys, required = set(), set()
    for base in cls.__mro__:
        if "__init__" not in vars(base) or base is object:
            continue
        parameters = list(inspect.signature(base.__init__).parameters.values())[1:]
        named = [what for what in parameters if what.kind in (what.POSITIONAL_OR_KEYWORD, what.KEYWORD_ONLY)]
        if not keys:
            required = {what.name for what in named if what.default is what.empty}
        keys |= {what.name for what in named}
        if not any(what.kind == what.VAR_KEYWORD for what in parameters):
            break
    return keys, required


def kind(value):
    return {bool: ":b", int: ":i", float: ":f", list: ":l", tuple: ":l"}.get(type(value), "")


def call_parameters(cls):
    """The arguments of a call in order: `!` behind those that it can't do without, `*` for any more."""
    try:
        parameters = list(inspect.signature(cls.call).parameters.values())[1:]
    except (TypeError, ValueError):
        return ["*"]
    return [("*" if what.kind in (what.VAR_POSITIONAL, what.VAR_KEYWORD) else what.name + "!" * (what.default is what.empty))
            for what in parameters]


class Rows:
    """`Name(key key:kind key!|argument argument)`, packed into lines."""

    def __init__(self):
        self.rows = []

    def add(self, name, keys, required=(), kinds=None, call=None):
        kinds = kinds or {}
        words = [key + kinds.get(key, "") + "!" * (key in required) for key in sorted(keys)]
        self.rows.append(f"{name}({' '.join(words)}{'|' + ' '.join(call) if call is not None else ''})")

    def swift(self, name, comment):
        text = textwrap.fill(" ".join(sorted(self.rows)), 96, initial_indent="    ", subsequent_indent="    ",
                             break_long_words=False, break_on_hyphens=False)
        return f'  /// {comment}\n  static let {name} = """\n{text}\n    """\n'


def universe(found, configs):
    keys = {"time_major", "batch_input_shape", "batch_shape", "input_dtype", "input_length", "weights", "batch_size",
            "input_shape", "input_dim", "dynamic", "build_config", "type_spec", "nb_filter", "alpha", "negative_slope"}
    for name, cls in found.items():
        keys |= constructor_keys(cls)[0] | set(configs.get(name, ()))
    return keys - {"self", "args", "kwargs"}


def from_config_takes(cls, config, key):
    try:
        cls.from_config(dict(config) | {key: None})
    except Exception as error:  # noqa: BLE001
        return not refuses(error)
    return True


def configurations(k):
    """The layer classes, and what those of which an instance can be made write."""
    found, configs = classes(k), {}
    for name, cls in found.items():
        try:
            config = instance(k, name, cls).get_config()
            if not from_config_takes(cls, config, "no such key"):
                configs[name] = config
        except Exception:  # noqa: BLE001 - its constructors' declarations do
            pass
    return found, configs


def layer_rows(found, configs, keys):
    """The rows of all layer classes, and the keys that nearly all take."""
    taken = {}
    for name, cls in found.items():
        config = configs.get(name)
        taken[name] = constructor_keys(cls)[0] if config is None else set(config) | {
            key for key in keys - set(config) if from_config_takes(cls, config, key)}
    plain = taken["Add"]
    rows = Rows()
    for name, cls in found.items():
        required = (constructor_keys(cls)[1] | set(REQUIRED.get(name, ()))) & taken[name]
        values = configs.get(name, {})
        words = taken[name] - plain
        if len(plain - taken[name]) < 5:
            words |= {"-" + key for key in plain - taken[name]}
        else:
            words = taken[name] | {"-"}
        rows.add(name, words, required, {key: kind(value) for key, value in values.items()}, call_parameters(cls))
    return rows, plain


def object_rows(objects):
    """Initializers and the like: by every name that finds one, what its constructor takes."""
    rows = Rows()
    for name, value in objects.items():
        if inspect.isclass(value):
            keys, required = constructor_keys(value)
            rows.add(name, keys, required)
        else:
            rows.add(name, ())
    return rows


def public(objects, base):
    return {name: value for name, value in objects.items()
            if inspect.isclass(value) and issubclass(value, base) and value is not base}


def second():
    import tf_keras as k
    from tf_keras.src import activations, constraints, regularizers
    from tf_keras.src.initializers import LOCAL, populate_deserializable_objects
    from tf_keras.src.layers import activation as activation_layers

    populate_deserializable_objects()
    functions = {name for module in (activations, activation_layers) for name, value in vars(module).items()
                 if isinstance(value, types.FunctionType) or inspect.isclass(value) and issubclass(value, k.layers.Layer)}
    functions -= {"get", "serialize", "deserialize", "keras_export"}
    rules = {name: value for name, value in vars(regularizers).items()
             if inspect.isclass(value) and issubclass(value, regularizers.Regularizer)
             or name in ("l1", "l2", "l1_l2", "orthogonal_regularizer")}
    limits = {name: value for name, value in vars(constraints).items()
              if inspect.isclass(value) and issubclass(value, constraints.Constraint)}
    return k, dict(LOCAL.ALL_OBJECTS), rules, limits, functions


def third():
    import keras as k
    from keras.src import activations, constraints, initializers, regularizers

    return (k, initializers.ALL_OBJECTS_DICT, regularizers.ALL_OBJECTS_DICT, constraints.ALL_OBJECTS_DICT,
            set(activations.ALL_OBJECTS_DICT))


def operation_rows():
    """The functions of Keras 3's ops, by module and class."""
    from keras.src import ops
    from keras.src.layers.layer import Layer
    from keras.src.ops.operation import Operation

    rows = Rows()
    for module in pkgutil.walk_packages(ops.__path__, "keras.src.ops."):
        if module.name.endswith("_test"):
            continue
        for name, value in vars(importlib.import_module(module.name)).items():
            if (inspect.isclass(value) and issubclass(value, Operation) and not issubclass(value, Layer)
                    and value.__module__ == module.name and value is not Operation):
                keys, required = constructor_keys(value)
                rows.add(f"{module.name.rpartition('.')[2]}.{name}", keys, required, call=call_parameters(value))
    return rows


def layer_aliases():
    """Other public names of Keras 3's layers, which only configurations with modules can use."""
    import keras
    from keras.src import layers

    rows = Rows()
    for name, value in vars(keras.layers).items():
        if inspect.isclass(value) and issubclass(value, keras.layers.Layer) and name not in vars(layers):
            rows.add(name, [value.__name__])
    return rows


def words(name, comment, values):
    text = textwrap.fill(" ".join(sorted(values)), 96, initial_indent="    ", subsequent_indent="    ")
    return f'  /// {comment}\n  static let {name} = """\n{text}\n    """\n'


def swift(generation, found, configs, keys):
    """The texts of a generation's files by their names."""
    k, initializers, rules, limits, functions = second() if generation == 2 else third()
    rows, plain = layer_rows(found, configs, keys)
    files = {
        f"KerasNames{generation}.swift": [
            rows.swift("layers", "The layers: what the constructor takes beyond ``common``, `-key` if not; its call."),
            words("common", "What nearly all layers take.", plain)],
        f"KerasNames{generation}+Objects.swift": [
            object_rows(initializers).swift("initializers", "The initializers."),
            object_rows(rules).swift("regularizers", "The regularizers."),
            object_rows(limits).swift("constraints", "The constraints."),
            words("activations", "The names of functions that an activation can have.", functions)]}
    if generation == 3:
        files["KerasNames3+Operations.swift"] = [
            operation_rows().swift("operations", "The functions of `keras.ops`, by the last part of their module."),
            layer_aliases().swift("aliases", "Public names of layers beside those of their classes.")]
    title = f"{k.__name__} {k.__version__}"
    return {name: text(title, generation, name, parts) for name, parts in files.items()}


def text(title, generation, name, parts):
    head = "extension" if "+" in name else "enum"
    return (f"/// What {title} finds by name, and the keys that it takes; made by\n"
            f"/// `Tests/Interop/constructor_keys.py`, not by hand. ``NameTable`` reads it.\n" * (head == "enum")
            + f"// {title}; made by `Tests/Interop/constructor_keys.py`, not by hand.\n\n" * (head == "extension")
            + f"{head} KerasNames{generation} {{\n" + "\n".join(parts) + "}\n")


def files(only=None):
    """All texts by their files' names, of layers with the rows of some only; each Keras is tried with all keys of
    both."""
    warnings.simplefilter("ignore")
    kerases = {generation: configurations(importlib.import_module(name)) for generation, name in ((2, "tf_keras"), (3, "keras"))}
    keys = set().union(*(universe(*kerases[generation]) for generation in kerases))
    return {name: text for generation, (found, configs) in kerases.items()
            for name, text in swift(generation, {name: found[name] for name in found if not only or name in only},
                                    configs, keys).items()}


if __name__ == "__main__":
    for name, text in files().items():
        Path(sys.argv[1], name).write_text(text)
