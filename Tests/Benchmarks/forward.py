#!/usr/bin/env python3
"""How long nnfmt's forward pass takes, beside every engine that can be had: warm, float32, medians of rounds in turn.

    python3 Tests/Benchmarks/forward.py [--nets yolov3-tiny,…] [--peers ncnn,…] [--threads 1,2] [--batch 1,8]
                                        [--rounds 3] [--passes 20] [--seconds 3] [--isa AVX2]
                                        [--tables forward,process,training] [--json FILE]

Installs the peers into .build-bench (6 GB) and makes the nets there; TensorFlow and the Keras nets need .build-python
(Tests/run python), darknet Debian's package. All outputs are compared with onnxruntime's before any is timed. Further
tables: whole processes, and a step of training beside darknet's. Exit status 1 if nnfmt is not ahead of each peer, or a
limit of the further tables is missed. See spec/contributing.md, Benchmarks.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from forward_process import training, whole_process
from forward_setup import CORPUS, ENVIRONMENT, HERE, KERAS_PYTHON, NETS, PYTHON, ROOT, install, prepare, quiet

PEERS = ["onnxruntime", "openvino", "ncnn", "mnn", "mnn-exact", "torch", "opencv", "darknet", "tensorflow"]
# Of 1 + the largest value of an output.
TOLERANCE = 1e-3
TABLES = ["forward", "process", "training"]


class Case:
    """A net, batch and number of threads: every engine's answer is compared first, then those that agree are timed."""

    def __init__(self, options, net, folder, batch, threads, scratch):
        self.options, self.net, self.folder, self.batch, self.threads = options, net, folder, batch, threads
        self.scratch = scratch
        self.info = json.loads((folder / "info.json").read_text())
        self.times, self.errors, self.reasons = {}, {}, {}

    def compare(self):
        # First what the others are compared with, whether it is timed or not.
        for peer in dict.fromkeys(["onnxruntime", *self.options.peers]):
            result = self._peer(peer, 0, self.scratch / f"{peer}.npz")
            if "missing" in result:
                self.reasons[peer] = result["missing"]
            else:
                self._judge(peer, self.scratch / f"{peer}.npz")
        if "onnxruntime" not in self.errors:
            sys.exit(f"{self.net}: nothing to compare with: onnxruntime: {self.reasons['onnxruntime']}")
        self.estimate = self._nnfmt(1)[0]
        self._judge("nnfmt", self.scratch / "nnfmt")

    def measure(self):
        engines = [engine for engine in ["nnfmt", *self.options.peers] if engine not in self.reasons]
        for number in range(self.options.rounds):
            # Every round begins with another engine, so that none always follows the same one.
            for engine in engines[number % len(engines):] + engines[: number % len(engines)]:
                if engine == "nnfmt":
                    passes = max(1, min(self.options.passes, int(self.options.seconds * 1000 / self.estimate)))
                    result = {"runs_ms": self._nnfmt(passes)}
                else:
                    result = self._peer(engine, self.options.passes)
                self.times.setdefault(engine, []).extend(result.get("runs_ms", []))
                if "missing" in result:
                    self.reasons[engine] = result["missing"]
        for engine in self.reasons:
            self.times.pop(engine, None)

    def _judge(self, engine, outputs):
        command = [PYTHON, HERE / "forward_compare.py", self.scratch / "onnxruntime.npz", outputs]
        self.errors[engine] = found = json.loads(quiet(command))["error"]
        if found is None or found > TOLERANCE:
            self.reasons[engine] = "wrong: other shapes or no numbers" if found is None else f"wrong: off by {found:.1e}"

    def _peer(self, peer, passes, outputs=None):
        python = KERAS_PYTHON if peer == "tensorflow" else PYTHON
        if not python.exists():
            return {"missing": f"there is no {python.parent.parent.name}"}
        command = [python, HERE / "forward_peers.py", peer, self.folder, self.batch, self.threads, passes,
                   self.options.seconds, *([outputs] if outputs else [])]
        done = subprocess.run([str(part) for part in command], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              text=True, errors="replace")
        if done.returncode or not done.stdout:
            return {"missing": f"exit {done.returncode}: " + (done.stderr.strip().splitlines() or [""])[-1]}
        return json.loads(done.stdout)

    def _nnfmt(self, passes):
        """Its answer goes to the scratch folder, each pass's milliseconds are returned."""
        output = self.scratch / "nnfmt"
        shutil.rmtree(output, ignore_errors=True)
        if "keras" in self.info:
            what = [self.folder / self.info["keras"], "--input", self.folder / f"x_{self.batch}_nhwc.npy"]
        else:
            # The values that enter the heads: what every engine computes.
            what = [self.folder / "net.weights", "--input", self.folder / f"x_{self.batch}.npy",
                    "--layers", ",".join(map(str, self.info["layers"]))]
        command = [self.options.nnfmt, "run", *what, "--output", output, "--threads", self.threads, "--repeat", passes,
                   "--json"]
        answer = json.loads(quiet(command, env=os.environ | self.options.environment))
        self.engine = answer["engine"]
        return answer["runs_ms"]

    def median(self, engine):
        return statistics.median(self.times[engine]) if engine in self.times else None

    def ratio(self, engine):
        peer, own = self.median(engine), self.median("nnfmt")
        return peer / own if peer and own else None

    def shortfalls(self):
        """What is not as it should be, in words."""
        place = f"{self.net}, batch {self.batch}, {self.threads} thread{'s'[: self.threads > 1]}"
        if "nnfmt" in self.reasons:
            yield f"{place}: nnfmt is {self.reasons['nnfmt']}"
        for peer in self.options.peers:
            ratio = self.ratio(peer)
            if ratio is not None and ratio <= 1:
                yield f"{place}: {peer} takes {ratio:.2f} of nnfmt's time"

    def record(self):
        return {"net": self.net, "batch": self.batch, "threads": self.threads, "engine": self.engine,
                "errors": self.errors, "left_out": self.reasons, "runs_ms": self.times,
                "median_ms": {engine: self.median(engine) for engine in self.times}}


