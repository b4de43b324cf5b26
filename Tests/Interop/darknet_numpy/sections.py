"""The cfg text, cut into sections as darknet's own reader does it."""

import re

ALIASES = {
    "network": "net", "conv": "convolutional", "deconv": "deconvolutional", "conn": "connected",
    "max": "maxpool", "avg": "avgpool", "local_avg": "local_avgpool", "soft": "softmax",
    "silence": "empty",
}


class Section:
    """A `[name]` and its options: the first of two equal keys counts, numbers end where C's atoi ends."""

    def __init__(self, name):
        self.type = ALIASES.get(name, name)
        self.options = {}

    def text(self, key, default):
        return self.options.get(key, default)

    def integer(self, key, default):
        return _integer(self.options[key]) if key in self.options else default

    def number(self, key, default):
        return _number(self.options[key]) if key in self.options else default

    def integers(self, key):
        return [_integer(entry) for entry in self.options.get(key, "").split("#")[0].split(",") if entry]


def parse(text):
    sections = []
    for line in text.splitlines():
        line = re.sub(r"[ \t\r\n]", "", line)
        if not line or line[0] in "#;":
            continue
        if line[0] == "[":
            sections.append(Section(line.strip("[]")))
        elif "=" in line:
            key, value = line.split("=", 1)
            if value:
                sections[-1].options.setdefault(key, value)
    return sections


def _integer(text):
    found = re.match(r"[+-]?\d+", text)
    return int(found[0]) if found else 0


def _number(text):
    found = re.match(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", text)
    return float(found[0]) if found else 0.0
