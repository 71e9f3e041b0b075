"""Where espeak-ng is: on the system, or in the `espeakng-loader` wheel, so that a plain `pip install` can speak."""

from __future__ import annotations

import ctypes
import os
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from voicecoach.errors import VoiceError


class EspeakSource(StrEnum):
    """Which espeak-ng to use."""

    AUTO = "auto"
    """The system's where there is one, else the wheel's."""
    SYSTEM = "system"
    BUNDLED = "bundled"


@dataclass(frozen=True, slots=True)
class EspeakLibrary:
    """An espeak-ng that can be loaded."""

    path: str
    """A file, or a name that the dynamic linker finds."""
    data: Path | None
    """The directory `espeak-ng-data`; none where the library knows it."""
    version: str

    def load_for_pyttsx3(self) -> None:
        """Make this the library that pyttsx3 finds, in this process and for good; changes the working directory.

        pyttsx3 asks the linker for `libespeak-ng.so.1`, and gets a library of that name that is loaded already.
        """
        if self.data is not None:
            # espeak-ng cuts the path of its data off at 160 bytes, which a virtual environment easily exceeds: a
            # relative one is always short.
            os.chdir(self.data.parent)
            os.environ["ESPEAK_DATA_PATH"] = self.data.name
        ctypes.CDLL(self.path, ctypes.RTLD_GLOBAL)


def find_espeak(source: EspeakSource = EspeakSource.AUTO) -> EspeakLibrary:
    """Find espeak-ng without starting it.

    Raises `VoiceError` where there is none.
    """
    found = None
    if source is not EspeakSource.BUNDLED:
        found = _examined("libespeak-ng.so.1") or _examined("libespeak.so.1")
    if found is None and source is not EspeakSource.SYSTEM:
        found = _bundled()
    if found is None:
        wanted = {"auto": "", "system": " on the system", "bundled": " in the Python environment"}[source]
        raise VoiceError(
            f"the coach has no voice: there is no espeak-ng{wanted}; install it with"
            " 'sudo apt install libespeak-ng1' or 'pip install espeakng-loader'"
        )
    return found


def _bundled() -> EspeakLibrary | None:
    try:
        import espeakng_loader
    except ImportError:
        return None
    library = Path(espeakng_loader.get_library_path())
    data = library.parent / "espeak-ng-data"
    if not data.is_dir():
        return None
    return _examined(str(library), data)


def _examined(path: str, data: Path | None = None) -> EspeakLibrary | None:
    try:
        library = ctypes.CDLL(path)
        library.espeak_Info.restype = ctypes.c_char_p
        # Returns a constant: nothing is started.
        version = library.espeak_Info(None)
    except (OSError, AttributeError):
        return None
    return EspeakLibrary(path, data, (version or b"unknown").decode("ascii", errors="replace"))
