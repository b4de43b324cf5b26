"""Holds documents against `spec/schemas`."""

import json

from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from conftest import ROOT

SCHEMAS = {path.stem: json.loads(path.read_text()) for path in sorted((ROOT / "spec/schemas").glob("*.json"))}
REGISTRY = Registry().with_resources((f"{name}.json", Resource.from_contents(schema)) for name, schema in SCHEMAS.items())
VALIDATORS = {name: Draft202012Validator(schema, registry=REGISTRY) for name, schema in SCHEMAS.items()}


def fits(name, document):
    return VALIDATORS[name].is_valid(document)


def check(name, document):
    """Holds a document against a schema; what does not fit is told by its path."""
    errors = list(VALIDATORS[name].iter_errors(document))
    leaves = [leaf for error in errors for leaf in (error.context or [error])]
    assert not errors, "\n".join(f"{leaf.json_path}: {leaf.message[:200]}" for leaf in leaves)
