"""`validate --manifest` and `--report`: many pairs in one run, each on its own, reported in their order."""

import json
import os
import shutil
import signal
import subprocess
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest

from schemas import fits


@pytest.fixture
def fleet(nnfmt, sample, tmp_path):
    """A folder of pairs: the same model, another one, a damaged one, one that is missing, and the same again."""
    shutil.copy(sample[0], tmp_path / "net.cfg")
    whole = sample[1].read_bytes()
    (tmp_path / "net.weights").write_bytes(whole)
    nnfmt("convert", tmp_path / "net.weights", tmp_path / "net.h5")
    changed = bytearray(whole)
    changed[-3] ^= 0x40
    (tmp_path / "changed.weights").write_bytes(changed)
    (tmp_path / "short.weights").write_bytes(whole[:-400])
    pairs = [
        {"reference": "net.weights", "candidate": "net.h5", "name": "good"},
        {"reference": "net.weights", "candidate": "changed.weights", "cfg": "net.cfg", "name": "<changed> & \"other\""},
        {"reference": "net.weights", "candidate": "short.weights", "cfg": "net.cfg", "name": "short"},
        {"reference": "net.weights", "candidate": "none.h5", "name": "missing"},
        {"reference": "net.weights", "candidate": "net.weights"},
    ]
    write(tmp_path, {"pairs": pairs})
    return tmp_path


def write(folder, document):
    (folder / "pairs.json").write_text(document if isinstance(document, str) else json.dumps(document))
    return folder / "pairs.json"


CODES = [0, 1, 65, 66, 0]


def test_goes_on_after_what_fails(nnfmt, fleet):
    answer = nnfmt("validate", "--manifest", fleet / "pairs.json", "--json", code=66)
    pairs = answer.json["pairs"]
    assert [pair["exit_code"] for pair in pairs] == CODES
    assert [pair["name"] for pair in pairs] == ["good", "<changed> & \"other\"", "short", "missing", "net.weights"]
    assert answer.json["summary"] == {"pairs": 5, "passed": 2, "failed": 1, "errors": 2, "exit_code": 66}
    assert pairs[1]["comparison"]["first_difference"] in pairs[1]["problem"]
    assert pairs[0]["comparison"] == nnfmt("validate", fleet / "net.weights", fleet / "net.h5", "--threads", 1, "--json").json
    assert pairs[1]["comparison"]["cause"]["kind"] in pairs[1]["problem"]
    assert "none.h5" in pairs[3]["problem"] and "none.h5" in answer.err


def test_models_alone(nnfmt, fleet):
    """A model's health, and what was recorded of it, beside pairs of models: each as its own command tells it."""
    nnfmt("validate", fleet / "net.weights", "--record", fleet / "good")
    shutil.copytree(fleet / "good", fleet / "corrupt")
    (fleet / "corrupt/003.npy").write_bytes((fleet / "good/003.npy").read_bytes()[:60])
    shutil.copytree(fleet / "good", fleet / "other")
    np.save(fleet / "other/003.npy", np.load(fleet / "good/003.npy") + 1)
    dead = bytearray((fleet / "net.weights").read_bytes())
    dead[2000:2004] = b"\xff" * 4
    (fleet / "dead.weights").write_bytes(dead)
    write(fleet, [
        {"model": "net.h5"}, {"model": "dead.weights", "cfg": "net.cfg"}, {"model": "net.cfg"},
        {"model": "net.h5", "expect": "good", "name": "good"}, {"model": "net.weights", "expect": "other", "name": "other"},
        {"model": "net.weights", "expect": "corrupt", "name": "corrupt"}, {"model": "net.weights", "expect": "none", "name": "none"},
        {"reference": "net.weights", "candidate": "net.h5", "name": "pair"}])
    reports = [argument for ending in ("xml", "md") for argument in ("--report", fleet / f"r.{ending}")]
    # A seed is for those that need one.
    answer = nnfmt("validate", "--manifest", "pairs.json", "--seed", 2, "--threads", 1, "--json", *reports, code=66, cwd=fleet)
    pairs = answer.json["pairs"]
    assert [(pair["result"], pair["exit_code"]) for pair in pairs] == [
        ("healthy", 0), ("not healthy", 1), ("error", 65), ("match", 0), ("no match", 1), ("error", 65), ("error", 66), ("match", 0)]
    assert [pair["reference"] for pair in pairs[:5]] == [None, None, None, "good", "other"]
    assert "NaN" in pairs[1]["problem"] and "corrupt" in answer.err
    alone = [["net.h5"], ["dead.weights", "--cfg", "net.cfg"], None, ["net.h5", "--expect", "good"], ["net.weights", "--expect", "other"]]
    for pair, arguments in zip(pairs, alone):
        if arguments:
            document = nnfmt("validate", *arguments, "--threads", 1, "--json", code=pair["exit_code"], cwd=fleet).json
            assert document == pair.get("health", pair.get("comparison"))
    suites = {suite.get("name"): suite for suite in ElementTree.parse(fleet / "r.xml").getroot()}
    assert suites["dead.weights"].find("testcase[@name='NaN']/failure") is not None
    assert suites["net.h5"].get("failures") == "0" and suites["net.h5"].find("testcase[@name='zeros']") is not None
    assert suites["other"].find("testcase[@name='parameters']/skipped") is not None
    assert suites["other"].get("file") == "net.weights" and suites["other"].get("failures") != "0"
    rows = (fleet / "r.md").read_text().splitlines()[2:10]
    assert [("✅" in row, "❌" in row) for row in rows] == [(pair["exit_code"] == 0, pair["exit_code"] == 1) for pair in pairs]


