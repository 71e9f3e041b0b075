"""Recordings of many people: how many of their commands are understood, and what else is taken for one.

A set is a folder with sound files and `labels.json`, a list of objects with `file`, `text`,
`command` (an id, or null for what is meant for nobody), `speaker` and, if several collections are
together, `source`.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import numpy as np

from voicecoach.audio.clip import Samples
from voicecoach.audio.files import read_audio
from voicecoach.bench.attending import attend
from voicecoach.bench.conditions import Place
from voicecoach.bench.records import Attended
from voicecoach.bench.scenes import at_level, floor, mixed, pcm
from voicecoach.commands import Command
from voicecoach.errors import UsageError
from voicecoach.listening.ears import Ears
from voicecoach.listening.recognizer import Pcm
from voicecoach.rehearsal.room import loudest_frame_dbfs
from voicecoach.units import INPUT_FRAMES_PER_MS, INPUT_RATE_HZ

LABELS: Final = "labels.json"
LONGEST_S: Final = 60
ROOM_TONE_MS: Final = 1000
"""Put before and after a recording: many are cut so short that they end in digital silence."""
DISTANCE_M: Final = 2.0
_QUIETEST: Final = 0.1
"""The tone is as loud as this share of a recording's frames, the quietest."""
_FRAME: Final = 10 * INPUT_FRAMES_PER_MS
_SILENT_DBFS: Final = -75.0
_MOST_LABELS: Final = 100_000


@dataclass(frozen=True, slots=True)
class Clip:
    """One recording."""

    file: Path
    text: str
    command: Command | None
    """None where nothing in it is meant for the coach."""
    speaker: str
    source: str


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What is around the people of a set."""

    noise: Path | None = None
    snr_db: float = 12.0
    """The loudest of the person against the loudest of the noise, in 2048 samples each."""
    rt60_s: float | None = None
    """How long the room rings in which they speak, two metres away; none for as recorded."""


@dataclass(frozen=True, slots=True)
class ClipRecord:
    """What came of one recording."""

    clip: Clip
    attended: Attended

    @property
    def heard(self) -> frozenset[Command]:
        """The commands that were obeyed."""
        return frozenset(one.command for one in self.attended.judged if one.command is not None)

    @property
    def why(self) -> str:
        """Every judgement in it, for people."""
        judged = [f"{one.command or one.reason} ({one.score:.2f})" for one in self.attended.judged]
        return "; ".join(judged) or "no voice noticed"


def read_set(folder: Path) -> list[Clip]:
    """Return the recordings of a set.

    Raises `UsageError` in one line where there is no such set, or its labels are not as they must be.
    """
    path = folder / LABELS
    try:
        labels = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no JSON"
        raise UsageError(f"cannot read {path}: {why}; give a folder with sound files and {LABELS}.") from None
    if not isinstance(labels, list) or not 0 < len(labels) <= _MOST_LABELS:
        raise UsageError(f"cannot use {path}: it must be a list of 1 to {_MOST_LABELS:,} labels.")
    return [_clip(folder, number, label) for number, label in enumerate(labels, 1)]


def _clip(folder: Path, number: int, label: Any) -> Clip:
    def wrong(what: str) -> UsageError:
        return UsageError(f"cannot use label {number} of {folder / LABELS}: {what}.")

    if not isinstance(label, dict):
        raise wrong("it must be an object")
    words: dict[str, str] = {}
    for name in ("file", "text", "speaker"):
        value = label.get(name)
        if not isinstance(value, str):
            raise wrong(f"it needs a text as '{name}'")
        words[name] = value
    command = label.get("command")
    if command is not None and command not in list(Command):
        raise wrong("its 'command' must be null or the id of a command, such as stop")
    if "\0" in words["file"]:
        raise wrong("its 'file' holds a zero byte")
    file = folder / words["file"]
    if not file.resolve().is_relative_to(folder.resolve()):
        raise wrong("its 'file' is outside of the folder")
    return Clip(
        file,
        words["text"],
        None if command is None else Command(command),
        words["speaker"],
        str(label.get("source") or "all"),
    )


def hear_clip(ears: Ears, clip: Clip, number: int, around: Surroundings, open_phrases: Sequence[str]) -> ClipRecord:
    """Have ears that have heard nothing yet hear a recording. `number` decides its tone and noise.

    Raises `UsageError` as `read_audio`.
    """
    return ClipRecord(clip, attend(ears, sound_of(clip, number, around), open_phrases))


def sound_of(clip: Clip, number: int, around: Surroundings) -> Pcm:
    """Return what a microphone hears of a recording. `number` decides its tone, and where in the noise it is.

    Raises `UsageError` as `read_audio`.
    """
    said = read_audio(clip.file, longest_s=LONGEST_S)
    tone = room_tone(said, number)
    sound = np.concatenate((tone[0], said, tone[1]))
    if around.rt60_s is not None:
        frames = len(sound) + math.ceil(around.rt60_s * INPUT_RATE_HZ)
        sound = mixed([sound], Place(DISTANCE_M, around.rt60_s), frames) + floor(frames, number)
    if around.noise is not None:
        behind = np.resize(np.roll(_noise(around.noise), -number * INPUT_RATE_HZ), len(sound))
        sound = sound + at_level(behind, loudest_frame_dbfs(sound) - around.snr_db)
    return pcm(sound)


def room_tone(said: Samples, number: int) -> Samples:
    """Return hiss as loud as the quietest of a recording, twice: shape (2, frames)."""
    frames = np.resize(said, (max(1, len(said) // _FRAME), min(_FRAME, len(said))))
    power = np.sort(np.mean(np.square(frames), axis=1))
    quietest = float(power[: max(1, round(_QUIETEST * len(power)))].mean())
    level = max(math.sqrt(quietest), 10 ** (_SILENT_DBFS / 20))
    hiss = np.random.default_rng(number).standard_normal((2, ROOM_TONE_MS * INPUT_FRAMES_PER_MS))
    return (hiss * level).astype(np.float32)


@lru_cache(maxsize=1)
def _noise(path: Path) -> Samples:
    return read_audio(path)
