"""`check`: every fault of every file, at once."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Final

from voicecoach.cli.config import check_words
from voicecoach.cli.foresight import foresee, no_room
from voicecoach.cli.telling import show, tell
from voicecoach.errors import EXIT_DONE, DocumentError, Fault, VoicecoachError
from voicecoach.language.pack import LanguagePack, languages, read_pack, unspelt
from voicecoach.routine.compiler import compile_plan
from voicecoach.routine.library import find_routine, is_file, read_shipped, shipped_names
from voicecoach.routine.misread import misread
from voicecoach.routine.reader import read_routine
from voicecoach.settings import DEFAULT_LANGUAGE, Configuration, Settings, configuration_from, load_configuration
from voicecoach.sound_alikes import in_words, sound_alikes, warnings
from voicecoach.speech.pyttsx3_synthesizer import Pyttsx3Engine, Voice
from voicecoach.strict_yaml import Location, keys_of, read_file

_ONLY_IN_PACKS: Final = frozenset({"recognition", "calls", "script"})


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
            fine = _checked(name, configuration)
        except VoicecoachError as error:
            tell(str(error))
            code = code or error.exit_code
        else:
            show(f"{name}: fine, {fine}")
    return code


def _checked(name: str, configuration: Configuration) -> str:
    """Return what a file is that is fine; what it is not tells by its keys. Raises `VoicecoachError`."""
    found = find_routine(name)
    if found in shipped_names():
        return _check_routine(read_shipped(found), found, configuration)
    path = Path(name) if is_file(Path(name)) else Path(found)
    content = read_file(path)
    keys = keys_of(content)
    if keys & _ONLY_IN_PACKS:
        return _check_pack(content, str(path))
    if keys and keys <= set(Settings.model_fields):
        own = configuration_from(content, path)
        check_words(own)
        _check_voice(own.pack())
        _tell(warnings(own, own.pack()))
        return "settings"
    return _check_routine(content, str(path), configuration)


def _check_voice(pack: LanguagePack) -> None:
    """Render a sentence by the voice of a pack. Raises `VoiceError` where it does not speak."""
    voice = pack.voice
    with Pyttsx3Engine(Voice(voice.espeak, voice.words_per_minute)).open() as synthesizer:
        synthesizer.render("A word.")


def _check_routine(content: bytes, source: str, configuration: Configuration) -> str:
    pack = configuration.pack()
    routine = read_routine(content, source, sorted(pack.urgent_phrases))
    plan = compile_plan(routine)
    if plan.language not in languages():
        there = ", ".join(languages())
        place = _place_of(content, f"language: {plan.language}")
        what = f"Nobody here speaks '{plan.language}'; there are {there}."
        raise DocumentError(source, [Fault(*place, what)])
    foresight = foresee(plan, pack, configuration)
    own = {cue.full: cue.short for segment in plan.segments for cue in segment.cues}
    # A short form of the author's own is there to be said.
    told = [(one.text, no_room(one)) for one in foresight.run.dropped if one.said != own[one.text]]
    told += [(text, f"“{text}”: {what}") for text, what in misread(routine)]
    for text, what in told:
        line, column = _place_of(content, text)
        tell(f"{source}:{line}:{column}: warning: {what}")
    return f"{len(plan.exercises)} exercises, {foresight.total}"


def _place_of(content: bytes, text: str) -> tuple[int, int]:
    """Return about where a text stands in a file: the line that has most of its beginning."""
    lines = content.decode("utf-8", "replace").splitlines()
    for length in (len(text), 40, 20, 8):
        for number, line in enumerate(lines, 1):
            if text[:length] and (at := line.find(text[:length])) >= 0:
                return number, at + 1
    return 1, 1


def _check_pack(content: bytes, source: str) -> str:
    authored = read_pack(content, source)
    pack = authored.value
    places: dict[str, Location] = {
        phrase: ("phrases", command, index)
        for command, phrases in pack.phrases.items()
        for index, phrase in enumerate(phrases)
    }
    if pack.language == DEFAULT_LANGUAGE:
        faults = [
            authored.place(place).fault(f"'{word}' is not written in Latin letters; choose another phrase.")
            for phrase, place in places.items()
            for word in unspelt(phrase.split())
        ]
        if faults:
            raise DocumentError(source, faults)
    _check_voice(pack)
    told = in_words(sound_alikes(pack, places))
    for phrase, place in places.items():
        if phrase in told:
            at = authored.place(place)
            _tell([f"{source}:{at.line}:{at.column}: warning: {told[phrase]}"])
    return f"a language pack with {len(places)} phrases for {len(pack.phrases)} commands"


def _tell(lines: list[str]) -> None:
    for line in lines:
        tell(line)
