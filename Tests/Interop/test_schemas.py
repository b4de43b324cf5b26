"""What the commands print as JSON is what `spec/schemas` says, to the last key: for models of many kinds, whole and broken."""

import json

import h5py
import numpy as np
import pytest
from jsonschema import Draft202012Validator

from conftest import ROOT
from schemas import SCHEMAS, check, fits


def some(paths, count):
    """As many of the paths, evenly spread."""
    paths = sorted(paths)
    return paths[:: max(1, len(paths) // count)][:count]


@pytest.mark.parametrize("name", SCHEMAS)
def test_the_schema_is_one(name):
    Draft202012Validator.check_schema(SCHEMAS[name])


@pytest.mark.parametrize("name", SCHEMAS)
def test_the_schema_is_strict(name):
    """Every object says which keys it may have."""
    def objects(node):
        if isinstance(node, dict):
            if node.get("type") == "object":
                yield node
            node = list(node.values())
        if isinstance(node, list):
            for child in node:
                yield from objects(child)

    assert [node for node in objects(SCHEMAS[name]) if "additionalProperties" not in node] == []


def test_every_schema_is_described():
    pages = "".join(path.read_text() for path in (ROOT / "spec").glob("*.md"))
    assert [name for name in SCHEMAS if f"schemas/{name}.json" not in pages] == []


def test_inspect(nnfmt, corpus, note):
    files = some(corpus.glob("darknet/**/*.weights"), 40) + some(corpus.glob("darknet/**/*.cfg"), 15)
    files += some([*corpus.glob("keras/**/*.h5"), *corpus.glob("keras/**/*.keras")], 50)
    documents = 0
    for number, path in enumerate(path for path in files if path.stat().st_size < 20e6):
        answer = nnfmt("inspect", path, "--json", *[["--stats"], ["--hash"], []][number % 3], code=None)
        if answer.out:
            check("inspect", answer.json)
            documents += 1
    note(f"schemas: {documents} documents of inspect")
    assert documents > 75


def test_detect(nnfmt, corpus, tmp_path):
    case = corpus / "darknet/real/yolo-fastest"
    picture = corpus / "darknet/real/inputs/dog.png"
    (tmp_path / "broken.png").write_bytes(b"no picture")
    check("detect", nnfmt("detect", case / "model.weights", "--input", picture, "--json", "--draw", tmp_path / "o.png").json)
    check("detect", nnfmt("detect", case / "model.weights", "--input", picture, "--input", tmp_path / "broken.png", "--json",
                          code=65).json)


def test_inspect_with_several_cfgs(nnfmt, sample, workplace):
    cfg, weights = sample
    check("inspect", nnfmt("inspect", weights, "--cfg", cfg, "--cfg", workplace.cfg, "--json").json)
    workplace.weights.write_bytes(workplace.bytes[:-8])
    check("inspect", nnfmt("inspect", workplace.weights, "--json", code=65).json)


@pytest.fixture
def converted(nnfmt, sample, workplace):
    """The sample in every container."""
    made = {}
    for name in ("m.h5", "m.keras", "m.weights.h5", "t.safetensors"):
        made[name] = workplace.out / name
        check("convert", nnfmt("convert", sample[1], made[name], "--json").json)
    return made


def test_convert_and_inspect(nnfmt, converted, workplace):
    for path in converted.values():
        for option in ("--stats", "--hash"):
            check("inspect", nnfmt("inspect", path, option, "--json").json)
    check("convert", nnfmt("convert", converted["m.h5"], workplace.out / "back.weights", "--json").json)
    check("convert", nnfmt("convert", workplace.cfg, workplace.out / "clean.cfg", "--json").json)


def test_run(nnfmt, sample, converted, workplace):
    np.save(workplace.inputs / "x.npy", np.zeros((2, 3, 96, 96), np.float32))
    np.save(workplace.inputs / "y.npy", np.zeros((2, 96, 96, 3), np.float32))
    plain = ["run", sample[1], "--input", workplace.inputs / "x.npy", "--json", "--output"]
    check("run", nnfmt(*plain, workplace.out / "a").json)
    check("run", nnfmt(*plain, workplace.out / "b", "--repeat", 2).json)
    check("run", nnfmt(*plain, workplace.out / "c", "--profile").json)
    check("run", nnfmt("run", converted["m.keras"], "--input", workplace.inputs / "y.npy", "--json", "--output", workplace.out / "d").json)
    workplace.put("classifier", "[net]\ninputs=4\n[connected]\noutput=3\n[softmax]\n")
    np.save(workplace.inputs / "z.npy", np.full((2, 4), np.nan, np.float32))
    check("run", nnfmt("run", workplace.inputs / "classifier.weights", "--input", workplace.inputs / "z.npy", "--json",
                       "--top", 2, "--output", workplace.out / "e").json)


def test_validate(nnfmt, sample, converted, corpus, workplace, note):
    documents = []
    for path in (*converted.values(), sample[0]):
        arguments = ["--cfg", sample[0]] if path.suffix == ".safetensors" else []
        documents.append(nnfmt("validate", sample[0] if path == sample[0] else sample[1], path, *arguments, "--json").json)
    documents.append(nnfmt("validate", converted["m.h5"], converted["m.keras"], "--json").json)
    documents.append(nnfmt("validate", workplace.weights, sample[1], "--json", code=1).json)
    for path in some([*corpus.glob("keras/models/**/*.h5"), *corpus.glob("keras/models/**/*.keras")], 25):
        answer = nnfmt("validate", path, path, "--json", code=None)
        if answer.out:
            documents.append(answer.json)
    for document in documents:
        check("validate", document)
    note(f"schemas: {len(documents)} documents of validate")
    assert len(documents) > 20


def test_validate_of_one_model(nnfmt, sample, converted, workplace):
    """Its health, what is recorded of it, and what is expected of it; each as it is printed and as it is reported."""
    folder, report = workplace.out / "recorded", workplace.out / "r.json"

    def both(name, *arguments, code=0):
        check(name, nnfmt("validate", *arguments, "--json", code=code).json)
        nnfmt("validate", *arguments, "--quiet", "--report", report, "--force", code=code)
        document = json.loads(report.read_text())
        check(name, document)
        return document

    check("record", nnfmt("validate", converted["m.h5"], "--record", folder, "--json").json)
    assert both("validate", sample[1], "--expect", folder)["match"]
    assert both("health", converted["m.h5"])["healthy"]
    with h5py.File(converted["m.h5"], "r+") as file:
        kernels = []
        file.visititems(lambda _, item: kernels.append(item) if item.name.endswith("/kernel:0") else None)
        for number, kernel in enumerate(kernels[:4]):
            kernel[...] = [np.nan, 0, 1e9, 1e-41][number]
    kinds = {finding["kind"] for finding in both("health", converted["m.h5"], code=1)["findings"]}
    assert kinds >= {"NaN", "zeros", "huge", "denormal"}
    assert not both("validate", converted["m.h5"], "--expect", folder, code=1)["match"]
    missing = workplace.out / "none.h5"
    for name, arguments in (("health", [missing]), ("validate", [missing, "--expect", folder])):
        nnfmt("validate", *arguments, "--report", report, "--force", code=66)
        check(name, json.loads(report.read_text()))


def test_diff(nnfmt, sample, converted, workplace):
    """More of its documents are checked where they are made."""
    for pair, code in ((sample[1], converted["m.h5"]), 0), ((workplace.weights, sample[1]), 1):
        check("diff", nnfmt("diff", *pair, "--values", 2, "--json", code=code).json)


def test_validate_reports(nnfmt, sample, converted, workplace):
    broken = workplace.write("broken.weights", sample[1].read_bytes()[:-4])
    for candidate, code in ((converted["m.h5"], 0), (workplace.weights, 1), (workplace.out / "none.h5", 66)):
        report = workplace.out / f"{code}.json"
        nnfmt("validate", sample[1], candidate, "--report", report, code=code)
        check("validate", json.loads(report.read_text()))
    pairs = [{"reference": str(sample[1]), "candidate": str(path), "seed": 3} for path in (converted["m.h5"], workplace.weights)]
    pairs.append({"reference": str(broken), "candidate": str(converted["m.h5"]), "cfg": str(sample[0]), "name": "broken"})
    recorded = workplace.out / "recorded"
    nnfmt("validate", sample[1], "--record", recorded)
    pairs.append({"model": str(converted["m.keras"]), "expect": str(recorded), "name": "expected"})
    pairs.append({"model": str(converted["m.keras"]), "name": "healthy"})
    manifest = workplace.write("pairs.json", json.dumps({"pairs": pairs}).encode())
    check("manifest", json.loads(manifest.read_text()))
    document = nnfmt("validate", "--manifest", manifest, "--json", code=65).json
    check("validate-manifest", document)
    assert [pair["exit_code"] for pair in document["pairs"]] == [0, 1, 65, 0, 0]
    for pair in document["pairs"]:
        assert not fits("validate-manifest", {**document, "pairs": [{**pair, "exit_code": 2}]})
        assert not fits("validate-manifest", {**document, "pairs": [{**pair, "other": 1}]})


def test_train(nnfmt, workplace):
    cfg = "[net]\nbatch=2\ninputs=4\nlearning_rate=0.01\n[connected]\noutput=3\n[softmax]\n"
    np.save(workplace.inputs / "x.npy", np.ones((4, 4), np.float32))
    np.save(workplace.inputs / "y.npy", np.eye(4, 3, dtype=np.float32))
    net = workplace.write("net.cfg", cfg.encode())
    data = ["--x", workplace.inputs / "x.npy", "--y", workplace.inputs / "y.npy"]
    log = workplace.out / "log.json"
    check("train", nnfmt("train", net, *data, "--steps", 2, "--output", workplace.out / "t.weights", "--log", log, "--json").json)
    check("train", json.loads(log.read_text()))
    check("train", nnfmt("train", net, *data, "--check-gradients", "--json").json)


def test_layers(nnfmt):
    document = nnfmt("layers", "--json").json
    check("layers", document)
    assert len(document) > 100
