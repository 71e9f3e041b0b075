"""A person's own recordings of the phrases, for `--recordings DIR`.

A file says the phrase that it is named after: `switch-foot.wav`, `Switch Foot.flac`, `whats-next.ogg`. What follows a
number or an `@` does not count, so that a phrase can be recorded more than once: `next-2.wav`, `next@kitchen.wav`. The
folder that a file is in is the speaker: `DIR/anna/next.wav`; files right in the folder are by one person.
"""

from __future__ import annotations

import difflib
import re
from pathlib import Path
from typing import Final

from voicecoach.bench.speakers import Group, Speaker, Synthesizer
from voicecoach.errors import UsageError
from voicecoach.language.pack import LanguagePack

SUFFIXES: Final = frozenset({".wav", ".flac", ".ogg", ".oga", ".opus", ".mp3", ".aiff", ".aif", ".w64", ".caf"})


def find_recordings(folder: Path, pack: LanguagePack) -> list[tuple[Speaker, str, Path]]:
    """Return who says which phrase in which file, in order of the files' names.

    Raises `UsageError` in one line where there is no such folder, no sound file in it, or a file that is named after no
    phrase.
    """
    if not folder.is_dir():
        what = "it is not a folder" if folder.exists() else "there is no such folder"
        raise UsageError(f"cannot take recordings from {folder}: {what}; give one with sound files named after phrases")
    files = sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES and path.is_file())
    if not files:
        raise UsageError(
            f"cannot take recordings from {folder}: there is no sound file in it;"
            f" record phrases as, for example, {_file_name(pack.all_phrases[0])}.wav"
        )
    found = []
    for file in files:
        name = file.parent.name if file.parent != folder else "you"
        speaker = Speaker(name, Group.RECORDED, Synthesizer.RECORDED, str(file.parent))
        found.append((speaker, _phrase_of(file, pack), file))
    return found


def _phrase_of(file: Path, pack: LanguagePack) -> str:
    known = {_words(phrase): phrase for phrase in pack.all_phrases}
    said = _words(re.sub(r"(@.*|[\s_-]*\(?\d+\)?)$", "", file.stem))
    if said in known:
        return known[said]
    nearest = difflib.get_close_matches(said, known, n=1, cutoff=0.0)
    raise UsageError(
        f"cannot tell what {file} says: '{said}' is no phrase of {pack.name};"
        f" name it after one, for example {_file_name(known[nearest[0]])}{file.suffix}"
    )


def _words(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold().replace("'", "").replace("\u2019", "").replace("_", " ")))


def _file_name(phrase: str) -> str:
    return _words(phrase).replace(" ", "-")
