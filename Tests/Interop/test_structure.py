"""What `spec/contributing.md` says of adding an operation or a format is true: its name stands where it says, and nowhere
else; and nothing but `Dialect.swift` asks whose darknet a network is of."""

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
SOURCES = ROOT / "Sources"

# Where an operation has its parts: the type, its kernel, its backward step, what becomes one and what it becomes.
HOMES = ("ModelGraph/Operations", "Inference/Reference", "Training/Backward", "Keras/Layers", "Keras/Lowering", "Keras/Raising",
         "Darknet/Layers", "Darknet/Lowering.swift", "Darknet/Raising")

# Who else knows an operation by name, and why. A new one needs none of these.
KNOWN = {
    "ModelGraph/Graph.swift": {"Input", "FurtherValue"},
    "ModelGraph/Graph+Invariants.swift": {"Input", "FurtherValue"},
    # Axes are moved by transpositions; a layer with weights takes a normalization and an activation with it.
    "ModelGraph/Layout/Graph+Layout.swift": {"Input", "Transposition"},
    "ModelGraph/Raising/Consumers.swift": {"BatchNormalization", "Activation"},
    "Inference/ReferenceEngine.swift": {"Input", "FurtherValue"},
    "Inference/MachinePeak.swift": {"Convolution"},
    # Which operations are computed as one; and what is no kernel's.
    "Inference/OneDNN/NodeGroup.swift": {"Convolution", "BatchNormalization", "Activation", "Elementwise", "SampledAddition", "Dropout"},
    "Inference/OneDNN/Bands/BandedConvolution.swift": {"Convolution"},
    "Inference/OneDNN/PlanBuilder.swift": {"Input", "FurtherValue"},
    "Inference/OneDNN/ReferenceStep.swift": {"FurtherValue"},
    # What stands in no kernel: the data, dropout's mask, states that are carried from pass to pass, and losses.
    "Training/TrainedNetwork.swift": {"Input", "Dropout", "Reshaping", "FullyConnected", "GatedRecurrence", "SimpleRecurrence", "LongShortTermMemory"},
    "Training/GradientCheck.swift": {"Input"},
    "Training/Losses/LossValue.swift": {"YoloHead", "GaussianYoloHead", "RegionHead"},
    "Training/Losses/YoloComparison.swift": {"YoloHead", "GaussianYoloHead"},
    "Training/Losses/RegionComparison.swift": {"RegionHead"},
    # Where a part of a graph begins.
    "Validation/Forward/Segment.swift": {"Input", "FurtherValue"},
    # A variance near 0 makes rounding errors large; numbers of 16 bits have a rounding of their own; an input that
    # names rows of a table is made of whole numbers; a chain of reshapings is one.
    "Validation/Magnitudes.swift": {"BatchNormalization"},
    "Validation/UnitRoundoff.swift": {"Cast"},
    "Validation/RandomInput.swift": {"Embedding"},
    "Validation/ConfigurationComparison.swift": {"Reshaping"},
}

# Types of the same names: what a compared model takes, and the comparison that `validate` makes.
HOMONYMS = {"Input": "Validation/ComparedModel", "Comparison": "ModelFiles/Validator"}


def operations():
    found = set()
    for path in (SOURCES / "ModelGraph/Operations").glob("*.swift"):
        found |= set(re.findall(r"^public struct (\w+)(?:<[^>]*>)?: (?:\w*Operation|DetectionHead) \{", path.read_text(), re.M))
    return found


def code(path):
    return "\n".join(line.split("//")[0] for line in path.read_text().splitlines())


def test_operations_are_known_at_home_only():
    names = operations()
    assert len(names) > 50
    # As a type that is tested for, cast to or made.
    strays = {}
    for path in sorted(SOURCES.rglob("*.swift")):
        place = path.relative_to(SOURCES).as_posix()
        if place.startswith(HOMES):
            continue
        text = code(path)
        uses = {name for name in names if re.search(
            rf"\b(?:is|as[?!]?|case is)\s+(?:any )?(?:ModelGraph\.)?{name}\b|(?<![\w.\"]){name}\(", text)}
        # Keras's layer classes have many of the names.
        if place.startswith("Keras/"):
            continue
        uses = {name for name in uses if not place.startswith(HOMONYMS.get(name, "?"))}
        if more := uses - KNOWN.get(place, set()):
            strays[place] = sorted(more)
    assert not strays


def test_forks_are_told_apart_in_one_file():
    strays = [path.relative_to(SOURCES).as_posix() for path in sorted(SOURCES.rglob("*.swift"))
              if re.search(r"(?:[=!]= |case |where )\.(?:pjreddie|alexeyab|hankAI)\b", code(path))]
    assert strays == ["Darknet/Dialect.swift"]


def test_those_who_know_one_still_do():
    for place, names in KNOWN.items():
        text = code(SOURCES / place)
        assert not [name for name in names if not re.search(rf"\b{name}\b", text)], place


def test_a_format_of_tensors_is_one_line():
    """The target of a format is imported and named by the list of formats alone."""
    formats = [path.parent.name for path in SOURCES.rglob("*.swift") if re.search(r"\w: TensorFormat \{", code(path))]
    assert formats == ["SafeTensors"]
    for name in formats:
        knowing = {path.relative_to(SOURCES).as_posix(): re.findall(rf"(?i).*{name}.*", code(path)) for path in SOURCES.rglob("*.swift")
                   if not path.is_relative_to(SOURCES / name) and name.lower() in code(path).lower()}
        assert list(knowing) == ["ModelFiles/Formats/ModelFormats.swift"]
        assert [line.split()[0] for line in knowing["ModelFiles/Formats/ModelFormats.swift"]] == ["import", "static"]


def test_an_engine_is_one_case():
    """Outside of the target that has it, an engine is named where it is chosen alone."""
    engines = {name for path in SOURCES.rglob("*.swift") for name in re.findall(r"struct (\w+): Engine \{", code(path))}
    assert engines == {"OneDNNEngine", "ReferenceEngine"}
    knowing = {path.relative_to(SOURCES).as_posix() for path in SOURCES.rglob("*.swift") for name in engines if name in code(path)}
    assert {place for place in knowing if not place.startswith("Inference/")} == {"nnfmt/EngineChoice.swift"}


def test_top_level():
    files = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\n")
    names = {name.split("/")[0] for name in files if name and not name.startswith(".")}
    assert names == {"Package.swift", "README.md", "Sources", "Tests", "samples", "spec"}


def test_foundation_is_not_linked_in():
    """It would bring 50 MB of Unicode's tables, and the time to map them at each start."""
    sources = list((ROOT / "Sources").rglob("*.swift"))
    assert len(sources) > 300
    assert [path for path in sources if re.search(r"^import Foundation$", path.read_text(), re.MULTILINE)] == []
