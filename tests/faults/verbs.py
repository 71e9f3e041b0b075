"""Every verb, tried without a sound card, in a network of its own, among poisoned modules."""

from __future__ import annotations

import argparse
import fcntl
import json
import os
import sys
import sysconfig
from pathlib import Path
from typing import Any

import soundfile

from tests.cli.conftest import SMALL
from tests.faults.apart import run_apart
from voicecoach.cli.options import build_parser
from voicecoach.rehearsal.voices import spoken

PROGRAM = str(Path(sys.prefix, "bin", "voicecoach"))
VERBS: dict[str, list[str]] = {
    "bench": ["bench", "hearing", "--recordings", "recordings", "--only", "quiet dry"],
    "check": ["check", "small.yaml"],
    "completion": ["completion", "bash"],
    "config": ["config"],
    "devices": ["devices"],
    "doctor": ["doctor", "--silent"],
    "help": ["help", "plan"],
    "history": ["history"],
    "listen": ["listen", "--from", "recordings/how-long-1.wav"],
    "new": ["new", "my-own"],
    "plan": ["plan", "./small.yaml"],
    "rehearse": ["rehearse", "./small.yaml", "--say", "0:10 how long"],
    "routines": ["routines"],
    "run": ["run", "./small.yaml"],
    "service": ["service", "install", "--print"],
    "setup": ["setup"],
    "standby": ["standby"],
}
UNTIL = {"standby": "No loudspeaker"}
"""What those tell that go on for ever."""


def verbs_of_parser() -> set[str]:
    """Return what the command line understands."""
    actions = build_parser()._actions
    (verbs,) = (action for action in actions if isinstance(action, argparse._SubParsersAction))
    return set(verbs.choices)


def furnish(folder: Path) -> None:
    """Make what the verbs need: a routine, and two recordings of one phrase."""
    (folder / "small.yaml").write_text(SMALL)
    (folder / "recordings").mkdir()
    for number in (1, 2):
        sound = spoken("en", "slt", "how long")
        soundfile.write(folder / "recordings" / f"how-long-{number}.wav", sound, 16_000)


def poison(folder: Path, only: tuple[str, ...] = ()) -> None:
    """Put modules of all names there are into a folder, each of which ends who imports it."""
    libraries = {path.name.partition(".")[0] for path in Path(sysconfig.get_path("purelib")).iterdir()}
    names = set(only) or {*sys.stdlib_module_names, *libraries, "sitecustomize", "usercustomize"}
    text = f"open({str(folder / 'poisoned')!r}, 'a').write(__name__ + '\\n')\nraise SystemExit('poisoned')\n"
    for name in filter(str.isidentifier, names):
        (folder / f"{name}.py").write_text(text)
    (folder / "voicecoach").mkdir()
    (folder / "voicecoach" / "__init__.py").write_text(text)


def poisoned(folder: Path) -> list[str]:
    """Return which of its modules were imported."""
    try:
        return (folder / "poisoned").read_text().split()
    except FileNotFoundError:
        return []


def environment_in(home: Path, temporary: Path, cache: Path, **more: str) -> dict[str, str]:
    """Return the environment of somebody who has nothing yet, but for what was spoken before."""
    home.mkdir()
    temporary.mkdir()
    (home / ".cache").mkdir()
    kept = cache / "voicecoach"
    kept.mkdir(exist_ok=True)
    (home / ".cache" / "voicecoach").symlink_to(kept)
    return {"PATH": os.environ["PATH"], "HOME": str(home), "TMPDIR": str(temporary), **more}


def try_verbs(cache: Path) -> dict[str, Any]:
    """Try each verb once, however many tests and workers ask, and return what came of it."""
    with cache.with_name("verbs.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        file = cache.with_name("verbs.json")
        if not file.exists():
            file.write_text(json.dumps(_try_verbs(cache.with_name("verbs"), cache)))
        found: dict[str, Any] = json.loads(file.read_text())
        return found


def _try_verbs(folder: Path, cache: Path) -> dict[str, Any]:
    here, home, temporary = folder / "here", folder / "home", folder / "temporary"
    here.mkdir(parents=True)
    furnish(here)
    poison(here)
    # Some have this in their environment because they want to be counted.
    environment = environment_in(home, temporary, cache, ORT_DISABLE_TELEMETRY="0")
    runs = [
        {"words": [PROGRAM, *words], "folder": str(here), "until": UNTIL.get(name), "environment": environment}
        for name, words in VERBS.items()
    ]
    return {
        "verbs": dict(zip(VERBS, run_apart(runs), strict=True)),
        "home": _files(home),
        "temporary": _files(temporary),
        "poisoned": poisoned(here),
    }


def _files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))
