"""A cfg as sections of options, and back."""


def sections(cfg):
    """[name, {key: value}] of each section; lines without '=' and comments are dropped but for those in front."""
    result = []
    for line in cfg.splitlines():
        line = line.strip()
        if line.startswith("["):
            result.append([line[1:line.index("]")].strip(), {}])
        elif line[:1] not in ("#", ";", "") and "=" in line:
            key, value = (part.replace(" ", "") for part in line.split("=", 1))
            result[-1][1].setdefault(key, value)
    return result


def text(changed):
    return "\n\n".join(
        "\n".join([f"[{name}]", *(f"{key}={value}" for key, value in options.items())]) for name, options in changed) + "\n"


def comments(cfg):
    """The lines in front of the first section, which may state the outputs."""
    return "".join(line + "\n" for line in cfg.splitlines()[:cfg[:cfg.index("[")].count("\n")])


def numbers(value):
    return [item for item in value.split("#")[0].split(",") if item]


def mask_of(options):
    return [int(item) for item in numbers(options.get("mask", ",".join(map(str, range(int(options.get("num", 1)))))))]
