"""The hearing process: `python -m voicecoach.live.hearing DESCRIPTOR PARENT SETTINGS LANGUAGE MODEL WHAT ORDER THRIFT`.

Recognizers load for seconds, grow, and crash on a bad model; here that costs nobody but the ears.
"""

from __future__ import annotations

from voicecoach.no_network import leave_network

if __name__ == "__main__":
    # Before anything is imported that has threads: with them nobody may go.
    leave_network()

import os
import socket
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np

from voicecoach.errors import EXIT_DOCUMENT, VoicecoachError
from voicecoach.language.pack import LanguagePack
from voicecoach.listening.ears import Ears
from voicecoach.listening.factory import open_ears
from voicecoach.listening.recognizer import UnknownWordsError
from voicecoach.listening.segmenter import FRAME_FRAMES
from voicecoach.live.children import LAST, NO_SETTINGS, Hearing
from voicecoach.live.memory import give_free_memory_back, give_memory_back
from voicecoach.live.parentage import coach_socket, die_with_parent, messages
from voicecoach.live.priority import go_last
from voicecoach.live.startables import spoken_names, without_words
from voicecoach.live.wire import TO_HEARING, Attend, Deaf, Decoded, Decoder, Listen, Ready, Spare, encode
from voicecoach.routine.library import own_folder
from voicecoach.settings import Configuration, Settings, load_configuration
from voicecoach.sound_alikes import warnings


def serve(coach: socket.socket, ears: Ears) -> None:
    """Hear what the coach sends until it goes."""
    phrases: tuple[str, ...] = ()
    saying: str | None = None
    blocks = 0
    """Of 20 ms."""
    for message in messages(coach, Decoder(TO_HEARING)):
        match message:
            case Attend():
                phrases, saying = message.phrases, message.saying
            case Spare(thrift=thrift):
                # The ears know best how. Whatever they leave out, sound comes first.
                ears.thrift = thrift
                go_last()
            case Listen(data=data, echo_power=echo_power):
                heard = np.frombuffer(data, np.int16)
                for sensation in ears.feed(heard, phrases, saying, echo_power):
                    coach.sendall(encode(sensation))
                blocks += len(heard) // FRAME_FRAMES
                coach.sendall(encode(Decoded(blocks)))


def open_configured_ears(settings: str, language: str, model: str, tell: Callable[[str], None]) -> Ears:
    """Return ears by the settings and what was named on the command line; empty for what was not.

    `tell` is given a line about each phrase that sounds like another. Raises as `open_ears`; phrases in the settings
    that cannot be heard are a `DocumentError`.
    """
    configuration = _configuration(settings)
    try:
        return _open(configuration, configuration.pack(language or None), model, tell)
    except UnknownWordsError as error:
        raise configuration.unknown_words(error.words) or error from error


def open_called_ears(
    settings: str, language: str, model: str, tell: Callable[[str], None]
) -> tuple[Ears, tuple[str, ...]]:
    """Return ears that also hear what the coach is asked between sessions, and the names that they do not know.

    Those are spoken names of routines. Raises as `open_configured_ears`.
    """
    configuration = _configuration(settings)
    pack = configuration.pack(language or None)
    names = spoken_names(pack, own_folder())
    unheard: list[str] = []
    while True:
        try:
            return _open(configuration, pack.with_phrases_of(pack.called(names)), model, tell), tuple(unheard)
        except UnknownWordsError as error:
            known = without_words(names, frozenset(error.words))
            if known == names:
                raise configuration.unknown_words(error.words) or error from error
            unheard += [one for name, spoken in names.items() for one in spoken if one not in known.get(name, ())]
            names = known


def _configuration(settings: str) -> Configuration:
    return Configuration(Settings(), None, None) if settings == NO_SETTINGS else load_configuration(settings or None)


def _open(configuration: Configuration, pack: LanguagePack, model: str, tell: Callable[[str], None]) -> Ears:
    folder = Path(model) if model else configuration.model_folder(pack.language)
    ears = open_ears(pack, folder, configuration.settings.hearing.engine)
    for warning in warnings(configuration, configuration.pack(pack.language)):
        tell(warning)
    return ears


def _prepare(ears: Ears) -> None:
    ears.engine.second_opinion()
    give_free_memory_back()


def main() -> None:
    """Load the ears and serve."""
    give_memory_back()
    descriptor, parent, settings, language, model, what, order, thrift = sys.argv[1:]
    die_with_parent(int(parent))
    if order == LAST:
        go_last()
    coach = coach_socket(int(descriptor))
    told: list[str] = []
    try:
        unheard: tuple[str, ...] = ()
        match Hearing(what):
            case Hearing.CALLS:
                ears, unheard = open_called_ears(settings, language, model, told.append)
            case Hearing.SESSIONS:
                ears = open_configured_ears(settings, language, model, told.append)
    except VoicecoachError as error:
        coach.sendall(encode(Deaf(str(error), error.exit_code == EXIT_DOCUMENT)))
        return
    except Exception as error:  # noqa: BLE001 - a model whose files are gone or damaged fails in many ways
        why = " ".join(f"{type(error).__name__}: {error}".split())
        coach.sendall(encode(Deaf(f"The speech model cannot be loaded ({why}); install it again.", False)))
        return
    ears.thrift = int(thrift)
    if order == LAST and (not ears.thrift or what == Hearing.CALLS.value):
        # On a machine that does not keep up this would hold up the first words; the coach waits for the ears there.
        _prepare(ears)
    coach.sendall(encode(Ready(ears.engine.name, unheard, " ".join(dict.fromkeys(told)) or None)))
    if order != LAST:
        threading.Thread(target=_prepare, args=(ears,), daemon=True).start()
    try:
        serve(coach, ears)
    except VoicecoachError as error:
        coach.sendall(encode(Deaf(str(error), by_settings=False)))


if __name__ == "__main__":
    try:
        main()
    except OSError:
        pass  # The coach went away while it was being told something.
    finally:
        os._exit(0)
