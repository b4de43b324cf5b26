"""Random Keras models, judged: `python Tests/Interop/random_models.py --seed N --count 5000`.

Model K of seed N is always the same: `--seed N --only K` makes it again, `--shrink` cuts it down to the smallest that
fails, `--keep DIR` keeps its files (DIR/K/…). Even K are Keras 2's, odd K Keras 3's; each generation has a process.
"""

import argparse
import collections
import json
import os
import re
import subprocess
import sys
import threading
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
FRAMEWORKS = ("tf_keras", "keras")
# So many models a process: what Keras keeps of each slows the next ones down.
ROUND = 500

for name, value in {
    "TF_CPP_MIN_LOG_LEVEL": "3", "TF_ENABLE_ONEDNN_OPTS": "0", "CUDA_VISIBLE_DEVICES": "-1", "KERAS_BACKEND": "tensorflow",
    "OMP_NUM_THREADS": "1", "TF_NUM_INTRAOP_THREADS": "1", "TF_NUM_INTEROP_THREADS": "1"}.items():
    os.environ.setdefault(name, value)
sys.path.insert(0, str(HERE))


def options_of(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", default="1")
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--first", type=int, default=0, help="the number of the first model")
    parser.add_argument("--only", type=int, help="one model, with its description")
    parser.add_argument("--shrink", action="store_true", help="cut down what fails")
    parser.add_argument("--framework", choices=FRAMEWORKS, help="one generation only")
    parser.add_argument("--processes", type=int, default=1, help="for each generation; 1")
    parser.add_argument("--keep", type=Path, help="a folder for the files, DIR/K/h5/m.h5 and so on")
    parser.add_argument("--report", type=Path, help="a file for every verdict, a line of JSON each")
    parser.add_argument("--nnfmt", type=Path, default=Path(os.environ.get("NNFMT") or ROOT / ".build/release/nnfmt"))
    parser.add_argument("--worker", choices=FRAMEWORKS, help=argparse.SUPPRESS)
    return parser.parse_args(arguments)


def work(options):
    """The process of one generation: reads numbers, writes verdicts."""
    from random_keras.worker import Worker
    worker = Worker(options.worker, options.seed, options.nnfmt, options.keep, options.shrink)
    for line in sys.stdin:
        print("\n" + worker.verdict(int(line)), flush=True)


class Run:
    """All models of a seed, in processes of one generation each, and what became of them."""

    def __init__(self, options):
        self.options, self.verdicts, self.lock = options, [], threading.Lock()

    def start(self, numbers):
        shares = [(framework, [n for n in numbers if FRAMEWORKS[n % 2] == framework][part::self.options.processes])
                  for framework in FRAMEWORKS for part in range(self.options.processes)
                  if self.options.framework in (None, framework)]
        threads = [threading.Thread(target=self.generation, args=share) for share in shares]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def generation(self, framework, numbers):
        """A process that dies loses the model that it was at, and no other."""
        while numbers:
            done = self.round(framework, numbers[:ROUND])
            if done < len(numbers[:ROUND]):
                self.take({"number": numbers[done], "framework": framework, "outcome": "died", "failures": {}, "refusals": {}, "done": []})
                done += 1
            numbers = numbers[done:]

    def round(self, framework, numbers):
        options = self.options
        command = [sys.executable, __file__, "--worker", framework, "--seed", options.seed, "--nnfmt", options.nnfmt]
        command += ["--shrink"] * options.shrink + (["--keep", options.keep] if options.keep else [])
        process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
            env=os.environ | {"TF_USE_LEGACY_KERAS": "1" if framework == "tf_keras" else "0"})
        done = 0
        with process:
            for number in numbers:
                try:
                    process.stdin.write(f"{number}\n")
                    process.stdin.flush()
                except BrokenPipeError:
                    break
                for line in process.stdout:
                    if line.startswith("{"):
                        break
                else:
                    break
                self.take(json.loads(line))
                done += 1
            try:
                process.stdin.close()
            except BrokenPipeError:
                pass
        return done

    def take(self, verdict):
        with self.lock:
            self.verdicts.append(verdict)
            if self.options.report:
                with self.options.report.open("a") as file:
                    file.write(json.dumps(verdict) + "\n")
            if verdict["outcome"] in ("fails", "died"):
                print(told(verdict), flush=True)

    @property
    def failing(self):
        return [v for v in self.verdicts if v["outcome"] in ("fails", "died")]


def told(verdict):
    lines = [f"model {verdict['number']} ({verdict['framework']}) {verdict['outcome']}"]
    lines += [f"  {what}: {why}" for what, why in verdict["failures"].items()]
    return "\n".join(lines + ["    " + line for line in verdict.get("code", "").splitlines()])


def kind_of(reason):
    """A refusal without the names and numbers of its model, to count it by."""
    reason = re.sub(r"^error: /\S+: ", "", reason).partition(" remedy:")[0].partition(" found:")[0]
    reason = re.sub(r"layer \d+ \[(\w+)\](, [^:,]+)?", r"[\1]", reason)
    return re.sub(r"\d+(\.\d+)?", "N", re.sub(r"^\S+_\d+: |^input_layer: ", "input: ", reason))[:150]


def summary(run, seconds):
    outcomes = collections.Counter(v["outcome"] for v in run.verdicts)
    done = collections.Counter(what for v in run.verdicts for what in v["done"])
    refused = collections.Counter((what.split("-")[0], kind_of(why)) for v in run.verdicts for what, why in v["refusals"].items())
    print(f"seed {run.options.seed}: {len(run.verdicts)} models in {seconds:.0f} s: "
          + ", ".join(f"{count} {outcome}" for outcome, count in outcomes.most_common()))
    print("done: " + ", ".join(f"{count} {what}" for what, count in done.most_common()))
    for command in ("run", "convert", "inspect", "validate"):
        rows = [(count, why) for (what, why), count in refused.most_common() if what == command]
        if rows:
            print(f"refused by {command}: {sum(count for count, _ in rows)}")
            for count, why in rows[:60]:
                print(f"  {count:5d} {why}")


def main():
    options = options_of()
    if options.worker:
        return work(options)
    run, began = Run(options), time.monotonic()
    if options.only is not None:
        run.start([options.only])
        for verdict in run.verdicts:
            print(json.dumps({key: value for key, value in verdict.items() if key != "code"}, indent=1))
            print(verdict.get("code", ""))
    else:
        run.start(range(options.first, options.first + options.count))
        summary(run, time.monotonic() - began)
    return 1 if run.failing else 0


if __name__ == "__main__":
    sys.exit(main())
