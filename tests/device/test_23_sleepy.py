"""A loudspeaker that swallows the first 0.8 s of what wakes it, on a real sound server."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.device.living import Home

SWALLOWS_MS = 800
QUIET = 100
"""Of 16 bits: what keeps a loudspeaker awake is fainter, and all words and tones are louder."""


@pytest.fixture
def sleepy(preloaded: Callable[[str], dict[str, str]]) -> dict[str, str]:
    return preloaded("sleepy.c") | {"SLEEPY_MS": str(SWALLOWS_MS), "SLEEPY_AFTER_MS": "2500"}


def set_to(folder: Path, wake_s: float) -> str:
    path = folder / "config.yaml"
    path.write_text(f"devices:\n  wake_s: {wake_s}\n")
    return str(path)


def waking(home: Home, sleepy: dict[str, str], *arguments: str) -> dict[str, Any]:
    asked = home.ask("doctor", "--json", *arguments, more=sleepy)
    assert asked.returncode == 0, asked.stderr
    checks = {check["check"]: check for check in json.loads(asked.stdout)["checks"]}
    assert checks["waking"]["facts"], checks["waking"]
    return dict(checks["waking"])


@pytest.mark.usefixtures("echo")
def test_doctor_measures_what_is_swallowed_and_what_it_advises_mends_it(
    home: Home, sleepy: dict[str, str], tmp_path: Path
) -> None:
    home.make_noise()
    found = waking(home, sleepy)
    assert found["code"] == "swallows"
    assert found["facts"]["lost_ms"] == pytest.approx(SWALLOWS_MS, abs=100)
    mended = waking(home, sleepy, "--config", set_to(tmp_path, found["facts"]["wake_s"]))
    # On a busy machine a gap of the server's may look like a little of it.
    assert mended["facts"]["lost_ms"] < SWALLOWS_MS / 2


def test_a_session_gives_it_time_before_its_first_word_and_keeps_it_awake(
    home: Home, sleepy: dict[str, str], tmp_path: Path
) -> None:
    home.record()
    coach = home.run("--config", set_to(tmp_path, 1.5), **sleepy)
    assert coach.ends() == 0
    sound = home.recorded()
    awake, audible = np.flatnonzero(sound), np.flatnonzero(np.abs(sound.astype(np.int32)) > QUIET)
    first, last = int(audible[0]), int(audible[-1])
    assert first - int(awake[0]) >= 48_000 * (1.5 - SWALLOWS_MS / 1000 - 0.1), "it was woken before the first word"
    moments = sound[first : first + (last - first) // 4_800 * 4_800].reshape(-1, 4_800)
    # On a busy machine the server itself leaves gaps.
    assert (moments != 0).any(axis=1).mean() > 0.5, "it is not let fall asleep"
