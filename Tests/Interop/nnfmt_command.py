"""Runs the nnfmt binary."""

import errno
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
        done = self.started([self.binary, *map(str, arguments)], options)
        answer = Answer(done.returncode, done.stdout.decode(), done.stderr.decode())
        if code is not None:
            said = f"nnfmt {' '.join(map(str, arguments))}: exit {answer.code}, not {code}\n{answer.err}"
            assert answer.code == code, said
        return answer

    @staticmethod
    def started(command, options, tries=5):
        """The finished process. Out of several threads a program can fail to start with EFAULT, about once in 500 times
        on machines that are short of memory: nothing has run by then, so that it can be tried again."""
        for left in reversed(range(tries)):
            try:
                return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=120, **options)
            except OSError as error:
                if error.errno != errno.EFAULT or not left:
                    raise
