"""Changes to a cfg that `nnfmt validate` must find.

Each is a function of a cfg's text that yields changed ones; what does not apply yields nothing.
"""

import copy

HEADS = ("yolo", "Gaussian_yolo", "region")


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


def each_section(cfg, condition, change):
    parsed = sections(cfg)
    for index, (name, options) in enumerate(parsed):
        if index and condition(name, options):
            changed = copy.deepcopy(parsed)
            change(changed[index])
            yield comments(cfg) + text(changed)


def set_option(key, value):
    return lambda section: section[1].update({key: value(section[1].get(key))})


def numbers(value):
    return [item for item in value.split("#")[0].split(",") if item]


def mask_of(options):
    return [int(item) for item in numbers(options.get("mask", ",".join(map(str, range(int(options.get("num", 1)))))))]


def anchors(cfg):
    def change(section):
        values = numbers(section[1]["anchors"])
        values[2 * mask_of(section[1])[0]] += "1"
        section[1]["anchors"] = ",".join(values)

    yield from each_section(cfg, lambda name, options: name in HEADS and "anchors" in options and (
        len(numbers(options["anchors"])) > 2 * mask_of(options)[0]), change)


def mask(cfg):
    yield from each_section(
        cfg, lambda name, options: name in HEADS[:2] and len(set(numbers(options.get("mask", "")))) > 1,
        lambda section: section[1].update(mask=",".join(numbers(section[1]["mask"])[::-1])))


def last_activation_of_cfg(cfg):
    """The last one of all, and those of the layers in front of heads."""
    parsed = sections(cfg)
    with_function = [i for i, (name, options) in enumerate(parsed) if "activation" in options and name != "net"]
    in_front = [i for i in with_function if i + 1 < len(parsed) and parsed[i + 1][0] in HEADS]
    for index in {*with_function[-1:], *in_front}:
        changed = copy.deepcopy(parsed)
        options = changed[index][1]
        # What only differs in training is no difference.
        options["activation"] = "leaky" if options["activation"] not in ("leaky", "revleaky") else "linear"
        yield comments(cfg) + text(changed)


def route_order(cfg):
    yield from each_section(
        cfg, lambda name, options: name == "route" and len(set(numbers(options.get("layers", "")))) > 1,
        lambda section: section[1].update(layers=",".join(numbers(section[1]["layers"])[::-1])))


def pool_type(cfg):
    def change(section):
        section[0] = "local_avgpool"

    yield from each_section(
        cfg, lambda name, options: name in ("maxpool", "max") and int(options.get("size", options.get("stride", 1))) > 1
        and not {"maxpool_depth", "antialiasing"} & set(options), change)


def head_options(*names):
    return lambda name, options: name in names


CFG_CHANGES = {
    "anchors": anchors,
    "mask": mask,
    "last activation": last_activation_of_cfg,
    "concat order": route_order,
}
# What pjreddie's darknet lacks.
LATER_CFG_CHANGES = {
    "relu6": lambda cfg: each_section(
        cfg, lambda name, options: options.get("activation") == "relu", set_option("activation", lambda _: "relu6")),
    "scale_x_y": lambda cfg: each_section(
        cfg, head_options("yolo", "Gaussian_yolo"), set_option("scale_x_y", lambda old: float(old or 1) + 0.125)),
    "new_coords": lambda cfg: each_section(
        cfg, head_options("yolo"), set_option("new_coords", lambda old: 1 - int(old or 0))),
    "pooling kind": pool_type,
}
