"""A loudspeaker that swallows the first 0.8 s of what wakes it, on a real sound server."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from scipy.signal import correlate

from tests.device.living import Home
from voicecoach.audio.tones import tone_samples
from voicecoach.coaching.messages import Tone
from voicecoach.timeline.events import ToneSounded

SWALLOWS_MS = 800
QUIET = 100
"""Of 16 bits: what keeps a loudspeaker awake is fainter, and all words and tones are louder."""
MOVED = 300 * 48
"""A tone may come so much later where a busy machine's loudspeaker stands still for a moment."""


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
    assert (moments != 0).any(axis=1).mean() > 0.75, "it is never let fall asleep"
    tones = coach.of(ToneSounded)
    (start,) = [tone for tone in tones if tone.name is Tone.START]
    began = int(np.argmax(likeness(sound, Tone.START)))
    whole = 0
    for tone in tones:
        at = began + (tone.t_ms - start.t_ms) * 48
        around = likeness(sound[max(0, at - MOVED) : at + MOVED + len(tone_samples(tone.name))], tone.name)
        whole += around.max() > 0.9
    # On a busy machine a gap may fall into a tone.
    assert whole >= 0.8 * len(tones), "tones are whole, and where they should be"


def likeness(sound: npt.NDArray[np.int16], tone: Tone) -> npt.NDArray[np.float64]:
    """Return for each place how much of a tone begins there: 1 for all of it."""
    samples = tone_samples(tone).astype(np.float64)
    found = correlate(sound / 32_768, samples, "valid")
    return np.asarray(found / (samples**2).sum())
