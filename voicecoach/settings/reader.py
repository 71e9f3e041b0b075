"""From the settings file, wherever it is, to what the program does: all settings, and where each comes from."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import platformdirs

from voicecoach.coaching.timing import Timing
from voicecoach.commands import STANDBY, URGENT, Command
from voicecoach.errors import EXIT_DOCUMENT, DocumentError, UsageError, VoicecoachError
from voicecoach.language.pack import LanguagePack, languages, load_pack
from voicecoach.routine.model import phrases_in, words_of
from voicecoach.settings.model import DEFAULT_LANGUAGE, NEEDS_NEWER, Settings
from voicecoach.strict_yaml import Authored, Document, Location, read, read_file

FILE_VARIABLE = "VOICECOACH_CONFIG"
"""Environment variable that names the file."""
SYSTEM_FILE = Path("/etc/voicecoach/config.yaml")
_PHRASES = tuple(command for command in Command if command not in STANDBY)
"""What phrases can be added for."""
DEFAULT_SOURCE = "default"
"""Where a setting comes from that no file names."""


class UnreadableSettingsError(VoicecoachError):
    """There is something in the settings file's place that cannot be read."""

    exit_code: ClassVar[int] = EXIT_DOCUMENT


@dataclass(frozen=True, slots=True)
class Setting:
    """One effective setting."""

    key: str
    """As `voice.volume_db`."""
    value: str | int | float | list[str] | None
    """None where it is left to the system."""
    source: str
    """`default`, or `file:line`."""


@dataclass(frozen=True, slots=True)
class Configuration:
    """The settings that hold, joined with the language they are for."""

    settings: Settings
    path: Path | None
    """The file they were read from; none where there is no file."""
    authored: Authored[Settings] | None

    @property
    def timing(self) -> Timing:
        """The session's own durations."""
        return self.settings.timing.timing

    def applies_to(self, language: str | None) -> bool:
        """Tell whether voice, phrases and model are for this language; none is the language of the settings."""
        return language in (None, self.settings.language)

    def pack(self, language: str | None = None) -> LanguagePack:
        """Return a language's pack with the voice and the extra phrases of the settings, if they are for it.

        None is the language of the settings. Raises `UsageError` where there is no such language.
        """
        if not self.applies_to(language):
            return load_pack(str(language))
        pack = load_pack(self.settings.language)
        own = self.settings.voice
        voice = pack.voice.model_copy(
            update={
                "espeak": own.name or pack.voice.espeak,
                "words_per_minute": own.words_per_minute or pack.voice.words_per_minute,
            }
        )
        more = self.settings.phrases
        phrases = {command: _joined(known, more.of(command)) for command, known in pack.phrases.items()}
        address = self.settings.address
        return pack.model_copy(
            update={
                "voice": voice,
                "phrases": phrases,
                "address": address or pack.address,
                "must_be_addressed": address is not None,
            }
        )

    def model_folder(self, language: str | None = None) -> Path | None:
        """Return the folder of the Vosk model that the settings name for a language."""
        named = self.settings.hearing.model
        return Path(named) if named and self.applies_to(language) else None

    def unknown_words(self, words: Iterable[str]) -> DocumentError | None:
        """Return the faults of the address and of extra phrases with a word that cannot be heard; none if none has.

        `words` are those that a recognizer does not know, in lower case.
        """
        if self.authored is None:
            return None
        unknown = frozenset(words)
        faults = []
        for location, phrase in [(("address",), self.settings.address or ""), *self._placed_phrases()]:
            if strange := [word for word in phrase.casefold().split() if word in unknown]:
                named = ", ".join(f"'{word}'" for word in dict.fromkeys(strange))
                what = f"The recognizer has never heard of {named}; say it in other words."
                faults.append(self.authored.place(location).fault(what))
        return DocumentError(self.authored.source, faults) if faults else None

    def extra_words(self) -> frozenset[str]:
        """Every word of the address and the extra phrases, in lower case."""
        phrases = [*self.extra_phrases(), self.settings.address or ""]
        return frozenset(word for phrase in phrases for word in phrase.casefold().split())

    def extra_phrases(self) -> tuple[str, ...]:
        """Every phrase that is added, in the order of the commands."""
        return tuple(phrase for _, phrase in self._placed_phrases())

    def warn(self, warnings: Mapping[str, str]) -> list[str]:
        """Return a line for each extra phrase that there is something to say of, in the order of the file."""
        if self.authored is None:
            return []
        placed = [(self.authored.place(location), phrase) for location, phrase in self._placed_phrases()]
        return [
            f"{self.authored.source}:{place.line}:{place.column}: warning: {warnings[phrase]}"
            for place, phrase in sorted(placed)
            if phrase in warnings
        ]

    def _placed_phrases(self) -> list[tuple[Location, str]]:
        return [
            (("phrases", command.value, index), phrase)
            for command in _PHRASES
            for index, phrase in enumerate(self.settings.phrases.of(command))
        ]

    def effective(self) -> list[Setting]:
        """Return every setting with its value and its source, in the order of `docs/settings.md`."""
        found: list[Setting] = []
        voice = self.pack().voice
        of_the_language: dict[str, str | int] = {
            "voice.name": voice.espeak,
            "voice.words_per_minute": voice.words_per_minute,
        }
        for name in type(self.settings).model_fields:
            value = getattr(self.settings, name)
            if not isinstance(value, Document):
                found.append(Setting(name, value, self._source((name,))))
                continue
            for inner in type(value).model_fields:
                key = f"{name}.{inner}"
                found.append(Setting(key, of_the_language.get(key, getattr(value, inner)), self._source((name, inner))))
        return found

    def _source(self, location: tuple[str, ...]) -> str:
        inside: object = self.settings
        for key in location:
            if not isinstance(inside, Document) or key not in inside.model_fields_set or self.authored is None:
                return DEFAULT_SOURCE
            inside = getattr(inside, key)
        assert self.authored is not None
        return f"{self.authored.source}:{self.authored.place(location).line}"


