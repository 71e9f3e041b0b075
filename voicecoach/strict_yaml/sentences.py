"""What is said about a value that a model refuses. The model library's own wording never reaches a person."""

from __future__ import annotations

import re
import typing
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from voicecoach.strict_yaml.tree import Location, quote


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a model refused."""

    kind: str
    """The kind of error, as pydantic names it."""
    location: Location
    context: Mapping[str, typing.Any]
    given: object
    """What the file has there: strings, lists and dicts."""
    model: type[BaseModel]
    """The model of the whole file."""


def suggestion(finding: Finding) -> str | None:
    """Return the key that an unknown key was probably meant to be."""
    models, _ = _resolve(finding.model, finding.location[:-1])
    return _nearest(str(finding.location[-1]), _keys(models))


def phrase(finding: Finding) -> str:
    """Return the sentence: what is wrong, why, and what to write instead."""
    models, field = _resolve(finding.model, finding.location)
    name = next((part for part in reversed(finding.location) if isinstance(part, str)), "this")
    given = _describe(finding.given)
    example = _example(name, field)
    context = finding.context
    match finding.kind:
        case "value_error" | "assertion_error":
            return str(context.get("error") or f"{given} is not possible here; {example}.")
        case "extra_forbidden":
            return _unknown_key(finding)
        case "missing":
            about = _about(field)
            return f"`{name}` is missing{f' ({about})' if about else ''}; {example}."
        case "model_type" | "model_attributes_type" | "dict_type" | "dataclass_type" | "mapping_type":
            return f"{_a_what(given)} is not possible here; write {_block(models)}."
        case "list_type" | "tuple_type" | "set_type" | "frozen_set_type" | "iterable_type":
            return f"A list is expected here, not {given}; write each item on a line of its own, after `- `."
        case "string_type" | "string_sub_type":
            return f"A text is expected here, not {given}; {example}."
        case "string_too_short" | "too_short" if context.get("min_length") == 1:
            return f"`{name}` is empty; {example}, or leave the key out if it is not needed."
        case "string_too_long":
            return f"This text is longer than {context.get('max_length')} characters; write a shorter one."
        case "string_too_short":
            return f"This text is shorter than {context.get('min_length')} characters; write a longer one."
        case "too_long":
            return f"This has more than {context.get('max_length')} items; take some out."
        case "too_short":
            return f"This has fewer than {context.get('min_length')} items; add some."
        case "literal_error" | "enum":
            return _choice(finding)
        case "greater_than_equal" | "greater_than" | "less_than_equal" | "less_than":
            return f"{given} is out of range: `{name}` is {_range(field, context)}; write a number in that range."
        case _:
            about = _about(field)
            return f"{given} is not usable as `{name}`{f' ({about})' if about else ''}; {example}."


def _unknown_key(finding: Finding) -> str:
    models, _ = _resolve(finding.model, finding.location[:-1])
    key = str(finding.location[-1])
    keys = _keys(models)
    if near := _nearest(key, keys):
        return f"There is no key {quote(key)} here; did you mean `{near}`?"
    return f"There is no key {quote(key)} here; take it out, or use one of: {', '.join(keys)}."


def _choice(finding: Finding) -> str:
    choices = re.findall(r"'([^']*)'", str(finding.context.get("expected", "")))
    near = _nearest(str(finding.given), choices)
    hint = f"did you mean `{near}`?" if near else "write " + " or ".join(f"`{choice}`" for choice in choices) + "."
    return f"{_describe(finding.given)} is not one of the words that are possible here; {hint}"


def _range(field: FieldInfo | None, context: Mapping[str, typing.Any]) -> str:
    bounds = dict(context)
    for constraint in [] if field is None else field.metadata:
        for bound in ("ge", "gt", "le", "lt"):
            if (value := getattr(constraint, bound, None)) is not None:
                bounds.setdefault(bound, value)
    low, high = bounds.get("ge"), bounds.get("le")
    if low is not None and high is not None:
        return f"{low} to {high}"
    words = {"ge": "at least", "gt": "more than", "le": "at most", "lt": "less than"}
    return " and ".join(f"{word} {bounds[bound]}" for bound, word in words.items() if bound in bounds)


def _nearest(word: str, words: list[str]) -> str | None:
    # Comparing long words takes long, and no key of ours is one.
    near = get_close_matches(word[:60], words, n=1, cutoff=0.6)
    return near[0] if near else None


def _describe(given: object) -> str:
    match given:
        case "":
            return "nothing"
        case str():
            return quote(given)
        case list():
            return "a list"
        case _:
            return "a block of keys"


def _a_what(given: str) -> str:
    return given[0].upper() + given[1:]


def _about(field: FieldInfo | None) -> str:
    """Return the first sentence of a field's description, for use within another sentence."""
    if field is None or not field.description:
        return ""
    first = re.split(r"(?<=\w)[.:;](?:\s|$)", field.description, maxsplit=1)[0]
    return first[0].lower() + first[1:]


def _example(name: str, field: FieldInfo | None) -> str:
    examples = field.examples if field is not None else None
    return f"write for example `{name}: {examples[0]}`" if examples else f"write a value for `{name}`"


def _block(models: list[type[BaseModel]]) -> str:
    if not models:
        return "a block of keys, each as `key: value`"
    written_as = str(getattr(models[0], "written_as", ""))
    return written_as or f"a block of keys ({', '.join(_keys(models))}), each as `key: value`"


def _keys(models: list[type[BaseModel]]) -> list[str]:
    return [field.alias or name for model in models for name, field in model.model_fields.items()]


def _resolve(model: type[BaseModel], location: Location) -> tuple[list[type[BaseModel]], FieldInfo | None]:
    """Return the models that can stand at a location, and the field nearest to it."""
    models, field = [model], None
    for part in location:
        fields = {inner.alias or name: inner for one in models for name, inner in one.model_fields.items()}
        if isinstance(part, str) and part in fields:
            field = fields[part]
            models = _models_in(field.annotation)
    return models, field


def _models_in(annotation: object) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for argument in typing.get_args(annotation) for model in _models_in(argument)]
