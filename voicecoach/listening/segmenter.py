"""Voice activity to utterances: where somebody begins to speak, falls quiet, goes on, and has ended.

Frames of 20 ms come in, one by one. A frame is voiced when WebRTC's detector says so *and* it stands out from the
background, whose usual level is learned while nobody speaks, as a whole or in one band. Both are needed: the detector
alone takes hum and rumble for speech when they are loud enough, the level alone takes every noise for it. A frame that
is nearly silent is settled before either, because most of a session is silence and a rehearsal has many hours of it to
get through.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

import numpy as np

from voicecoach.listening.background import LATEST_FRAMES, SILENT_POWER, Background
from voicecoach.listening.bands import Bands
from voicecoach.listening.detector import (
    BEFORE_FRAMES,
    OVER_NOISE_SPEECH,
    PLAIN_SPEECH,
    RESTS_FRAMES,
    SPEECH,
    SpeechGate,
    VoiceDetector,
    WebRtcDetector,
)
from voicecoach.listening.gain import Gain
from voicecoach.listening.recognizer import Pcm
from voicecoach.units import INPUT_FRAMES_PER_MS

FRAME_MS = 20
FRAME_FRAMES = FRAME_MS * INPUT_FRAMES_PER_MS
"""Samples in the 20 ms that are judged at a time."""

GOES_ON = 10 ** (-1.5 / 10)
"""Within an utterance 1.5 dB less will do, for weak second words in noise. The amount is a judgement."""
TAIL_BELOW_PEAK = 10 ** (-30 / 10)
"""Frames 30 dB below the loudest of the utterance are taken for its echo in the room, not for more of it."""
ONSET_FRAMES = 3
ONSET_WINDOW = 4
"""Voice begins with 3 voiced frames of 4: 60-80 ms, which leaves time to fall silent within 150 ms, and no click is so
long."""
AT_ONCE_FRAMES = 2
"""Where it must be noticed at once, 2 voiced frames one after the other are enough, too."""
LOUD_AT_ONCE = 10 ** (10 / 10)
"""There, what is 10 dB louder than it would have to be counts as voice whatever the detector says: one recorded voice's
"stop" in a little noise begins 101 ms after its first sound, for 261. Whether it is speech the gate still says."""
PLAIN_AT_ONCE = 10 ** (20 / 10)
"""There, of what is 20 dB louder in 2 frames one after the other the gate asks for less (`detector.PLAIN_SPEECH`), and
in a noisy room for more of what is not (`detector.OVER_NOISE_SPEECH`)."""
PRE_ROLL_FRAMES = 15
"""300 ms of sound before the onset belong to the utterance: the detector is late for "f" and "s"."""
CONTEXT_FRAMES = 50
"""A second before that is kept to learn the noise from."""
PAUSE_FRAMES = 7
"""After 140 ms without voice work on what was said begins, so that it is known in the lull. Of 980 commands of the
bench (quiet, steady noise, babble) as many are understood as with work that begins in the lull (91.9, 79.7 and 89.8 %,
for 91.2, 80.3 and 90.2), and decisions come after 300 ms in the median, for 384."""
LULL_FRAMES = 11
"""After 220 ms without voice an utterance may be over. No recorded command has such a lull inside."""
LONG_LULL_FRAMES = 16
"""After 320 ms even what begins many a sentence may be over. In half an hour of talk two metres away nine utterances
were taken for a command, five of them the beginning of a sentence ("what's next" of "what's next to the museum?") that
went on, for the detector, 20 to 80 ms after the lull."""
HANGOVER_FRAMES = 20
"""After 400 ms without voice it is over: a pause of 250 ms between "cramp" and "back off" must fit in."""
LONGEST_FRAMES = 225
"""Voice that goes on for 4.5 s is talk: the longest recorded command takes 1.5 s."""

_AT_ONCE_MASK = (1 << AT_ONCE_FRAMES) - 1


class Change(Enum):
    """What a frame has changed."""

    BEGAN = auto()
    """Somebody began to speak: an utterance is open."""
    PAUSED = auto()
    """140 ms without voice: perhaps the end. Work on the decision can begin."""
    LULL = auto()
    """220 ms without voice: what is plain can be acted on."""
    LONG_LULL = auto()
    """320 ms without voice: questions as well."""
    WENT_ON = auto()
    """It was not the end."""
    ENDED = auto()
    """The utterance is closed, and `Segmenter.utterance` is it."""
    TALKED = auto()
    """It became too long to be a command and is closed. Nothing begins until the voice has rested."""


@dataclass(frozen=True, slots=True, eq=False)
class Utterance:
    """A stretch of sound in which somebody seems to have spoken."""

    sound: Pcm
    """From the pre-roll up to now, or to the end of the hangover."""
    sound_start_ms: int
    """Microphone time of the first sample."""
    start_ms: int
    """Where the voice begins."""
    end_ms: int
    """Where the voice ends so far."""
    voiced_ms: int
    """How much of it is voiced."""
    context: Pcm
    """What was heard before `sound`, up to a second of it."""
    stands_out: float
    """Power of its loudest frame against that from which a frame stands out from the background."""
    steady: bool
    """True where it turned out to be a noise that began, as of a fan."""


class _State(Enum):
    QUIET = auto()
    VOICE = auto()
    PAUSE = auto()
    """From `PAUSED` on, the lull included."""
    TALK = auto()


class Segmenter:
    """Finds utterances in 16 kHz sound. Deterministic; used by one thread."""

    def __init__(self, detector: VoiceDetector | None = None, gate: SpeechGate | None = None) -> None:
        """Use a detector that has heard nothing yet; none for WebRTC's. A gate has to agree where a voice begins."""
        self._detector: VoiceDetector = WebRtcDetector() if detector is None else detector
        self._gate = gate
        self._state = _State.QUIET
        self._now_ms = 0
        self._background = Background()
        self._bands = Bands()
        self._gain = Gain()
        self._steady = False
        self._frames: list[Pcm] = []
        self._lead = 0
        """How many of the frames are before the utterance."""
        self._recent = 0
        """The last frames' voicing, one bit each, the newest lowest."""
        self._plain_run = 0
        """How many frames up to now were loud enough for `PLAIN_AT_ONCE`."""
        self._start_ms = 0
        self._end_ms = 0
        self._voiced_frames = 0
        self._unvoiced_run = 0
        self._peak_power = 0.0

    @property
    def now_ms(self) -> int:
        """The microphone's clock: the end of the last frame, counted in frames fed."""
        return self._now_ms

    @property
    def background_power(self) -> float:
        """Power (mean square) from which a frame stands out from what is always there."""
        return self._background.threshold

    @property
    def is_open(self) -> bool:
        """Whether an utterance is open that has not been reported as ended or talk."""
        return self._state in (_State.VOICE, _State.PAUSE)

    @property
    def utterance(self) -> Utterance:
        """The utterance that is open, or that was closed by the last frame."""
        return Utterance(
            sound=np.concatenate(self._frames[self._lead :]),
            sound_start_ms=self._now_ms - (len(self._frames) - self._lead) * FRAME_MS,
            start_ms=self._start_ms,
            end_ms=self._end_ms,
            voiced_ms=self._voiced_frames * FRAME_MS,
            context=np.concatenate([np.zeros(0, dtype=np.int16), *self._frames[: self._lead]]),
            stands_out=self._peak_power / self._background.threshold,
            steady=self._steady,
        )

    def feed(self, frame: Pcm, *, at_once: bool = False, echo_power: float = 0.0) -> Change | None:
        """Take the next 320 samples and return what they changed.

        `at_once`: somebody who begins now must be noticed at once, even if it is sometimes nobody. `echo_power`: how
        much power (mean square) of the coach's own sound they may hold.
        """
        self._now_ms += FRAME_MS
        voiced = self._is_voiced(frame, at_once, echo_power)
        self._frames.append(frame)
        self._recent = (self._recent << 1 | voiced) & ((1 << ONSET_WINDOW) - 1)
        if voiced:
            self._unvoiced_run = 0
        else:
            self._unvoiced_run += 1
        if self._state is _State.QUIET:
            return self._in_quiet(at_once)
        if voiced:
            self._end_ms = self._now_ms
            self._voiced_frames += 1
        if self._state is _State.TALK:
            self._rest()
            return None
        return self._in_voice(voiced)

    def close(self) -> None:
        """Consider the open utterance as over: what follows belongs to another."""
        self._state = _State.QUIET
        self._recent = 0
        self._frames = self._frames[-1:]

    def _in_quiet(self, at_once: bool) -> Change | None:
        voiced = bool(self._recent & 1)
        speech = self._gate is None or self._gate.opens(
            self._heard_loudly(), voiced=voiced, least=self._least_speech(at_once)
        )
        enough = self._recent.bit_count() >= ONSET_FRAMES or (at_once and self._recent & _AT_ONCE_MASK == _AT_ONCE_MASK)
        if not (enough and speech):
            # Trimmed in steps: the list is one frame too long for a while, and nothing is moved in most frames.
            if len(self._frames) > 2 * (CONTEXT_FRAMES + PRE_ROLL_FRAMES):
                del self._frames[: -CONTEXT_FRAMES - PRE_ROLL_FRAMES]
            return None
        if self._gate is not None:
            self._gate.rest()
        first = self._recent.bit_length()
        self._start_ms = self._now_ms - first * FRAME_MS
        self._end_ms = self._now_ms
        self._voiced_frames = self._recent.bit_count()
        self._frames = self._frames[-(CONTEXT_FRAMES + PRE_ROLL_FRAMES + first) :]
        self._lead = max(0, len(self._frames) - PRE_ROLL_FRAMES - first)
        self._peak_power = 0.0
        self._steady = False
        self._state = _State.VOICE
        return Change.BEGAN

    def _least_speech(self, at_once: bool) -> float:
        if not at_once:
            return SPEECH
        if self._plain_run >= AT_ONCE_FRAMES:
            return PLAIN_SPEECH
        return SPEECH if self._background.is_silent else OVER_NOISE_SPEECH

    def _in_voice(self, voiced: bool) -> Change | None:
        if self._now_ms - self._start_ms >= LONGEST_FRAMES * FRAME_MS:
            self._state = _State.TALK
            return Change.TALKED
        if self._state is _State.PAUSE and voiced:
            self._state = _State.VOICE
            return Change.WENT_ON
        if self._unvoiced_run == PAUSE_FRAMES:
            self._state = _State.PAUSE
            return Change.PAUSED
        if self._unvoiced_run == LULL_FRAMES:
            return Change.LULL
        if self._unvoiced_run == LONG_LULL_FRAMES:
            return Change.LONG_LULL
        if self._unvoiced_run == HANGOVER_FRAMES:
            self._state = _State.QUIET
            return Change.ENDED
        return None

    def _rest(self) -> None:
        del self._frames[:-PRE_ROLL_FRAMES]
        if self._unvoiced_run >= HANGOVER_FRAMES:
            self._state = _State.QUIET

    def _heard_loudly(self) -> list[Pcm]:
        """Return the last frames as loud as the gate wants them."""
        if self._gain.factor == 1.0 or self._unvoiced_run > RESTS_FRAMES:
            return self._frames  # It rests, and looks at none of them.
        return [self._gain.louder(frame) for frame in self._frames[-BEFORE_FRAMES:]]

    def _is_voiced(self, frame: Pcm, at_once: bool, echo_power: float) -> bool:
        samples = frame.astype(np.float32)
        mean = float(samples.sum()) / FRAME_FRAMES
        # Without the mean, because cheap microphones add a constant to every sample.
        power = float(samples.dot(samples)) / FRAME_FRAMES - mean * mean
        in_utterance = self.is_open
        self._gain.hear(power, has_echo=at_once or echo_power > 0.0)
        self._background.silent_power = SILENT_POWER / self._gain.factor**2
        self._background.add(power, in_utterance, echo_power)
        self._plain_run = self._plain_run + 1 if power >= self._background.threshold * PLAIN_AT_ONCE else 0
        if in_utterance and self._now_ms - self._start_ms > LATEST_FRAMES * FRAME_MS:
            self._steady |= self._background.is_steady
        if power < self._background.silent_power:
            return False
        # Asked in any case, as it goes by the frames before.
        is_voice = self._detector.is_voice(self._gain.louder(frame))
        if at_once or echo_power > 0.0:
            # What is left of the coach's voice is in some bands more than in others, and is gone with the next word.
            self._bands.forget()
        in_a_band = self._bands.stands_out(samples, in_utterance)
        if self._state is _State.QUIET and at_once and power >= self._background.threshold * LOUD_AT_ONCE:
            return True
        if not is_voice or max(power / self._background.threshold, in_a_band) < (GOES_ON if in_utterance else 1.0):
            return False
        if in_utterance:
            self._peak_power = max(self._peak_power, power)
            return power > self._peak_power * TAIL_BELOW_PEAK
        return True


def utterances(sound: Pcm) -> list[Utterance]:
    """Return the utterances of a whole sound, as if it came from the microphone and ended in silence."""
    segmenter = Segmenter()
    found: list[Utterance] = []
    padded = np.pad(sound, (0, -len(sound) % FRAME_FRAMES + (HANGOVER_FRAMES + 1) * FRAME_FRAMES))
    for frame in padded.reshape(-1, FRAME_FRAMES):
        if segmenter.feed(frame) is Change.ENDED:
            found.append(segmenter.utterance)
    return found
