"""The one reader of authored files: routines, settings and language packs.

A file is a small subset of YAML in which every scalar is text until a model says otherwise: `no` is a word, `1:30` is
not ninety and `010` is not eight. All faults are reported at once, each where it can be mended, in our own words.

A model is a `Document` whose numbers are `WholeNumber` or `DecimalNumber` and whose switches are `Flag`: they accept
exactly the forms that we document. The plain `int`, `float` and `bool` of pydantic accept more (`4_5`, `on`).
"""

from voicecoach.strict_yaml.document import (
    Authored,
    Check,
    DecimalNumber,
    Document,
    Flag,
    WholeNumber,
    keys_of,
    load,
    read,
    read_file,
)
from voicecoach.strict_yaml.tree import MAX_BYTES, MAX_DEPTH, Location

__all__ = [
    "MAX_BYTES",
    "MAX_DEPTH",
    "Authored",
    "Check",
    "DecimalNumber",
    "Document",
    "Flag",
    "Location",
    "WholeNumber",
    "keys_of",
    "load",
    "read",
    "read_file",
]
