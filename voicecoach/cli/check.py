"""`check`: every fault of every file, at once."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Final

from voicecoach.cli.config import check_words
from voicecoach.cli.telling import show, tell
from voicecoach.errors import EXIT_DONE, DocumentError, VoicecoachError
from voicecoach.language.pack import read_pack
from voicecoach.listening.pronunciation import pronunciations
from voicecoach.listening.sound_alikes import in_words, sound_alikes, warnings
from voicecoach.routine.compiler import compile_plan, plan_total_ms
from voicecoach.routine.library import load_file
from voicecoach.settings import Configuration, configuration_from, load_configuration
from voicecoach.strict_yaml import Location, keys_of, read_file
from voicecoach.units import clock

_ONLY_IN_PACKS: Final = frozenset({"recognition", "calls", "script"})
_ONLY_IN_SETTINGS: Final = frozenset({"address", "hearing", "phrases", "timing", "devices", "standby", "on_event"})


def run(arguments: argparse.Namespace) -> int:
    """Print the faults of each file, or that it is fine. The exit code is that of the first file that is not.

    What is merely worth a thought is a warning, and changes nothing about that.
    """
    configuration = load_configuration(arguments.config)
    named: set[Path | None] = {Path(name) for name in arguments.files}
    if configuration.path not in named:
        _tell(warnings(configuration, configuration.pack()))
    code = EXIT_DONE
    for name in arguments.files:
        try:
            fine = _checked(Path(name), configuration)
        except VoicecoachError as error:
            tell(str(error))
            code = code or error.exit_code
        else:
            show(f"{name}: fine, {fine}")
    return code


def _checked(path: Path, configuration: Configuration) -> str:
    """Return what a file is that is fine; what it is not tells by its keys. Raises `VoicecoachError`."""
    content = read_file(path)
    keys = keys_of(content)
    if keys & _ONLY_IN_PACKS:
        return _check_pack(content, str(path))
    if keys & _ONLY_IN_SETTINGS and "exercises" not in keys:
        own = configuration_from(content, path)
        check_words(own)
        _tell(warnings(own, own.pack()))
        return "settings"
    plan = compile_plan(load_file(path, sorted(configuration.pack().urgent_phrases)))
    return f"{len(plan.exercises)} exercises, about {clock(plan_total_ms(plan))}"


def _check_pack(content: bytes, source: str) -> str:
    authored = read_pack(content, source)
    pack = authored.value
    places: dict[str, Location] = {
        phrase: ("phrases", command, index)
        for command, phrases in pack.phrases.items()
        for index, phrase in enumerate(phrases)
    }
    if pack.recognition.pocketsphinx:
        words = {word for phrase in places for word in phrase.casefold().split()}
        ways = pronunciations(words, pack.recognition.pronunciations)
        faults = [
            authored.place(place).fault(f"Nobody knows how '{word}' is pronounced; choose another phrase.")
            for phrase, place in places.items()
            for word in phrase.casefold().split()
            if not ways[word]
        ]
        if faults:
            raise DocumentError(source, faults)
    told = in_words(sound_alikes(pack, places))
    for phrase, place in places.items():
        if phrase in told:
            at = authored.place(place)
            _tell([f"{source}:{at.line}:{at.column}: warning: {told[phrase]}"])
    return f"a language pack with {len(places)} phrases for {len(pack.phrases)} commands"


def _tell(lines: list[str]) -> None:
    for line in lines:
        tell(line)
