"""Kokoro's voices: half a hundred people, where `scripts/get-kokoro` has brought them. Apache-2.0; nothing of it ships.

Those who are taught other languages speak English with an accent, as many who stretch do.
"""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import platformdirs

REMEDY: Final = ".venv/bin/python scripts/get-kokoro"
HELD_OUT: Final = (
    *("af_bella", "af_nova", "am_michael", "am_puck", "bf_emma", "bm_george"),
    *("em_alex", "hf_alpha"),
)
"""First letters: American, British, Spanish and Hindi, female and male."""
TALKING: Final = ("af_river", "am_liam", "bf_lily", "bm_lewis", "if_sara")
TEACHING: Final = (
    *("af_alloy", "af_aoede", "af_heart", "af_jessica", "af_kore", "af_nicole", "af_sarah", "af_sky"),
    *("am_adam", "am_echo", "am_eric", "am_fenrir", "am_onyx", "am_santa"),
    *("bf_alice", "bf_isabella", "bm_daniel", "bm_fable"),
    *("ef_dora", "em_santa", "ff_siwis", "hf_beta", "hm_omega", "hm_psi", "im_nicola"),
    *("jf_alpha", "jf_gongitsune", "jf_nezumi", "jf_tebukuro", "jm_kumo", "pf_dora", "pm_alex", "pm_santa"),
    *("zf_xiaoni", "zf_xiaoxiao", "zf_xiaoyi", "zm_yunjian", "zm_yunxi", "zm_yunxia", "zm_yunyang"),
)

SCRIPT: Final = """
import json, sys
import onnxruntime, soundfile
from kokoro_onnx import Kokoro
given = json.load(sys.stdin)
options = onnxruntime.SessionOptions()
options.intra_op_num_threads = 1
kokoro = Kokoro.from_session(onnxruntime.InferenceSession(given["model"], options), given["voices"])
for text, file in given["texts"]:
    sound, rate = kokoro.create(text, given["voice"], given["tempo"], given["accent"], trim=False)
    soundfile.write(file, sound, rate)
"""
"""Reads what `given` makes. One core, since the bench asks several speakers at once."""


def folder() -> Path:
    """Return where the model and the voices are: `~/.cache/voicecoach/kokoro`."""
    return platformdirs.user_cache_path("voicecoach") / "kokoro"


def model_file() -> Path:
    """Return the file of the model, an ONNX graph."""
    return folder() / "kokoro.onnx"


def voices_file() -> Path:
    """Return the file of all voices, an array of shape (510, 1, 256) each."""
    return folder() / "voices.npz"


def is_there() -> bool:
    """Tell whether Kokoro can speak on this machine."""
    return importlib.util.find_spec("kokoro_onnx") is not None and model_file().is_file() and voices_file().is_file()


def given(voice: str, tempo: float, texts: Sequence[tuple[str, str]]) -> str:
    """Return what `SCRIPT` reads to say texts, each into its file, at a tempo of 0.5 to 2."""
    files = {"model": str(model_file()), "voices": str(voices_file())}
    accent = "en-gb" if voice.startswith("b") else "en-us"
    return json.dumps({**files, "voice": voice, "tempo": tempo, "accent": accent, "texts": list(texts)})
