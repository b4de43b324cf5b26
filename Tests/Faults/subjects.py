"""The models that faults are put into: of the samples and the corpus, each in every form that is at hand or that convert makes."""

import json
import shutil
import threading
import zipfile
from pathlib import Path

import h5py

from conversion_cases import Case, corpus_cases, own_cases
from darknet_model import DarknetModel
from keras_model import KerasModel

ROOT = Path(__file__).resolve().parent.parent.parent


class Form:
    """A model in one file, with its cfg beside it: given, or made when it is asked for."""

    def __init__(self, subject, path, make, *, dialect=None, carries=False, states=True):
        self.subject, self.path, self._make, self.dialect = subject, path, make, dialect
        # An .h5 that nnfmt made of a darknet model, and that still carries it.
        self.carries = carries
        # Whether the file says what its layers are; weights alone take that from the other file.
        self.states = states
        self._lock, self._is_made, self._model, self.summary = threading.RLock(), False, None, None

    @property
    def is_darknet(self):
        return self.path.suffix == ".weights"

    @property
    def is_keras(self):
        """Whether it says what its layers are, as Keras puts it."""
        return self.states and not self.is_darknet

    @property
    def has_heads(self):
        return self.is_darknet or self.carries

    @property
    def is_whole(self):
        """Whether it has all that the model it was made of had."""
        return self.states and (self.has_heads or not self.subject.source.cfg)

    def ready(self):
        """Whether it could be made and read."""
        with self._lock:
            if not self._is_made:
                self._is_made = True
                self.path.parent.mkdir(parents=True, exist_ok=True)
                if self._make(self.path):
                    self.summary = self._inspected()
            return self.summary is not None

    def _inspected(self):
        options = ["--dialect", self.dialect] if self.dialect and self.is_darknet else []
        cfg = [] if self.states else ["--cfg", self.subject.source.path]
        answer = self.subject.nnfmt("inspect", self.path, "--json", "--hash", *options, *cfg, code=None)
        return json.loads(answer.out) if answer.code == 0 else None

    def model(self):
        """A copy to change."""
        with self._lock:
            if self._model is None:
                if self.is_darknet:
                    self._model = DarknetModel(self.path, self.path.with_suffix(".cfg"), self.summary, self.dialect)
                else:
                    self._model = KerasModel(self.path, self.summary, self.carries)
            return self._model.copy()

    @property
    def layers_by_numbers(self):
        """For each array's numbers, in whatever order, the layers that have them."""
        found = {}
        for array in self.model().arrays:
            found.setdefault(array.key, set()).add(array.layer)
        return found