def user_file() -> Path:
    """Return where a person's settings are looked for: `~/.config/voicecoach/config.yaml`. It need not exist."""
    return platformdirs.user_config_path("voicecoach") / "config.yaml"


def find_file(named: str | None = None) -> Path | None:
    """Return the settings file: the named one, that of `VOICECOACH_CONFIG`, the person's, the system's; or none.

    Raises `UsageError` where a file was named that does not exist.
    """
    chosen = os.environ.get(FILE_VARIABLE) or None if named is None else named
    if chosen is not None:
        path = Path(chosen)
        if not _exists(path):
            how = "--config" if named is not None else f"the environment variable {FILE_VARIABLE}"
            raise UsageError(f"There is no settings file {chosen!r}, which {how} names; check its name.")
        return path
    return next((path for path in (user_file(), SYSTEM_FILE) if _exists(path)), None)


def load_configuration(named: str | None = None) -> Configuration:
    """Return the settings that hold: of the file that `find_file` finds, else the defaults.

    Raises `DocumentError` with every fault, `UnreadableSettingsError` for what is no readable file, and `UsageError` as
    `find_file`.
    """
    path = find_file(named)
    if path is None:
        return Configuration(Settings(), None, None)
    try:
        content = read_file(path)
    except UsageError as error:
        raise UnreadableSettingsError(f"The settings cannot be used: {error}") from error
    return configuration_from(content, path)


def configuration_from(content: str | bytes, path: Path) -> Configuration:
    """Return the settings that a file's content describes. Raises `DocumentError` with every fault.

    A file in which every line is empty or a remark is as good as none.
    """
    if _says_nothing(content):
        return Configuration(Settings(), path, None)
    try:
        authored = read(content, str(path), Settings, check=_across_fields)
    except DocumentError as error:
        # What else a later format has would only be misunderstood.
        newer = [fault for fault in error.faults if fault.what.startswith(NEEDS_NEWER)]
        raise DocumentError(error.source, newer) if newer else error from None
    return Configuration(authored.value, path, authored)


