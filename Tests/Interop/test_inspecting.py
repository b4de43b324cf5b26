"""A closer look with `inspect`: what layers are connected to, trainable numbers, options and where they come from."""

import re
from xml.etree import ElementTree

import h5py
import numpy as np
import pytest

from frameworks import FRAMEWORKS, module


def connected_model(keras):
    layers = keras.layers
    picture = keras.Input((8, 8, 3), name="picture")
    first = layers.Conv2D(4, 3, padding="same", name="first")(picture)
    normal = layers.BatchNormalization(name="normal")(first)
    frozen = layers.Conv2D(4, 1, name="frozen", trainable=False)(normal)
    joined = layers.Add(name="joined")([first, frozen])
    shared = layers.Dense(4, name="shared")
    both = layers.Concatenate(name="both")([shared(joined), shared(first)])
    return keras.Model(picture, layers.Flatten(name="flat")(both))


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_keras(framework, nnfmt, tmp_path):
    model = connected_model(module(framework))
    model.save(tmp_path / "m.h5")
    found = nnfmt("inspect", tmp_path / "m.h5", "--json").json
    layers = {layer["name"]: layer for layer in found["layers"]}
    assert layers["joined"]["connected_to"] == ["first", "frozen"]
    assert layers["shared"]["connected_to"] == ["joined", "first"]
    assert layers["both"]["connected_to"] == ["shared", "shared"]
    assert layers["picture"]["connected_to"] == []
    trainable = sum(int(np.prod(w.shape)) for w in model.trainable_weights)
    assert found["trainable_count"] == trainable
    assert found["parameter_count"] == model.count_params()


def test_darknet_sources_and_memory(nnfmt, tmp_path):
    (tmp_path / "n.cfg").write_text(
        "[net]\nwidth=8\nheight=8\nchannels=3\n"
        "[convolutional]\nfilters=4\nsize=1\nactivation=linear\n"
        "[convolutional]\nfilters=4\nsize=1\nactivation=linear\n"
        "[route]\nlayers=-1,-2\n[route]\nlayers=0\n[shortcut]\nfrom=1\nactivation=linear\n")
    found = nnfmt("inspect", tmp_path / "n.cfg", "--json").json
    names = [layer["connected_to"] for layer in found["layers"]]
    assert names == [["input"], ["convolutional_0"], ["convolutional_1", "convolutional_0"], ["convolutional_0"],
                     ["route_3", "convolutional_1"]]
    # Only what the output needs: input and first (7 × 64), first and second (8), those and their sum (12).
    assert found["activations"]["peak_bytes"] == 12 * 64 * 4
    assert found["activations"]["largest_bytes"] == 4 * 64 * 4


def test_options_of_a_layer(sample, nnfmt):
    cfg, weights = sample
    lines = cfg.read_text().splitlines()
    for dialect, epsilon in (("alexeyab", "1e-05"), ("hank-ai", "1e-05")):
        found = nnfmt("inspect", weights, "--cfg", cfg, "--layer", "0", "--values", "3", "--json", "--dialect", dialect).json
        layer, = found["layers"]
        options = {option["key"]: option for option in layer["options"]}
        for option in options.values():
            if option["origin"] == "cfg":
                key, value = (part.strip() for part in lines[option["line"] - 1].split("="))
                assert (option["key"], option["value"]) == (key, value)
        assert options["filters"]["origin"] == "cfg"
        assert options["groups"]["origin"] == "default" and options["groups"]["value"] == "1"
        assert (options["epsilon"]["value"], options["epsilon"]["origin"]) == (epsilon, "dialect")
        numbers = np.fromfile(weights, np.float32, offset=20)
        first = layer["parameters"][0]
        assert np.allclose(first["values"], numbers[:3], rtol=1e-6)
        assert np.isclose(first["stats"]["max"], numbers[:first["shape"][0]].max())


def test_epsilon_of_pjreddie(nnfmt, tmp_path):
    (tmp_path / "n.cfg").write_text(
        "[net]\nwidth=8\nheight=8\nchannels=3\n"
        "[convolutional]\nbatch_normalize=1\nfilters=4\nsize=1\ngroups=1\nactivation=linear\n")
    options = nnfmt("inspect", tmp_path / "n.cfg", "--layer", "-1", "--json", "--dialect", "pjreddie").json["layers"][0]["options"]
    assert [option["value"] for option in options if option["key"] == "epsilon"] == ["1e-06"]


