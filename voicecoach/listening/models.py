"""Where speech models are kept."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs

from voicecoach.language.pack import VoskModel

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