def _exists(path: Path) -> bool:
    """Tell whether something is there, be it unreadable: only what is not there may be passed over."""
    try:
        path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except (OSError, ValueError):
        return True
    return True


def _says_nothing(content: str | bytes) -> bool:
    text = content if isinstance(content, str) else content.decode(errors="replace")
    lines = (line.strip(" \t\r") for line in text.removeprefix("\ufeff").split("\n"))
    return all(not line or line.startswith("#") for line in lines)


def _joined(known: Sequence[str], more: Iterable[str]) -> list[str]:
    """Return the phrases without those that are there already, so that a phrase may one day come with the program."""
    joined: dict[str, str] = {}
    for phrase in (*known, *more):
        joined.setdefault(phrase.casefold(), phrase)
    return list(joined.values())


def _across_fields(plain: object) -> Iterator[tuple[Location, str]]:
    """Yield what is wrong between the fields, in a file of any shape."""
    fields = _mapping(plain)
    language = fields.get("language", DEFAULT_LANGUAGE)
    pack = load_pack(language) if isinstance(language, str) and language in languages() else None
    hearing = _mapping(fields.get("hearing"))
    if hearing.get("engine") == "pocketsphinx":
        if "model" in hearing:
            yield ("hearing", "model"), "A model is for Vosk; take it out, or write `engine: vosk`."
        if pack is not None and not pack.recognition.pocketsphinx:
            yield ("hearing", "engine"), f"PocketSphinx does not speak {pack.name}; write `engine: auto`."
    if pack is not None:
        extra = _mapping(fields.get("phrases"))
        yield from _phrase_faults(extra, pack)
        yield from _address_faults(fields.get("address"), extra, pack)


def _phrase_faults(extra: dict[str, object], pack: LanguagePack) -> Iterator[tuple[Location, str]]:
    meanings = {phrase.casefold(): (str(command), False) for command, known in pack.phrases.items() for phrase in known}
    # In urgent words people repeat themselves.
    once = [phrase for phrase in pack.urgent_phrases if " " not in phrase]
    meanings |= {" ".join([phrase] * times): meanings[phrase] for phrase in map(str.casefold, once) for times in (2, 3)}
    said = [text for cue in pack.cues.values() for text in (cue.full, cue.short)]
    for command, listed in extra.items():
        if command not in _PHRASES:
            continue
        for index, phrase in enumerate(listed if isinstance(listed, list) else [listed]):
            if not isinstance(phrase, str):
                continue
            at: Location = ("phrases", command, index)
            meaning, is_extra = meanings.setdefault(phrase.casefold(), (command, True))
            if meaning != command:
                whose = f"here already, for `{meaning}`" if is_extra else f"a phrase of `{meaning}` already"
                yield at, f"'{phrase}' is {whose}; a phrase can mean one thing only, so choose another."
            elif command in URGENT and any(phrases_in(text, [words_of(phrase)]) for text in said):
                yield (
                    at,
                    f"The coach itself says '{phrase}', and would obey itself if it meant `{command}`; choose another.",
                )


def _address_faults(address: object, extra: dict[str, object], pack: LanguagePack) -> Iterator[tuple[Location, str]]:
    if not isinstance(address, str):
        return
    added = [phrase for listed in extra.values() for phrase in (listed if isinstance(listed, list) else [listed])]
    if address.casefold() in {str(phrase).casefold() for phrase in (*pack.all_phrases, *added)}:
        yield ("address",), f"'{address}' is a phrase already; what the coach is called by must be another word."


def _mapping(value: object) -> dict[str, object]:
    return value if isinstance(value, dict) else {}