def test_layers_that_are_not_there(sample, nnfmt):
    cfg, _ = sample
    for name in ("9999", "-999", "nothing", "", "0x1"):
        assert "has no layer" in nnfmt("inspect", cfg, "--layer", name, code=64).err
    for more in (["--values", "3"], ["--layer", "0", "--values", "0"], ["--layer", "0", "--filter", "*"],
                 ["--layer", "0", "--format", "tsv"], ["--json", "--format", "tsv"], ["--format", "xml"], ["--sort", "x"]):
        nnfmt("inspect", cfg, *more, code=64)


def open_model(keras):
    """Two inputs of open extents; the second one's is of time steps."""
    layers = keras.layers
    picture, words = keras.Input((None, None, 3), name="picture"), keras.Input((None, 5), name="words")
    a = layers.Conv2D(4, 3, 2, padding="same", name="strided")(picture)
    b = layers.MaxPooling2D(3, 2, name="pooled")(layers.ZeroPadding2D(((1, 2), (0, 3)), name="padded")(a))
    c = layers.Conv2DTranspose(2, 3, 3, padding="valid", name="transposed")(layers.UpSampling2D(2, name="larger")(b))
    d = layers.Conv1D(6, 4, dilation_rate=2, padding="causal", name="causal")(layers.GRU(3, return_sequences=True, name="gru")(words))
    return keras.Model([picture, words], [c, layers.AveragePooling1D(2, name="averaged")(d)])


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_sizes_of_inputs(framework, nnfmt, tmp_path):
    """With the sizes of open inputs every shape is the one that Keras gives."""
    keras = module(framework)
    model, file = open_model(keras), tmp_path / "m.h5"
    model.save(file)
    random = np.random.default_rng(4)
    for _ in range(5):
        sizes = [[*map(int, random.integers(9, 70, 2)), 3], [int(random.integers(8, 40)), 5]]
        found = nnfmt("inspect", file, "--json", *[word for size in sizes
                                                   for word in ("--input-size", ",".join(map(str, size)))]).json
        inputs = [keras.Input(size) for size in sizes]
        values = dict(zip(("picture", "words"), inputs))
        for layer in model.layers:
            source = {"strided": "picture", "padded": "strided", "pooled": "padded", "larger": "pooled", "transposed": "larger",
                      "gru": "words", "causal": "gru", "averaged": "causal"}.get(layer.name)
            if source:
                values[layer.name] = layer(values[source])
        rows = {row["name"]: row["output_shape"] for row in found["layers"]}
        assert rows == {name: list(value.shape[1:]) for name, value in values.items()}
        assert found["activations"] is not None


def test_sizes_that_do_not_fit(nnfmt, sample, tmp_path):
    """Each is wrong usage, by name; no size is left aside."""
    file = tmp_path / "m.h5"
    open_model(module(next(iter(FRAMEWORKS)))).save(file)
    for sizes, told in [(["9,9,3"], "for 'picture', 'words'"), (["9,9,4", "8,5"], "'picture'"), (["9,9,3", "8"], "'words'"),
                        (["9,9,3", "1,5"], "with an input of this size"), (["99999999999,9,3", "8,5"], "too large"), (["0,9,3", "8,5"], "invalid"),
                        (["9,,3", "8,5"], "invalid"), (["", "8,5"], "invalid")]:
        said = nnfmt("inspect", file, *[word for size in sizes for word in ("--input-size", size)], code=64)
        assert told in said.err, said.err
    with h5py.File(tmp_path / "plain.h5", "w") as plain:
        plain["x"] = np.zeros(3)
    for other in (*sample, tmp_path / "plain.h5"):
        assert "no Keras model" in nnfmt("inspect", other, "--input-size", "3,4,5", code=64).err


