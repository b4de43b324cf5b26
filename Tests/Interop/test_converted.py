"""What nnfmt converted, nnfmt validates, in corners that Tests/Faults does not reach."""

import pytest

import small_keras_models
from changed_files import configuration, with_configuration


def test_several_outputs_are_stated(nnfmt, tmp_path):
    """The cfg says which layers they are: `run` writes them, and a model that lacks one is another."""
    model = small_keras_models.write("two_outputs", tmp_path / "m.h5")
    nnfmt("convert", model, tmp_path / "out.weights")
    cfg = (tmp_path / "out.cfg").read_text()
    assert cfg.startswith("# made by nnfmt from m.h5\n# nnfmt: outputs=3,4\n[net]\n")
    nnfmt("validate", model, tmp_path / "out.weights")
    nnfmt("convert", tmp_path / "out.cfg", tmp_path / "clean.cfg")
    assert (tmp_path / "clean.cfg").read_text().startswith("# nnfmt: outputs=3,4\n[net]\n")


def test_folded_numbers(nnfmt, tmp_path):
    """A bias and an epsilon that darknet has no place for are compared as they were folded."""
    model = small_keras_models.write("two_outputs", tmp_path / "m.h5")
    nnfmt("convert", model, tmp_path / "out.weights")
    for option in ([], ["--cfg", tmp_path / "out.cfg"]):
        for files in ((model, tmp_path / "out.weights"), (tmp_path / "out.weights", model)):
            answer = nnfmt("validate", *files, *option, "--json").json
            # Three sections of constants make the ReLU6; the last of them puts out what it does.
            assert answer["parameters"] == {"compared": 13, "differing": 0}
            assert [layer["name"] for layer in answer["layers"]] == ["convolutional_3", "convolutional_4"]


def test_an_epsilon_is_made_up_for_where_names_differ(nnfmt, tmp_path):
    """Filled into a named cfg by order, the variances make up for darknet's own epsilon, as in a network that is made."""
    model = small_keras_models.write("normalized", tmp_path / "m.h5")
    nnfmt("convert", model, tmp_path / "out.weights")
    nnfmt("convert", model, tmp_path / "filled.weights", "--cfg", tmp_path / "out.cfg")
    assert (tmp_path / "filled.weights").read_bytes() == (tmp_path / "out.weights").read_bytes()


DETECTOR = """[net]
width=8
height=8
channels=3
[convolutional]
batch_normalize=1
filters=4
size=3
pad=1
activation=leaky
[maxpool]
size=2
stride=2
[convolutional]
filters=7
activation=linear
[yolo]
anchors=1,2, 3,4
mask=1
classes=2
num=2
"""


@pytest.mark.parametrize("line, changed, option", [
    (None, None, None), ("size=2", "size=3", "size"), ("activation=leaky", "activation=relu", "function"),
    ("pad=1", "pad=1\ndilation=2", "dilation"),
])
def test_a_named_network_filled_by_a_model_of_other_names(nnfmt, tmp_path, line, changed, option):
    """Zeros around an image may stand in a layer of their own or not."""
    model = small_keras_models.write("detector", tmp_path / "m.h5")
    (tmp_path / "out.cfg").write_text(DETECTOR)
    nnfmt("convert", model, tmp_path / "out.weights", "--cfg", tmp_path / "out.cfg")
    if line:
        (tmp_path / "out.cfg").write_text(DETECTOR.replace(line, changed))
    for files in ((model, tmp_path / "out.weights"), (tmp_path / "out.weights", model)):
        answer = nnfmt("validate", *files, "--json", code=1 if line else 0).json
        options = [row["option"] for row in answer["differences"]]
        assert not option or any(option in name for name in options), options


def test_the_dialect_is_not_said_again(nnfmt, tmp_path):
    """The cfg says for which darknet the network was made; another reading would be another network."""
    model = small_keras_models.write("normalized", tmp_path / "m.h5")
    nnfmt("convert", model, tmp_path / "out.weights", "--dialect", "pjreddie")
    assert "# nnfmt: dialect=pjreddie" in (tmp_path / "out.cfg").read_text()
    nnfmt("convert", tmp_path / "out.weights", tmp_path / "again.h5")
    for files in ((model, tmp_path / "out.weights"), (tmp_path / "out.weights", tmp_path / "again.h5")):
        nnfmt("validate", *files)
        nnfmt("validate", *reversed(files))
    nnfmt("validate", model, tmp_path / "out.weights", "--dialect", "alexeyab", code=1)


@pytest.mark.parametrize("change", [
    {"a": {"strides": [3, 3]}}, {"a": {"dilation_rate": [2, 3]}}, {"n": {"axis": [2]}},
    {"r": {"activation": "softsign"}},
])
def test_what_no_darknet_can_hold(nnfmt, tmp_path, change):
    """A model that convert would refuse is another one than the network, wherever that shows."""
    model = small_keras_models.write("normalized", tmp_path / "m.h5")
    nnfmt("convert", model, tmp_path / "out.weights")
    config = configuration(model)
    for layer in config["config"]["layers"]:
        layer["config"].update(change.get(layer["name"], {}))
    with_configuration(model, tmp_path / "other.h5", config)
    for files in ((tmp_path / "other.h5", tmp_path / "out.weights"), (tmp_path / "out.weights", tmp_path / "other.h5")):
        code = nnfmt("validate", *files, "--json", code=None).code
        # Numbers that don't fit their own configuration are damage.
        assert code == (65 if "axis" in change.get("n", {}) else 1)


@pytest.mark.parametrize("given", [[], ["--dialect", "pjreddie"]])
def test_carried_network_and_dialect(nnfmt, workplace, given):
    """The .h5 tells the other side what it was made as, and of which network."""
    nnfmt("convert", workplace.weights, workplace.out / "m.h5", "--dialect", "pjreddie")
    nnfmt("validate", workplace.weights, workplace.out / "m.h5", *given)
    nnfmt("validate", workplace.out / "m.h5", workplace.weights, *given)
    alone = workplace.out / "alone.weights"
    alone.write_bytes(workplace.weights.read_bytes())
    nnfmt("validate", alone, workplace.out / "m.h5", *given)
    if not given:
        nnfmt("validate", alone, workplace.out / "m.h5", "--dialect", "alexeyab", code=1)


def test_partial_files(nnfmt, workplace):
    """What a file lacks is not compared, and the report says so; what it has is."""
    part = workplace.inputs / "part.weights"
    nnfmt("convert", workplace.weights, part, "--upto", 2)
    nnfmt("convert", part, workplace.out / "m.h5", "--allow-partial", "--cfg", workplace.cfg)
    for files in ((workplace.weights, part), (part, workplace.out / "m.h5"), (workplace.out / "m.h5", part)):
        answer = nnfmt("validate", *files, "--cfg", workplace.cfg, "--allow-partial", "--json").json
        assert [layer["name"] for layer in answer["layers"]] == ["convolutional_0", "convolutional_1"]
        assert any(text.startswith("convolutional_2 and all behind it") for text in answer["evidence"]["not_proved"])
        nnfmt("validate", *files, "--cfg", workplace.cfg, code=65)
    part.write_bytes(part.read_bytes()[:-1] + bytes([workplace.bytes[-1] ^ 1]))
    for other in (workplace.weights, workplace.out / "m.h5"):
        nnfmt("validate", other, part, "--cfg", workplace.cfg, "--allow-partial", code=1)
