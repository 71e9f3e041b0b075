"""Hearing what is said in a sound file. A module of its own: live ears need nothing that reads files."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from voicecoach.audio.files import length_s, stream_audio
from voicecoach.audio.pcm import int16_from_float
from voicecoach.language.pack import LanguagePack
from voicecoach.listening.ears import Ears, hear_blocks
from voicecoach.listening.recognizer import Pcm
from voicecoach.listening.sensations import Heard, Ignored

_LONG_S: Final = 60
"""What takes more than two seconds to hear on a small machine comes with progress."""


def hear_file(
    ears: Ears, pack: LanguagePack, path: Path, progress: Callable[[int, int], None] | None = None
) -> Iterator[Heard | Ignored]:
    """Yield what is said in a sound file of any rate, every phrase of the pack open.

    The file is heard as it is read, so its length takes no memory; `progress` is told the seconds heard, and how many
    there are. Raises `UsageError` for what is no sound file.
    """
    total_s = length_s(path)

    def blocks() -> Iterator[Pcm]:
        for second, block in enumerate(stream_audio(path), 1):
            yield int16_from_float(block)
            if progress is not None and total_s >= _LONG_S:
                progress(min(second, total_s), total_s)

    return hear_blocks(ears, blocks(), pack.all_phrases)