def test_a_filter_tells_what_it_leaves(sample, nnfmt):
    """The totals are of what is shown, out of what there is; weights whose cfg is known never ask for it."""
    _, weights = sample
    assert "3 of 30 layers, 87,968 parameters" in nnfmt("inspect", weights, "--filter", "maxpool*").out
    nothing = nnfmt("inspect", weights, "--filter", "nothing").out
    assert "0 of 30 layers, 87,968 parameters" in nothing and "--cfg" not in nothing


def test_rows(nnfmt, tmp_path):
    with h5py.File(tmp_path / "d.h5", "w") as file:
        for name, count in (("a/small", 2), ("b/large", 50), ("b/middle", 9)):
            file[name] = np.zeros(count, np.float32)
    def paths(*more):
        return [line.split("\t")[0] for line in nnfmt("inspect", tmp_path / "d.h5", "--format", "tsv", *more).out.splitlines()[1:]]
    assert paths() == ["/a/small", "/b/large", "/b/middle"]
    assert paths("--sort", "size") == ["/b/large", "/b/middle", "/a/small"]
    assert paths("--filter", "/b/*", "--sort", "name") == ["/b/large", "/b/middle"]
    assert paths("--filter", "x") == []
    table = nnfmt("inspect", tmp_path / "d.h5", "--format", "markdown", "--filter", "*e").out.splitlines()
    assert table[1].startswith("| --- |") and len(table) == 4


def options_of(nnfmt, file, layer, *more):
    layer, = nnfmt("inspect", file, "--layer", layer, "--json", *more).json["layers"]
    return {option["key"]: option for option in layer["options"]}


def used(nnfmt, file, layer, key="padding_used", *more):
    option = options_of(nnfmt, file, layer, *more).get(key)
    assert option is None or option["origin"] == "computed"
    return option and option["value"]


