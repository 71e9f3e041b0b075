"""What the speakers say, as sound at 16 kHz: rendered once, kept in the cache folder from then on."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

import numpy as np
import platformdirs
import soundfile
import soxr

from voicecoach.atomic_file import AtomicFile, read_ordinary
from voicecoach.audio.clip import Samples
from voicecoach.bench.speakers import Speaker
from voicecoach.bench.synthesizers import FINE_RATE_HZ, synthesize
from voicecoach.errors import UsageError, VoiceError
from voicecoach.units import INPUT_FRAMES_PER_MS, INPUT_RATE_HZ

FORMAT: Final = 1
"""Changes when sound is made in another way: what was kept is made anew then."""
PEAK: Final = 0.5
_AUDIBLE: Final = PEAK * 10 ** (-40 / 20)
"""Below this at both ends there is nothing to hear but for the last `_EDGE_FRAMES`, and it is cut off."""
_EDGE_FRAMES: Final = 50 * INPUT_FRAMES_PER_MS
_LARGEST_BYTES: Final = 64 * 1024 * 1024
_BATCH: Final = 50
"""Texts that a synthesizer is given at once: enough to start rarely, few enough to tell how far it is."""

Tell = Callable[[int], None]
"""Is told how many texts have been rendered since it was told last."""


def default_folder() -> Path:
    """Return where rendered speech is kept: `~/.cache/voicecoach/bench`. It can be deleted at any time."""
    return platformdirs.user_cache_path("voicecoach") / "bench"


class Renderer:
    """Has speakers speak. Several processes may share the folder; used by one thread."""

    def __init__(self, folder: Path | None = None) -> None:
        """Keep what was rendered in a folder, by default `default_folder()`; it is made where it is missing."""
        self._folder = default_folder() if folder is None else folder

    def prepare(self, speaker: Speaker, texts: Sequence[str], tell: Tell | None = None) -> None:
        """Render what has not been yet, many texts at once, which is quicker than one by one.

        Raises `VoiceError` where the synthesizer fails, and `UsageError` where the folder cannot be written.
        """
        missing = [text for text in dict.fromkeys(texts) if not self._path(speaker, text).is_file()]
        if tell is not None:
            tell(len(texts) - len(missing))
        for start in range(0, len(missing), _BATCH):
            batch = missing[start : start + _BATCH]
            for text, sound in zip(batch, synthesize(speaker, batch), strict=True):
                self._keep(self._path(speaker, text), _shaped(sound, speaker))
            if tell is not None:
                tell(len(batch))

    def say(self, speaker: Speaker, text: str) -> Samples:
        """Return a text as a speaker says it: mono at 16 kHz, trimmed, with a peak of 0.5. Raises as `prepare`."""
        path = self._path(speaker, text)
        if (sound := _read(path)) is None:
            with suppress(OSError):
                path.unlink()
            self.prepare(speaker, [text])
            # Read back even now, so that it sounds as it will later, to the bit.
            sound = _read(path)
        if sound is None:
            raise UsageError(f"cannot read {path} again, which was just written; look at the disk")
        return sound

    def _path(self, speaker: Speaker, text: str) -> Path:
        how = [FORMAT, speaker.synthesizer, speaker.voice, speaker.tempo, speaker.pitch_hz, speaker.size, text]
        name = hashlib.sha256(json.dumps(how).encode()).hexdigest()[:32]
        return self._folder / name[:2] / f"{name}.flac"

    @staticmethod
    def _keep(path: Path, sound: Samples) -> None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UsageError(f"cannot make the folder {path.parent} ({error.strerror}); set XDG_CACHE_HOME") from None
        with AtomicFile(path, durable=False) as file, file.guarded():
            soundfile.write(file.file, sound, INPUT_RATE_HZ, format="FLAC", subtype="PCM_16")


def _read(path: Path) -> Samples | None:
    try:
        samples, rate_hz = soundfile.read(io.BytesIO(read_ordinary(path, _LARGEST_BYTES)), dtype="float32")
    except (OSError, soundfile.LibsndfileError):
        return None
    if rate_hz != INPUT_RATE_HZ or samples.ndim != 1 or not len(samples):
        return None
    return np.asarray(samples, dtype=np.float32)


def _shaped(sound: Samples, speaker: Speaker) -> Samples:
    """Play a sound at the speed of the speaker's size, bring it to 16 kHz, trim and level it."""
    sound = np.asarray(soxr.resample(sound, FINE_RATE_HZ, INPUT_RATE_HZ * speaker.size, quality="HQ"), np.float32)
    peak = float(np.abs(sound).max()) if len(sound) else 0.0
    if peak == 0.0:
        raise VoiceError(f"'{speaker.name}' says nothing at all; try {speaker.synthesizer} by hand.")
    sound = sound * np.float32(PEAK / peak)
    audible = np.flatnonzero(np.abs(sound) > _AUDIBLE)
    return sound[max(0, audible[0] - _EDGE_FRAMES) : audible[-1] + _EDGE_FRAMES]
