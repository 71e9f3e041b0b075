"""From a tree of text to a checked model, or to all the faults of the file."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, ClassVar, Generic, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

from voicecoach.atomic_file import NotOrdinaryError, read_ordinary
from voicecoach.errors import DocumentError, Fault, UsageError
from voicecoach.strict_yaml.sentences import Finding, phrase, suggestion
from voicecoach.strict_yaml.tree import MAX_BYTES, Location, Node, Place, decode, parse, quote

MAX_FAULTS = 100
"""How many faults are reported; a file with more is not the file that was meant."""


class Document(BaseModel):
    """Base of every part of an authored file. Unknown keys are faults; values never change.

    Give each field a description and, where it must be written, an example: the sentences about faults use both.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    written_as: ClassVar[str] = ""
    """What to write here, for a person, where it is more than a block of keys: `one sentence, or ...`."""


def _whole(value: object) -> object:
    if isinstance(value, str):
        if not re.fullmatch(r"0|-?[1-9][0-9]{0,8}", value, re.ASCII):
            raise ValueError(f"{quote(value)} is not a whole number; write digits only, as in `45`.")
        return int(value)
    return value


def _decimal(value: object) -> object:
    if isinstance(value, str):
        if not re.fullmatch(r"-?(0|[1-9][0-9]{0,8})(\.[0-9]{1,6})?", value, re.ASCII):
            raise ValueError(f"{quote(value)} is not a number; write digits, with a point if need be, as in `1.5`.")
        return float(value)
    return value


def _flag(value: object) -> object:
    if isinstance(value, str):
        if value not in ("true", "false"):
            raise ValueError(f"{quote(value)} is neither of the two that are meant here; write `true` or `false`.")
        return value == "true"
    return value


WholeNumber = Annotated[int, BeforeValidator(_whole)]
"""Written `45` or `-3`; nothing else."""
DecimalNumber = Annotated[float, BeforeValidator(_decimal)]
"""Written `45`, `1.5` or `-0.25`; nothing else."""
Flag = Annotated[bool, BeforeValidator(_flag)]
"""Written `true` or `false`; nothing else."""

M = TypeVar("M", bound=BaseModel)

Check = Callable[[object], Iterable[tuple[Location, str]]]
"""Looks at the plain strings, lists and dicts of a file, of whatever shape they are, and yields what is wrong where.

A location that is in the file means the value there; one that is not means the key or list item that should contain it.
"""


@dataclass(frozen=True, slots=True)
class Authored(Generic[M]):
    """What a file says, and where it says it."""

    value: M
    source: str
    _root: Node

    def place(self, location: Location) -> Place:
        """Return where the key or list item at `location` begins, or the nearest thing to it that the file has."""
        return self._root.find(location)[0]


def load(
    content: str | bytes,
    source: str,
    model: type[M],
    *,
    check: Check | None = None,
    context: Mapping[str, object] | None = None,
) -> M:
    """Return the model that an authored file describes.

    `source` is what to call the file in messages; `check` finds what no single field can know; `context` reaches the
    validators of the model. Raises `DocumentError` with every fault, in order of position.
    """
    return read(content, source, model, check=check, context=context).value


def read(
    content: str | bytes,
    source: str,
    model: type[M],
    *,
    check: Check | None = None,
    context: Mapping[str, object] | None = None,
) -> Authored[M]:
    """Do as `load`, and keep the places, for faults that are found later."""
    faults: list[Fault] = []
    text = decode(content, faults)
    root = None if text is None else parse(text, faults)
    if text is not None and root is None and not faults:
        faults.append(Fault(1, 1, "The file is empty; write its keys, each as `key: value`."))
    if root is None:
        raise DocumentError(source, _in_order(faults))
    if not isinstance(root.value, dict):
        faults.append(root.place.fault("The file must consist of keys; write each as `key: value`."))
        raise DocumentError(source, _in_order(faults))
    plain = root.plain()
    value = None
    try:
        value = model.model_validate(plain, context=None if context is None else dict(context))
    except ValidationError as error:
        faults += _findings_to_faults(error, root, model, {(fault.line, fault.column) for fault in faults})
    if check is not None:
        faults += [_value_place(root, location).fault(what) for location, what in check(plain)]
    if faults or value is None:
        raise DocumentError(source, _in_order(faults))
    return Authored(value, source, root)


def keys_of(content: str | bytes) -> frozenset[str]:
    """Return the outermost keys of an authored file, to tell what it is; none of one that has no such form."""
    faults: list[Fault] = []
    text = decode(content, faults)
    root = None if text is None else parse(text, faults)
    return frozenset(root.value) if root is not None and isinstance(root.value, dict) else frozenset()


def read_file(path: Path) -> bytes:
    """Return what an authored file contains.

    Raises `UsageError`, in one line, for anything that is no readable file of at most `MAX_BYTES`.
    """
    try:
        if path.is_dir():
            raise UsageError(f"{path} is a folder; give a file in it.")
        content = read_ordinary(path, MAX_BYTES + 1)
    except NotOrdinaryError as error:
        raise UsageError(f"{path} is no ordinary file; give a text file.") from error
    except FileNotFoundError as error:
        raise UsageError(f"There is no file {path}; check its name.") from error
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else "its name cannot be that of a file"
        raise UsageError(f"{str(path)!r} cannot be read ({why}); check its name and permissions.") from error
    if len(content) > MAX_BYTES:
        raise UsageError(f"{path} is larger than {MAX_BYTES // 1024} KiB, too large to be meant; give another file.")
    return content


def _findings_to_faults(
    error: ValidationError, root: Node, model: type[BaseModel], known: set[tuple[int, int]]
) -> list[Fault]:
    found: list[tuple[Place, Finding]] = []
    for details in error.errors(include_url=False, include_input=False):
        location: Location = details["loc"]
        key, node = root.find(location)
        finding = Finding(details["type"], location, details.get("ctx", {}), node.plain(), model)
        place = key if details["type"] in ("missing", "extra_forbidden") or location[-1:] == ("[key]",) else node.place
        # A value that could not even be read as text needs no second sentence.
        if (place.line, place.column) not in known:
            found.append((place, finding))
    found.sort(key=lambda pair: pair[0])
    del found[MAX_FAULTS + 1 :]
    # A key that is merely misspelt is not missing as well.
    meant = {(*finding.location[:-1], suggestion(finding)) for _, finding in found if finding.kind == "extra_forbidden"}
    return [
        place.fault(phrase(finding))
        for place, finding in found
        if finding.kind != "missing" or finding.location not in meant
    ]


def _value_place(root: Node, location: Location) -> Place:
    """Return the place of the value at `location`, or of the key of what should have contained it."""
    if root.find(location[:-1])[1] is root.find(location)[1]:
        return root.find(location)[0]
    return root.find(location)[1].place


def _in_order(faults: list[Fault]) -> list[Fault]:
    unique = sorted(set(faults), key=lambda fault: (fault.line, fault.column, fault.what))
    if len(unique) > MAX_FAULTS:
        last = unique[MAX_FAULTS - 1]
        more = Fault(last.line, last.column, "There are more faults after these; mend these first.")
        return [*unique[:MAX_FAULTS], more]
    return unique