def test_the_report_is_the_same_whatever_the_jobs(nnfmt, fleet):
    """Six times the pairs, so that jobs overtake each other."""
    pairs = json.loads((fleet / "pairs.json").read_text())["pairs"]
    write(fleet, [{**pair, "name": f"{pair.get('name')} {turn}"} for turn in range(6) for pair in pairs])
    said = []
    for jobs in (1, 2, 7, 10**12):
        report = [fleet / f"{jobs}.{form}" for form in ("json", "xml", "md")]
        arguments = [argument for path in report for argument in ("--report", path)]
        answer = nnfmt("validate", "--manifest", fleet / "pairs.json", "--jobs", jobs, *arguments, code=66)
        said.append((answer.out, answer.err, *(path.read_bytes() for path in report)))
    assert said[1:] == said[:1] * 3
    assert len(said[0][0].splitlines()) == 31


def test_runs_from_anywhere(nnfmt, fleet, tmp_path_factory):
    """Paths are relative to the manifest, also those of inputs."""
    np.save(fleet / "x.npy", np.zeros((3, 96, 96), np.float32))
    name = next(iter(nnfmt("validate", fleet / "net.weights", fleet / "net.h5", "--json").json["inputs"]))["name"]
    write(fleet, [{"reference": "net.weights", "candidate": "net.h5", "input": "x.npy"},
                  {"reference": "net.weights", "candidate": "net.h5", "input": [f"{name}=x.npy"], "name": "by name"},
                  {"reference": "net.weights", "candidate": "net.h5", "input": "y.npy", "name": "no input"}])
    document = nnfmt("validate", "--manifest", fleet / "pairs.json", "--json", code=66, cwd=tmp_path_factory.mktemp("w")).json
    assert [pair["exit_code"] for pair in document["pairs"]] == [0, 0, 66]
    answer = nnfmt("validate", "--manifest", "pairs.json", "--json", code=66, cwd=fleet)
    assert answer.json["pairs"][0]["candidate"] == "net.h5"


@pytest.mark.parametrize("document, code, words", [
    ("{\"pairs\": [", 65, "cut short"),
    ("[]", 65, "no pairs"),
    ({"pairs": []}, 65, "no pairs"),
    ({"pairs": 3}, 65, "no manifest"),
    ({"pears": []}, 65, "'pears'"),
    ("{\"pairs\": [], \"pairs\": []}", 65, "twice"),
    ([3], 65, "no object"),
    ([{"reference": "net.weights"}], 65, "'candidate'"),
    ([{"reference": "net.weights", "candidate": "net.h5", "sead": 3}], 65, "'sead'"),
    ([{"reference": "net.weights", "candidate": "net.h5", "seed": -1}], 65, "option 'seed'"),
    ([{"reference": "net.weights", "candidate": "net.h5", "seed": 1, "input": "x.npy"}], 65, "both"),
    ([{"reference": "net.weights", "candidate": "net.h5", "dialect": "x"}], 65, "option 'dialect'"),
    ([{"reference": "net.weights", "candidate": ["net.h5"]}], 65, "option 'candidate'"),
    ([{"reference": "net.weights", "candidate": "net.h5", "name": ""}], 65, "option 'name'"),
    ([{"model": "net.h5", "record": "r"}], 65, "'record'"),
    ([{"model": "net.h5", "candidate": "net.h5"}], 65, "'candidate'"),
    ([{"model": "net.h5", "seed": 1}], 65, "'seed' means nothing"),
    ([{"model": "net.h5", "input": "x.npy"}], 65, "'input' means nothing"),
    ([{"model": "net.h5", "expect": "r", "seed": 1}], 65, "'expect' and 'seed'"),
    ([{"reference": "net.weights", "candidate": "net.h5", "expect": "r"}], 65, "no 'model'"),
])
def test_a_wrong_manifest(nnfmt, fleet, document, code, words):
    """The program and the schema refuse the same."""
    refused(nnfmt, write(fleet, document), code, words)
    assert isinstance(document, str) or not fits("manifest", document)


