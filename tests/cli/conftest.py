"""A home of its own for every test, and the command line, in this process and in another one."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from voicecoach.cli import main

SMALL = """\
format: 1
name: small
title: Small
language: en
about: For tests.
welcome: Hello.
safety: Be kind to yourself.
defaults: {get_ready_s: 4}
exercises:
  - {id: lean, title: Lean, sides: both, hold: 8, setup: Lean.}
"""
"""About twenty seconds."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a command line."""

    code: int
    out: str
    err: str


CommandLine = Callable[..., Outcome]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kept_clips: Path) -> Path:
    """Work in an empty folder that is also the home."""
    for name in [name for name in os.environ if name.startswith("VOICECOACH_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    for name in ("CONFIG", "DATA", "STATE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / "home" / name.lower()))
    monkeypatch.setenv("XDG_CACHE_HOME", str(kept_clips))
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def voicecoach(capsys: pytest.CaptureFixture[str]) -> CommandLine:
    """Run a command line in this process."""

    def run(*words: str) -> Outcome:
        capsys.readouterr()
        try:
            code: object = main(words)
        except SystemExit as ended:
            code = ended.code
        out, err = capsys.readouterr()
        assert isinstance(code, int)
        return Outcome(code, out, err)

    return run


def started(words: Sequence[str], **environment: str) -> subprocess.Popen[str]:
    """Start a command line in a process of its own, with what it says unbuffered."""
    return subprocess.Popen(
        [sys.executable, "-u", "-m", "voicecoach", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=with_source(environment),
    )


def with_source(environment: Mapping[str, str]) -> dict[str, str]:
    """Return this process's environment with changes, in which the package is found from any folder."""
    source = str(Path(__file__).parents[2])
    path = os.pathsep.join(part for part in (environment.get("PYTHONPATH"), source) if part)
    return {**os.environ, **environment, "PYTHONPATH": path}


def assert_one_message(outcome: Outcome, code: int, *parts: str) -> None:
    """It failed with this code and nothing but one line on standard error, which has these parts."""
    assert (outcome.code, outcome.out) == (code, "")
    assert outcome.err.count("\n") == 1, outcome.err
    for part in parts:
        assert part in outcome.err
