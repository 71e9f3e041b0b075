"""How words of a language are read aloud, in phonetic symbols: asked of espeak-ng in a process of its own.

`python -m voicecoach.speech.phonetics VOICE` reads a JSON array of texts and prints one of their pronunciations.
"""

from __future__ import annotations

import ctypes
import json
import subprocess
import sys
from collections.abc import Sequence
from typing import Final

from voicecoach.errors import VoiceError
from voicecoach.isolation import python_command
from voicecoach.speech.espeak_library import find_espeak

_LIMIT_S: Final = 20.0
"""A hundred phrases take a fifth of a second here."""
_OUTPUT_RETRIEVAL: Final = 1
_UTF8: Final = 1
_IPA: Final = 0x02
"""As espeak-ng's speak_lib.h has them: no sound is played, texts are UTF-8, symbols are those of the IPA."""


def read_aloud(texts: Sequence[str], voice: str) -> list[str]:
    """Return how an espeak-ng voice pronounces each text. Raises `VoiceError` where it does not answer."""
    try:
        done = subprocess.run(
            python_command("-m", "voicecoach.speech.phonetics", voice),
            input=json.dumps(list(texts)),
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=_LIMIT_S,
            check=True,
        )
        read = json.loads(done.stdout)
    except (OSError, ValueError, subprocess.SubprocessError):
        read = None
    if not isinstance(read, list) or len(read) != len(texts):
        raise VoiceError(f"espeak-ng does not say how its voice '{voice}' pronounces words; run `voicecoach doctor`")
    return [str(one) for one in read]


def _read(texts: Sequence[str], voice: str) -> list[str]:
    find_espeak().load_for_pyttsx3()
    library = ctypes.CDLL(find_espeak().path)
    library.espeak_TextToPhonemes.restype = ctypes.c_char_p
    library.espeak_TextToPhonemes.argtypes = (ctypes.POINTER(ctypes.c_char_p), ctypes.c_int, ctypes.c_int)
    if library.espeak_Initialize(_OUTPUT_RETRIEVAL, 0, None, 0) < 0 or library.espeak_SetVoiceByName(voice.encode()):
        raise VoiceError(f"espeak-ng has no voice '{voice}'")
    found = []
    for text in texts:
        rest = ctypes.c_char_p(text.encode())
        parts = []
        while rest.value:
            parts.append(library.espeak_TextToPhonemes(ctypes.byref(rest), _UTF8, _IPA) or b"")
        found.append(b" ".join(parts).decode("utf-8", "replace"))
    return found


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    sys.stdout.write(json.dumps(_read(json.loads(sys.stdin.buffer.read()), sys.argv[1])))