def test_two_of_one_name(nnfmt, fleet):
    refused(nnfmt, write(fleet, [{"reference": "net.weights", "candidate": "net.h5"}] * 2), 65, "name of pairs[0]")


def refused(nnfmt, path, code, words):
    fleet = path.parent
    answer = nnfmt("validate", "--manifest", path, "--report", fleet / "r.xml", "--json", code=code)
    assert words in answer.err and str(path) in answer.err
    assert answer.out == "" and not (fleet / "r.xml").exists()


@pytest.mark.parametrize("arguments, code, words", [
    (["--manifest", "none.json"], 66, "none.json"),
    (["--manifest", "pairs.json", "net.weights", "net.h5"], 64, "manifest names all files"),
    (["--manifest", "pairs.json", "--cfg", "net.cfg"], 64, "manifest names all files"),
    (["--manifest", "pairs.json", "--input", "x.npy"], 64, "manifest names all files"),
    (["--manifest", "pairs.json", "--jobs", "0"], 64, "--jobs"),
    (["net.weights", "net.h5", "--jobs", "2"], 64, "--jobs"),
    (["--manifest", "pairs.json", "--expect", "r"], 64, "manifest names all files"),
    (["--manifest", "pairs.json", "--record", "r"], 64, "--record"),
    ([], 64, "--manifest"),
    (["net.weights", "--record", "r", "--report", "a.xml"], 64, "--record"),
    (["net.weights", "net.h5", "--force"], 64, "--force"),
    (["net.weights", "net.h5", "--report", "a.xml", "--report", "a.xml"], 64, "twice"),
    (["net.weights", "net.h5", "--report", "a.xml", "--report", "a.html"], 69, ".html"),
    (["net.weights", "net.h5", "--report", "report"], 69, "report"),
    (["net.weights", "net.h5", "--report", "no/folder.xml"], 73, "no/folder.xml"),
    (["net.weights", "net.h5", "--report", "pairs.json"], 73, "exists"),
])
def test_a_wrong_command(nnfmt, fleet, arguments, code, words):
    before = sorted(path.name for path in fleet.iterdir())
    answer = nnfmt("validate", *arguments, code=code, cwd=fleet)
    assert words in answer.err and answer.out == ""
    assert sorted(path.name for path in fleet.iterdir()) == before


def test_junit(nnfmt, fleet):
    nnfmt("validate", "--manifest", fleet / "pairs.json", "--report", fleet / "r.xml", "--quiet", code=66)
    root = ElementTree.parse(fleet / "r.xml").getroot()
    assert root.tag == "testsuites"
    suites = root.findall("testsuite")
    assert [suite.get("name") for suite in suites] == ["good", "<changed> & \"other\"", "short", "missing", "net.weights"]
    for suite, code in zip(suites, CODES):
        cases = suite.findall("testcase")
        for attribute, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            assert int(suite.get(attribute)) == sum(case.find(tag) is not None for case in cases)
        assert int(suite.get("tests")) == len(cases)
        assert (int(suite.get("failures")) > 0) == (code == 1)
        assert (int(suite.get("errors")) > 0) == (code > 1)
        assert len({case.get("name") for case in cases}) == len(cases)
        assert {case.get("classname") for case in cases} == {suite.get("name")}
        # What the schema of Jenkins's xUnit plugin admits (junit-10.xsd).
        assert suite.attrib.keys() == {"name", "file", "tests", "failures", "errors", "skipped"}
        assert all(case.attrib.keys() == {"classname", "name"} and len(case) <= 1 for case in cases)
    failure = suites[1].find("testcase[@name='parameters']/failure")
    assert "1 of" in failure.get("message") and "likely cause: " in failure.text
    assert "none.h5" in suites[3].find("testcase/error").get("message")
    assert suites[0].find("testcase[@name='layer convolutional_0']") is not None


