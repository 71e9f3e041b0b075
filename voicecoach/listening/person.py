"""What the coach has learnt of how one person says the phrases, and the small file that it is kept in.

Kept is what the two witnesses wrote down when the person said a phrase: strings of phonetic symbols. No sound can be
made of them, and none is kept.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Annotated, Final, Literal

import platformdirs
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from voicecoach.atomic_file import PRIVATE, AtomicFile, private_folder, read_ordinary
from voicecoach.errors import UsageError
from voicecoach.language.pack import LanguagePack
from voicecoach.listening.pronunciation import PHONEMES, pronunciations

FORMAT: Final = 1
LARGEST_BYTES: Final = 256 << 10
"""Three sayings of each of 200 phrases take under 100 KiB."""
HOW_TO_MEND: Final = "teach it again with `voicecoach teach`, or remove it with `voicecoach teach --forget`"
MOST_SAYINGS: Final = 3
"""Of one phrase. Each one more is one more way for something else to be taken for it."""

LEAST_SYMBOLS: Final = 3
"""Less than three symbols fit nearly anything; "go" and "no" are too short to be taught."""

_Symbols = Annotated[str, StringConstraints(pattern=r"^[^\s\x00-\x1f]{1,8}( [^\s\x00-\x1f]{1,8}){0,79}$")]


def _of_dictionary(value: str) -> str:
    if unknown := [phoneme for phoneme in value.split(" ") if value and phoneme not in PHONEMES]:
        raise ValueError(f"there is no phoneme '{unknown[0][:8]}'")
    return value


_Phonemes = Annotated[str, StringConstraints(max_length=240), AfterValidator(_of_dictionary)]
_WrittenPhrase = Annotated[str, StringConstraints(min_length=1, max_length=60)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Saying(_Strict):
    """How a person once said a phrase."""

    symbols: _Symbols
    """As the phoneme recognizer wrote it, separated by spaces."""
    phonemes: _Phonemes = ""
    """As PocketSphinx wrote it in the phonemes of its dictionary; empty where nothing usable came of it."""


class _File(_Strict):
    voicecoach_person: Literal[1] = FORMAT
    language: Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}$")]
    written_by: dict[str, str] = Field(max_length=4)
    phrases: dict[_WrittenPhrase, Annotated[list[Saying], Field(min_length=1, max_length=MOST_SAYINGS)]] = Field(
        max_length=1000
    )


@dataclass(frozen=True, slots=True)
class PersonProfile:
    """How one person says phrases of one language."""

    language: str
    sayings: Mapping[str, tuple[Saying, ...]]
    """By phrase, as in the language pack, in lower case."""

    @property
    def symbols(self) -> dict[str, tuple[str, ...]]:
        """What the phoneme recognizer wrote, by phrase."""
        return {phrase: tuple(saying.symbols for saying in sayings) for phrase, sayings in self.sayings.items()}

    @property
    def phonemes(self) -> dict[str, tuple[str, ...]]:
        """What PocketSphinx wrote, by phrase; not every phrase has some."""
        written = {
            phrase: tuple(dict.fromkeys(saying.phonemes for saying in sayings if saying.phonemes))
            for phrase, sayings in self.sayings.items()
        }
        return {phrase: phonemes for phrase, phonemes in written.items() if phonemes}

    def of(self, phrases: Sequence[str]) -> PersonProfile:
        """Return what is known of these phrases only."""
        wanted = {phrase.casefold() for phrase in phrases}
        return PersonProfile(self.language, {p: said for p, said in self.sayings.items() if p in wanted})


class UnusableProfileError(UsageError):
    """A person's file is damaged, or was written with other models. The coach hears without it."""


def teachable(pack: LanguagePack) -> tuple[str, ...]:
    """Return the phrases of a pack that are long enough to be taught."""
    ways = pronunciations({word for phrase in pack.all_phrases for word in phrase.casefold().split()})

    def length(phrase: str) -> int:
        return sum(min(map(len, ways[word]), default=0) for word in phrase.casefold().split())

    return tuple(phrase for phrase in pack.all_phrases if length(phrase) >= LEAST_SYMBOLS)


def profile_path(language: str) -> Path:
    """Return where the one profile of a language is kept: beside the models and the history."""
    return platformdirs.user_data_path("voicecoach") / f"person-{language}.json"


def find_profile(pack: LanguagePack) -> PersonProfile | None:
    """Return the profile of a pack's language, as far as the pack has its phrases; none where none was taught.

    Raises `UnusableProfileError`, which says in one line what to do; whoever listens goes on without it.
    """
    path = profile_path(pack.language)
    return read_profile(path, pack) if os.path.lexists(path) else None


def read_profile(path: Path, pack: LanguagePack) -> PersonProfile:
    """Read a profile strictly. Raises `UnusableProfileError` for anything but a whole one of this language."""
    try:
        data = read_ordinary(path, LARGEST_BYTES + 1, narrow=True)
    except OSError as error:
        raise UnusableProfileError(f"cannot read {path} ({error.strerror}); {HOW_TO_MEND}") from None
    try:
        if len(data) > LARGEST_BYTES:
            raise ValueError("it is too large")
        file_ = _File.model_validate_json(data)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise UnusableProfileError(
            f"{path} is no profile of a person ({where or 'file'}: {first['msg']}); {HOW_TO_MEND}"
        ) from None
    except ValueError as error:
        raise UnusableProfileError(f"{path} is no profile of a person ({error}); {HOW_TO_MEND}") from None
    if file_.language != pack.language:
        raise UnusableProfileError(f"{path} is for the language '{file_.language}'; {HOW_TO_MEND}")
    if file_.written_by != (engines := _engines()):
        before = ", ".join(f"{name} {number}" for name, number in sorted(file_.written_by.items()))
        now = ", ".join(f"{name} {number}" for name, number in engines.items())
        raise UnusableProfileError(f"{path} was taught to other models ({before}; here are {now}); {HOW_TO_MEND}")
    profile = PersonProfile(file_.language, {p.casefold(): tuple(said) for p, said in file_.phrases.items()})
    profile = profile.of(pack.all_phrases)
    if not profile.sayings:
        raise UnusableProfileError(f"{path} has none of the phrases that can be said now; {HOW_TO_MEND}")
    return profile


def write_profile(path: Path, profile: PersonProfile) -> None:
    """Write a profile, whole or not at all. Raises `UsageError` where the disk refuses it."""
    written = _File(
        language=profile.language,
        written_by=_engines(),
        phrases={phrase: list(said) for phrase, said in profile.sayings.items()},
    )
    try:
        private_folder(path.parent)
    except OSError as error:
        raise UsageError(f"cannot make the folder {path.parent} ({error.strerror}); make room for it") from None
    text = json.dumps(written.model_dump(), ensure_ascii=False, indent=1) + "\n"
    with AtomicFile(path, mode=PRIVATE) as file:
        file.write(text.encode())


def forget_profile(language: str) -> bool:
    """Remove the profile of a language, and tell whether there was one. Raises `UsageError` where that fails."""
    path = profile_path(language)
    try:
        path.unlink()
    except FileNotFoundError:
        return False
    except OSError as error:
        raise UsageError(f"cannot remove {path} ({error.strerror}); remove it by hand") from None
    return True


def _engines() -> dict[str, str]:
    """Return what writes the phonetic symbols: with another version they may mean something else."""
    found: dict[str, str] = {}
    for name in ("hama", "pocketsphinx"):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
