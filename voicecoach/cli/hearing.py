"""Ears for a verb: the engine and the model of the command line or the settings."""

from __future__ import annotations

import argparse
from pathlib import Path

from voicecoach.cli.telling import tell
from voicecoach.language.pack import LanguagePack
from voicecoach.listening.ears import Ears
from voicecoach.listening.factory import open_ears
from voicecoach.listening.recognizer import UnknownWordsError
from voicecoach.settings import Configuration
from voicecoach.sound_alikes import warnings


def ears_for(arguments: argparse.Namespace, configuration: Configuration, pack: LanguagePack) -> Ears:
    """Return ears that know every phrase of the pack, and tell the person which engine it is.

    Raises `DocumentError` for extra phrases in the settings that the engine cannot hear, and `ModelError` as
    `open_ears`.
    """
    named = Path(arguments.model) if arguments.model else configuration.model_folder(pack.language)
    try:
        ears = open_ears(pack, named, configuration.settings.hearing.engine)
    except UnknownWordsError as error:
        raise configuration.unknown_words(error.words) or error from error
    tell(f"Hearing with {ears.engine.name}.")
    for warning in warnings(configuration, pack):
        tell(warning)
    return ears