def test_padding_and_anchors_of_darknet(nnfmt, tmp_path):
    (tmp_path / "n.cfg").write_text(
        "[net]\nwidth=32\nheight=32\nchannels=3\n"
        "[convolutional]\nfilters=4\nsize=5\npad=1\npadding=7\nactivation=linear\n"
        "[convolutional]\nfilters=4\nsize=3\npadding=3\nactivation=linear\n"
        "[convolutional]\nfilters=4\nsize=3\nactivation=linear\n"
        "[convolutional]\nfilters=4\nsize=3\npad=1\ndilation=2\nactivation=linear\n"
        "[maxpool]\nsize=2\nstride=2\n[maxpool]\nsize=3\nstride=1\n[maxpool]\nsize=2\nstride=2\npadding=0\n"
        "[convolutional]\nfilters=14\nsize=1\nactivation=linear\n"
        "[yolo]\nclasses=2\nnum=4\nmask=3,1\nanchors=1,2, 3,4, 5,6, 7.5,8\n"
        "[route]\nlayers=-2\n[region]\nclasses=2\nnum=2\ncoords=4\nanchors=1.5,2,3,4.25\n")
    cfg = tmp_path / "n.cfg"
    assert [used(nnfmt, cfg, str(n)) for n in range(8)] == [
        "2", "3", "0", "2", "top 0, bottom 1, left 0, right 1", "1", "0", "0"]
    assert used(nnfmt, cfg, "8") is None
    assert used(nnfmt, cfg, "8", "anchors_used") == "7.5×8 3×4"
    assert used(nnfmt, cfg, "-1", "anchors_used") == "1.5×2 3×4.25 cells"
    out = nnfmt("inspect", cfg, "--layer", "8").out
    assert re.search(r"^anchors_used +7\.5×8 3×4 +computed$", out, re.MULTILINE)
    # darknet of pjreddie pads a pooling in front first.
    assert used(nnfmt, cfg, "5", "padding_used", "--dialect", "pjreddie") == "1"


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_padding_of_keras(framework, nnfmt, tmp_path):
    """As TensorFlow says that it pads: what is left over stands behind."""
    keras = module(framework)
    cases = [(size, stride, extent) for size in (1, 2, 3, 4) for stride in (1, 2, 3) for extent in (9, 12)]
    for extent in (9, 12):
        picture = keras.Input((extent, extent, 2), name="picture")
        values = [keras.layers.Conv2D(1, size, stride, padding="same", name=f"c{size}_{stride}")(picture)
                  for size, stride, other in cases if other == extent]
        keras.Model(picture, values + [keras.layers.Conv2D(1, 3, name="valid")(picture)]).save(tmp_path / f"{extent}.h5")
        file = tmp_path / f"{extent}.h5"
        layers = nnfmt("inspect", file, "--json", *[word for size, stride, other in cases if other == extent
                                                    for word in ("--layer", f"c{size}_{stride}")]).json["layers"]
        for (size, stride, _), layer in zip([case for case in cases if case[2] == extent], layers):
            total = max((-(-extent // stride) - 1) * stride + size - extent, 0)
            before, after = total // 2, total - total // 2
            expected = f"{before}" if before == after else f"top {before}, bottom {after}, left {before}, right {after}"
            found = {option["key"]: option["value"] for option in layer["options"]}
            assert found["padding_used"] == expected, (size, stride, extent)
        assert used(nnfmt, file, "valid") == "0"


def nested_model(keras):
    """Models in one another, one of them called twice."""
    layers = keras.layers
    block = keras.Sequential([keras.Input((8, 8, 4)), layers.Conv2D(4, 3, padding="same", name="conv"),
                              layers.BatchNormalization(name="normal")], name="block")
    inside = keras.Input((8, 8, 4), name="inside")
    side = layers.Conv2D(4, 1, name="side", trainable=False)
    deep = keras.Model(inside, layers.Add(name="sum")([block(inside), side(inside)]), name="deep")
    picture = keras.Input((8, 8, 3), name="picture")
    stem = layers.Conv2D(4, 3, padding="same", name="stem")(picture)
    joined = layers.Add(name="joined")([deep(stem), deep(deep(stem))])
    return keras.Model(picture, layers.Dense(2, name="fc")(layers.Flatten(name="flat")(joined)))


def hold_against(rows, model):
    """The rows of a model against its layers, and those inside."""
    rows = {row["name"]: row for row in rows}
    assert len(rows) == len(model.layers)
    for layer in model.layers:
        row = rows[layer.name]
        assert row["parameter_count"] == layer.count_params()
        shape = layer.output[0].shape if isinstance(layer.output, list) else layer.output.shape
        assert row["output_shape"] == list(shape)[1:]
        trainable = sum(p["trainable"] * int(np.prod(p["shape"])) for p in row["parameters"])
        assert trainable == sum(int(np.prod(w.shape)) for w in layer.trainable_weights)
        if hasattr(layer, "layers"):
            # Keras 2 does not list the input of a Sequential.
            inside = [row for row in row["layers"] if row["class_name"] != "InputLayer"]
            listed = [inner for inner in layer.layers if type(inner).__name__ != "InputLayer"]
            assert [row["name"] for row in inside] == [inner.name for inner in listed]
            for inner_row, inner in zip(inside, listed):
                assert inner_row["parameter_count"] == inner.count_params()
            # Those inside are of one call; here one model is called twice with different values.
            assert row["flops"] == sum(row["flops"] for row in inside) * (2 if layer.name == "deep" else 1)
        else:
            assert "layers" not in row


@pytest.mark.parametrize("ending", [".h5", ".keras"])
@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_tree(framework, ending, nnfmt, tmp_path):
    model = nested_model(module(framework))
    file = tmp_path / f"m{ending}"
    model.save(file)
    rows = nnfmt("inspect", file, "--tree", "--json").json["layers"]
    hold_against(rows, model)
    deep = next(row for row in rows if row["name"] == "deep")
    block = next(row for row in deep["layers"] if row["name"] == "block")
    conv = next(row for row in block["layers"] if row["name"] == "conv")
    assert conv["parameter_count"] == 4 * 4 * 9 + 4
    cut = nnfmt("inspect", file, "--tree", "--depth", "2", "--json").json["layers"]
    deep = next(row for row in cut if row["name"] == "deep")
    assert all("layers" not in row for row in deep["layers"])
    plain = nnfmt("inspect", file, "--json").json["layers"]
    assert all("layers" not in row for row in plain)
    kept = nnfmt("inspect", file, "--tree", "--filter", "conv", "--format", "tsv").out.splitlines()
    assert [line.split("\t")[1] for line in kept] == ["layer", "deep", "deep/block", "deep/block/conv"]


def test_tree_of_groups(nnfmt, tmp_path):
    with h5py.File(tmp_path / "m.h5", "w") as file:
        file["a/b/x"] = np.zeros(3, np.float32)
        file["a/b/y"] = np.zeros(5, np.float32)
        file["a/z"] = np.zeros(2, np.float32)
        file["w"] = np.zeros(1, np.float32)
    rows = [line.split("\t") for line in nnfmt("inspect", tmp_path / "m.h5", "--tree", "--format", "tsv").out.splitlines()]
    assert [row[0] for row in rows] == ["dataset", "/w", "/a", "/a/z", "/a/b", "/a/b/x", "/a/b/y"]
    assert [row[-1] for row in rows[1:]] == ["4", "40", "8", "32", "12", "20"]
    rows = nnfmt("inspect", tmp_path / "m.h5", "--tree", "--depth", "1", "--format", "tsv").out.splitlines()
    assert [row.split("\t")[0] for row in rows] == ["dataset", "/w", "/a"]


def test_tree_of_darknet(sample, nnfmt):
    cfg, _ = sample
    assert "darknet" in nnfmt("inspect", cfg, "--tree", code=64).err
    assert "--tree" in nnfmt("inspect", cfg, "--depth", "2", code=64).err


def drawn(path):
    """The boxes of a DOT file by their first line, and its arrows."""
    text = path.read_text()
    boxes = dict(re.findall(r'^ *(b\d+) \[label="([^"]*)"', text, re.M))
    return boxes, re.findall(r"^  (b\d+) -> (b\d+);$", text, re.M)


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_graph(framework, nnfmt, tmp_path):
    model = connected_model(module(framework))
    model.save(tmp_path / "m.h5")
    nnfmt("inspect", tmp_path / "m.h5", "--graph", tmp_path / "m.dot")
    boxes, arrows = drawn(tmp_path / "m.dot")
    names = {box: label.split("\\n")[1] for box, label in boxes.items()}
    assert sorted(names.values()) == sorted(layer.name for layer in model.layers)
    found = {(names[a], names[b]) for a, b in arrows}
    assert found == {("picture", "first"), ("first", "normal"), ("normal", "frozen"), ("first", "joined"), ("frozen", "joined"),
                     ("joined", "shared"), ("first", "shared"), ("shared", "both"), ("both", "flat")}
    nnfmt("inspect", tmp_path / "m.h5", "--graph", tmp_path / "m.dot", code=73)
    nnfmt("inspect", tmp_path / "m.h5", "--graph", tmp_path / "m.dot", "--force")
    nnfmt("inspect", tmp_path / "m.h5", "--graph", tmp_path / "m.png", code=64)


def test_graphs_of_the_zoo(corpus, nnfmt, tmp_path, note):
    """Each is well-formed, with a box for each layer and the input, and an arrow for each connection."""
    cfgs = sorted(corpus.glob("darknet/zoo/**/*.cfg"))[::12]
    for number, cfg in enumerate(cfgs):
        svg, dot = tmp_path / f"{number}.svg", tmp_path / f"{number}.dot"
        answer = nnfmt("inspect", cfg, "--json", "--graph", svg, code=None)
        if answer.code:
            assert not svg.exists()
            continue
        layers = answer.json["layers"]
        tree = ElementTree.parse(svg).getroot()
        boxes = [rect for rect in tree.iter("{http://www.w3.org/2000/svg}rect") if "box" in rect.get("class", "")]
        assert len(boxes) == len(layers) + 1
        nnfmt("inspect", cfg, "--graph", dot)
        _, arrows = drawn(dot)
        assert len(arrows) == sum(len(set(layer["connected_to"])) for layer in layers), cfg
    note(f"graphs: {len(cfgs)} cfgs of the zoo")


def test_no_graph(nnfmt, sample, tmp_path):
    with h5py.File(tmp_path / "m.h5", "w") as file:
        file["x"] = np.zeros(3, np.float32)
    assert "no graph" in nnfmt("inspect", tmp_path / "m.h5", "--graph", tmp_path / "m.svg", code=69).err
    assert not (tmp_path / "m.svg").exists()