class Subject:
    """A model in all its forms."""

    def __init__(self, source, nnfmt, folder):
        self.name, self.source, self.nnfmt, self.folder = source.name, source, nnfmt, folder
        self.forms = list(self._of_darknet() if source.cfg else self._of_keras())
        self._codes, self._applies, self._lock = {}, {}, threading.Lock()

    # Forms

    def _of_darknet(self):
        source, dialect = self.source, self.source.dialect
        option = ["--dialect", dialect] if dialect else []
        start = Form(self, self.folder / "0" / "m.weights", self._copy_network, dialect=dialect)
        model = Form(self, self.folder / "1" / "m.h5", self._convert(start, *option), dialect=dialect, carries=True)
        yield start
        yield model
        yield Form(self, self.folder / "2" / "m.weights", self._convert_back(model), dialect=dialect)
        yield Form(self, self.folder / "3" / "m.keras", self._convert(start, *option), dialect=dialect)
        yield Form(self, self.folder / "4" / "m.h5", self._strip(model), dialect=dialect)

    def _of_keras(self):
        path, folder = self.source.path, self.source.path.parent
        files = [path]
        if path.name.startswith(("k3_", "tfk2_")):
            # What the Keras of one version wrote of one model has one name in front; and what both wrote, where both compute
            # the same of the same numbers.
            side = path.name.split("_")[0]
            files += [p for p in sorted(folder.glob(f"{side}_*")) if p != path and p.suffix in (".h5", ".keras")]
            if not list(folder.glob("output_*tfk2*")):
                files += [p for p in sorted(folder.glob("*_full.h5")) if p != path and same_numbers(p, path)]
        forms = [Form(self, self.folder / f"k{number}" / file.name, self._copy(file), states="weights" not in file.name)
                 for number, file in enumerate(files)]
        start = forms[0]
        forms.append(Form(self, self.folder / "1" / "m.h5", self._convert(start)))
        forms.append(Form(self, self.folder / "2" / "m.keras", self._convert(start, "--keras", "3")))
        forms.append(Form(self, self.folder / "3" / "m.weights", self._convert(start)))
        return forms

    def _copy_network(self, target):
        source = self.source
        shutil.copy(source.path, target)
        shutil.copy(source.cfg, target.with_suffix(".cfg"))
        self._copy_named_files(target.parent)
        return True

    def _copy_named_files(self, folder):
        """The trees and maps that a cfg names."""
        for file in self.source.cfg.parent.iterdir():
            if file.suffix in (".tree", ".map", ".txt"):
                shutil.copy(file, folder)

    @staticmethod
    def _copy(source):
        return lambda target: shutil.copy(source, target)

    def _convert(self, source, *options):
        return lambda target: source.ready() and self.nnfmt("convert", source.path, target, *options, code=None).code == 0

    def _convert_back(self, source):
        """convert leaves the files that a cfg names where they are."""
        def make(target):
            self._copy_named_files(target.parent)
            return self._convert(source)(target)
        return make

    @staticmethod
    def _strip(source):
        """As a Keras that read the file and wrote it again leaves it."""
        def make(target):
            if not source.ready():
                return False
            shutil.copy(source.path, target)
            with h5py.File(target, "r+") as file:
                del file["darknet"]
            return True
        return make

    # Pairs

    def options(self, reference, candidate):
        dialect = self.source.dialect
        return ["--dialect", dialect] if dialect and not (reference.carries and candidate.carries) else []

    def code(self, reference, candidate):
        """The exit code of validate for two forms as they are."""
        key = reference.path, candidate.path
        with self._lock:
            if key not in self._codes:
                self._codes[key] = self.nnfmt("validate", "--quiet", "--threads", 1, *key, *self.options(reference, candidate), code=None).code
            return self._codes[key]

    def applies(self, kind, form):
        """Whether a form has a place for a kind of change. Tried with one seed, so that the answer is always the same."""
        key = kind.apply, form.path
        if key not in self._applies:
            self._applies[key] = form.ready() and kind.probe(form.model()) is not None
        return self._applies[key]


def same_numbers(one, other):
    def numbers(path):
        found = []
        with h5py.File(path) as file:
            file["model_weights"].visititems(lambda name, item: found.append(
                item[()].tobytes()) if isinstance(item, h5py.Dataset) and item.size else None)
        return sorted(found)
    return h5py.is_hdf5(one) and h5py.is_hdf5(other) and numbers(one) == numbers(other)


def is_wanted(case, largest):
    """One file for each model that Keras of one version wrote; the others are its forms."""
    path = case.path
    if path.stat().st_size > largest or case.options or path.name.endswith("_model.keras"):
        return False
    return bool(case.cfg) or zipfile.is_zipfile(path) or h5py.is_hdf5(path)


def all_subjects(nnfmt, corpus, folder, largest):
    """The sample, the tests' own models, and those of the corpus, if it is there. `largest`: in bytes, so that a trial stays
    short."""
    sample = ROOT / "samples" / "sample.weights"
    own = folder / "own"
    own.mkdir()
    cases = [Case("sample", sample, sample.with_suffix(".cfg")), *own_cases(own)]
    if corpus.is_dir():
        cases += [case for case in corpus_cases(corpus) if is_wanted(case, largest)]
    return [Subject(case, nnfmt, folder / f"{number:03}") for number, case in enumerate(cases)]
