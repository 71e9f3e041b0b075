"""Where speech models are kept."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs

from voicecoach.language.pack import LanguagePack, VoskModel, languages, load_pack
from voicecoach.settings import DEFAULT_LANGUAGE

MODELS_VARIABLE = "VOICECOACH_MODELS"
"""Environment variable that names another folder of models."""


def models_folder() -> Path:
    """Return the folder that speech models are kept in."""
    named = os.environ.get(MODELS_VARIABLE)
    return Path(named) if named else Path(platformdirs.user_data_dir("voicecoach")) / "models"


def find_vosk_model(model: VoskModel) -> Path | None:
    """Return the folder of a model if it has been fetched. Whether it is whole is checked when it is opened."""
    folder = models_folder() / model.name
    return folder if folder.is_dir() else None


def setup_command(language: str) -> str:
    """Return what a person types to fetch the model of a language."""
    return "voicecoach setup" if language == DEFAULT_LANGUAGE else f"voicecoach setup --language {language}"


def how_to_get(pack: LanguagePack) -> str:
    """Return what can be done about a missing model: the second half of a message."""
    by_hand = "give the folder of one with --model"
    return f"run `{setup_command(pack.language)}`, or {by_hand}" if pack.recognition.vosk.sha256 else by_hand


def how_to_mend(folder: Path) -> str:
    """Return what can be done about a damaged model, which is fetched or a person's own."""
    for language in languages():
        model = load_pack(language).recognition.vosk
        if model.sha256 is not None and folder.resolve() == (models_folder() / model.name).resolve():
            return f"run `{setup_command(language)}` to fetch it again"
    return "give the folder of another one with --model"