def report(net, cases, peers):
    """The table of a net: a row for each engine, a column for each batch and number of threads."""
    print(f"\n{net}: ms, and times nnfmt's ({cases[0].engine})")
    columns = "".join(f"{f'{case.batch}, {case.threads}':>18}" for case in cases)
    print(f"{'batch, threads':14}{columns}{'error':>10}")
    for engine in ["nnfmt", *peers]:
        cells = []
        for case in cases:
            time, ratio = case.median(engine), case.ratio(engine)
            note = "wrong" if engine in case.errors and engine in case.reasons else "–"
            factor = f"{ratio:7.2f}x" if ratio and engine != "nnfmt" else " " * 8
            cells.append(note if time is None else f"{time:.1f}{factor}")
        errors = [case.errors[engine] for case in cases if case.errors.get(engine) is not None]
        error = "" if engine == "onnxruntime" or not errors else f"{max(errors):10.0e}"
        print(f"{engine:14}" + "".join(f"{cell:>18}" for cell in cells) + error)
    seen = {}
    for case in cases:
        for engine, reason in case.reasons.items():
            seen.setdefault(f"{engine}: {reason}", []).append(f"{case.batch}, {case.threads}")
    for text, where in seen.items():
        print(f"  {text}" + ("" if len(where) == len(cases) else f" ({'; '.join(where)})"))


def forward(options, scratch):
    """Prints the table of each net; the cases and what they lack."""
    records, shortfalls = [], []
    for net in options.nets:
        folder, cases = prepare(net, sorted({1, 8, *options.batch})), []
        for batch in options.batch:
            for threads in options.threads:
                case = Case(options, net, folder, batch, threads, scratch)
                case.compare()
                case.measure()
                cases.append(case)
        report(net, cases, options.peers)
        sys.stdout.flush()
        records += [case.record() for case in cases]
        shortfalls += [text for case in cases for text in case.shortfalls()]
    return records, shortfalls


def arguments():
    def chosen(names):
        def parse(text):
            for name in text.split(","):
                if name not in names:
                    raise argparse.ArgumentTypeError(f"{name} is none of {', '.join(names)}")
            return text.split(",")
        return parse

    def numbers(text):
        return [int(word) for word in text.split(",")]

    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--nnfmt", type=Path, default=ROOT / ".build/release/nnfmt")
    parser.add_argument("--nets", type=chosen(NETS), default=list(NETS))
    parser.add_argument("--peers", type=chosen(PEERS), default=PEERS)
    parser.add_argument("--threads", type=numbers, default=[1, 2])
    parser.add_argument("--batch", type=numbers, default=[1, 8])
    parser.add_argument("--rounds", type=int, default=3, help="processes of each engine")
    parser.add_argument("--passes", type=int, default=20, help="at most so many timed passes in a process")
    parser.add_argument("--seconds", type=float, default=3, help="… and about so long")
    parser.add_argument("--isa", help="the instruction set that nnfmt's oneDNN is limited to, such as AVX2")
    parser.add_argument("--tables", type=chosen(TABLES), default=TABLES)
    parser.add_argument("--json", type=Path, help="where to write everything that was measured")
    options = parser.parse_args()
    for needed in (options.nnfmt, CORPUS):
        if not needed.exists():
            parser.error(f"there is no {needed}")
    options.environment = {"ONEDNN_MAX_CPU_ISA": options.isa} if options.isa else {}
    return options


def main():
    options = arguments()
    install()
    if options.isa:
        print(f"nnfmt alone is limited to {options.isa} (ONEDNN_MAX_CPU_ISA); the peers use what the machine has")
    if (load := os.getloadavg()[0]) > 0.5:
        print(f"other work is running (load {load:.1f}): ratios are rough, absolute times mean little")
    results, shortfalls = {}, []
    with tempfile.TemporaryDirectory(prefix="scratch-", dir=ENVIRONMENT) as scratch:
        for table, make in {"forward": forward, "process": whole_process, "training": training}.items():
            if table in options.tables:
                results[table], lacking = make(options, Path(scratch))
                shortfalls += lacking
    if options.json:
        options.json.write_text(json.dumps(results, indent=1))
    print(f"\nmedians of {options.rounds} rounds; nnfmt is ahead of every peer" if not shortfalls else
          f"\nmedians of {options.rounds} rounds; nnfmt falls short:\n  " + "\n  ".join(shortfalls))
    sys.exit(1 if shortfalls else 0)


if __name__ == "__main__":
    main()
