"""A step of the system's clock changes nothing, because nothing of a session looks at that clock."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import voicecoach.live


def uses_of_the_clock(source: str) -> set[str]:
    tree = ast.parse(source)
    found = {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "time"
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module in ("time", "datetime"):
            found |= {alias.name for alias in node.names}
        if isinstance(node, ast.Import):
            found |= {"datetime" for alias in node.names if alias.name == "datetime"}
    return found


MODULES = sorted(Path(str(voicecoach.live.__path__[0])).glob("*.py"))
BETWEEN_SESSIONS = {"night_watch"}
"""Quiet hours are of the clock on the wall."""


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_only_the_monotonic_clock_is_read(path: Path) -> None:
    if path.stem not in BETWEEN_SESSIONS:
        assert uses_of_the_clock(path.read_text(encoding="utf-8")) <= {"monotonic", "monotonic_ns"}


def test_what_this_looks_for_it_finds() -> None:
    assert uses_of_the_clock("import time\ntime.time()\nfrom datetime import datetime") == {"time", "datetime"}
