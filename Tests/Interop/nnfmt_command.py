"""Runs the nnfmt binary."""

import json
import subprocess
from dataclasses import dataclass


@dataclass
class Answer:
    code: int
    out: str
    err: str

    @property
    def json(self):
        """Standard output as strict JSON: one document, and no NaN or Infinity."""
        def refuse(name):
            raise ValueError(f"{name} is no JSON")
        return json.loads(self.out, parse_constant=refuse)


class Nnfmt:
    def __init__(self, binary):
        self.binary = str(binary)

    def __call__(self, *arguments, code=0, **options):
        """Runs `nnfmt ARGUMENTS`; any exit status but `code` fails the test."""
        done = subprocess.run(
            [self.binary, *map(str, arguments)], stdin=subprocess.DEVNULL, capture_output=True,
            timeout=120, **options)
        answer = Answer(done.returncode, done.stdout.decode(), done.stderr.decode())
        if code is not None:
            said = f"nnfmt {' '.join(map(str, arguments))}: exit {answer.code}, not {code}\n{answer.err}"
            assert answer.code == code, said
        return answer