def test_any_name(nnfmt, fleet):
    """Whatever a name is made of, the XML is well-formed and the table has its cells."""
    names = ["a\u0001b\u001b[31m", "]]> -- &amp; <x y='z'>", "a|b\\|`c`", "tab\tline\nend\r", "é 漢 😀 \ufffe\uffff", "\u2028\x7f\x85"]
    write(fleet, [{"model": "net.h5", "name": name} for name in names])
    answer = nnfmt("validate", "--manifest", fleet / "pairs.json", "--report", fleet / "r.xml", "--report", fleet / "r.md")
    assert len(answer.out.splitlines()) == len(names) + 1 and "\x1b" not in answer.out
    suites = ElementTree.parse(fleet / "r.xml").getroot().findall("testsuite")
    assert [suites[1].get("name"), suites[2].get("name")] == names[1:3] and len(suites) == len(names)
    rows = (fleet / "r.md").read_text().split("\n")[2:2 + len(names)]
    assert all(row.startswith("| ") and row.replace("\\\\", "").replace("\\|", "").count("|") == 7 for row in rows)


def test_markdown(nnfmt, fleet):
    nnfmt("validate", "--manifest", fleet / "pairs.json", "--report", fleet / "r.md", "--quiet", code=66)
    lines = (fleet / "r.md").read_text().splitlines()
    rows = lines[2:7]
    assert all(line.replace("\\|", "").count("|") == 7 for line in lines[:7])
    assert ["✅" in row for row in rows] == [code == 0 for code in CODES]
    assert "\\<changed\\> \\& \"other\"" in rows[1] and "likely cause: " in rows[1] and "none.h5" in rows[3]
    assert lines[-1] == "5 pairs: 2 passed, 1 failed, 2 can't be checked"


def test_a_single_pair(nnfmt, fleet):
    """The report of a pair is its document, and is written also where there is nothing to print."""
    pair = ["validate", fleet / "net.weights", fleet / "net.h5", "--threads", 1]
    printed = nnfmt(*pair, "--json", "--report", fleet / "a.json", "--report", fleet / "a.xml").out
    assert (fleet / "a.json").read_text() == printed
    assert nnfmt(*pair, "--quiet", "--report", fleet / "a.json", code=73).out == ""
    nnfmt("validate", fleet / "net.weights", fleet / "none.h5", "--report", fleet / "a.json", "--report", fleet / "a.xml",
          "--force", code=66)
    document = json.loads((fleet / "a.json").read_text())
    assert document["match"] is False and document["error"]["exit_code"] == 66
    assert ElementTree.parse(fleet / "a.xml").find("testsuite/testcase/error") is not None


def test_ctrl_c_leaves_nothing(nnfmt, fleet):
    write(fleet, [{"reference": "net.weights", "candidate": "net.h5", "name": f"pair {number}"} for number in range(4000)])
    before = sorted(path.name for path in fleet.iterdir())
    process = subprocess.Popen(
        [nnfmt.binary, "validate", "--manifest", fleet / "pairs.json", "--jobs", "2", "--report", fleet / "r.json"],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout.readline().startswith(b"match")
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    assert process.returncode == 130
    assert sorted(path.name for path in fleet.iterdir()) == before


def test_a_full_disk_is_told(nnfmt, fleet):
    """A report that can't be written is an error, not a short file."""
    import resource

    def limit():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))

    nnfmt("validate", "--manifest", fleet / "pairs.json", "--report", fleet / "r.json", code=74, preexec_fn=limit)
    assert not (fleet / "r.json").exists()


def test_memory_does_not_grow_with_the_pairs(nnfmt, fleet):
    """Nothing is kept of a pair once it is told: the peak of 100 pairs is that of 20, but for what threads leave behind."""
    def peak(count):
        write(fleet, [{"reference": "net.weights", "candidate": "net.h5", "name": f"pair {number}"} for number in range(count)])
        process = subprocess.Popen(
            [nnfmt.binary, "validate", "--manifest", fleet / "pairs.json", "--jobs", "2", "--report", fleet / f"{count}.xml"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        assert process.returncode == 0
        return usage.ru_maxrss

    assert peak(100) < peak(20) + 16_000
