"""A loudspeaker that swallows the first 0.8 s of what wakes it, on a real sound server."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.device.living import Home
from tests.rehearsal.tone_finder import find_tones
from voicecoach.timeline.events import ToneSounded

SWALLOWS_MS = 800
QUIET = 100
FAINT = 8
"""Of 16 bits: what keeps a loudspeaker awake is no louder than `FAINT`; all words and tones are louder than both."""


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
    assert (mended["code"], mended["facts"]["lost_ms"]) == ("whole", 0)


def test_a_session_gives_it_time_and_is_as_exact_as_ever(home: Home, sleepy: dict[str, str], tmp_path: Path) -> None:
    home.record()
    coach = home.run("--config", set_to(tmp_path, 1.5), **sleepy)
    assert coach.ends() == 0
    sound = home.recorded()
    awake, audible = np.flatnonzero(sound), np.flatnonzero(np.abs(sound.astype(np.int32)) > QUIET)
    first, last = int(audible[0]), int(audible[-1])
    assert first - int(awake[0]) >= 48_000 * (1.5 - SWALLOWS_MS / 1000 - 0.1), "it was woken before the first word"
    moments = sound[first : first + (last - first) // 4_800 * 4_800].reshape(-1, 4_800)
    # On a busy machine the server itself leaves gaps.
    assert (moments != 0).any(axis=1).mean() > 0.9, "it is never let fall asleep"
    tones = [(tone.name.value, tone.t_ms) for tone in coach.of(ToneSounded)]
    found = find_tones(np.where(np.abs(sound) > FAINT, sound, 0).astype(np.int16))
    assert [name for name, _ in found] == [name for name, _ in tones], "none is swallowed"
    start, end = ([at for name, at in tones].index(dict(tones)[name]) for name in ("start", "hold_end"))
    assert (found[end][1] - found[start][1]) / 48 == pytest.approx(tones[end][1] - tones[start][1], abs=60)
