"""Whose voice it is that the ears noticed: a coach does not fall silent for its own.

What the echo canceller leaves of the coach's voice is speech, so the ears take it for speech. With each block comes how
loud that can be. A voice that is no louder makes the coach neither fall silent nor answer that it has not understood; a
command in it is obeyed where there is next to no doubt of it.
"""

from __future__ import annotations

from collections import deque
from typing import Final

import numpy as np

from voicecoach.listening.recognizer import Pcm

ABOVE_ECHO: Final = 10 ** (6 / 10)
"""A person's voice is taken for one where it is 6 dB louder than the coach's own can be."""
ABOVE_BACKGROUND: Final = 10 ** (3 / 10)
"""And by 3 dB more than what stands out from the room. In sixteen minutes in each of the bench's kitchens, with
`detector.OVER_NOISE_SPEECH` in silent rooms as well, the coach falls silent for nothing once in steady and four times
in unsteady noise with it, three and five times without."""
CLEARLY_ABOVE_ECHO: Final = 10 ** (8 / 10)
"""And what a command is said with is a person's where it is 8 dB louder. Where the sound jumps on its way, the
canceller leaves words of the coach of which a sixth to a half of the power can be shown to be its own: with 6 dB four
of them passed for commands, with 8 dB one; a person 10 dB weaker than the coach was heard as often."""
SURE_IN_ECHO: Final = 0.95
"""Confidence from which a command is obeyed in a voice most of which is no louder than the coach's own can be."""
SURE_UNDER_ECHO: Final = 0.99
"""The same for urgent commands where none of the voice is louder, and where there is as much voice as every command
has; others are not obeyed there.

In 2.7 hours of the coach alone in rooms that ring, its echo 5 dB weaker to 15 dB louder than a person, 794 times what
was left of its voice was judged. Five times it is obeyed with 0.8 for both, twice with 0.95, never with 0.95 and 0.99.
Of 400 commands over the coach, 5 dB louder than its echo to 10 dB weaker, 380 are obeyed with all three; of 129 that
are 15 and 20 dB weaker 27, 25 and 23. While all commands were obeyed so, in 2.7 hours of `voicecoach bench hearing`
(`--only "over the coach"`, `--only coach`, seed 1) "explain" was once that nobody had said (0.992), and none of 1224
that somebody did say."""
SURE_OF_OWN_WORDS: Final = 0.8
"""Confidence from which a command that the coach is just saying, as in "Say continue, or finish", is a person's where
most of the voice is clearly more than echo. Of 512 answers given over the prompt that names them, 5 dB louder than its
echo to 10 dB weaker, 401 are obeyed so; before, 444 were refused as the coach's own. In nearly an hour of such prompts
in rooms that ring, and over a way to the microphone that jumps, nothing was obeyed so that nobody had said. Only where
there is a scorer: what a recognizer alone is sure of was not tried, and separates little."""
_RECENT_FRAMES: Final = 4
"""A voice is reported when 3 of the last 4 frames were like speech, so these hold it."""
_LOUD_FRAMES: Final = 2
"""Of them: where the coach's own voice has just begun, one frame may still be from before."""

_KEPT_FRAMES: Final = 5_000 // 20
"""No utterance is longer."""
_VOICE: Final = 10 ** (-15 / 10)
"""What is 15 dB weaker than its loudest is not what makes an utterance."""


class EchoGate:
    """Watches the frames that the ears hear. One thread."""

    def __init__(self) -> None:
        self._has_known_echo = False
        """Whether anybody tells it how much of the coach's sound there may be."""
        self.is_over_coach = False
        """Whether something of the coach's own sound may be in the utterance."""
        self._loud: deque[bool] = deque(maxlen=_RECENT_FRAMES)
        self._utterance: list[tuple[float, bool]] = []
        """Of the frames since it began: power, and whether that is clearly more than echo."""

    def hear(self, frame: Pcm, echo_power: float, background: float = 0.0) -> None:
        """Take the next 20 ms, and how much power (mean square) of the coach's own sound they may hold.

        `background` is the power from which a frame stands out: what is left of the coach's voice in the noise of a
        kitchen hood is louder than either.
        """
        samples = frame.astype(np.float32)
        power = float(samples.dot(samples)) / len(samples)
        self._has_known_echo |= echo_power > 0.0
        self.is_over_coach |= echo_power > 0.0
        self._loud.append(echo_power <= 0.0 or power > ABOVE_ECHO * echo_power + ABOVE_BACKGROUND * background)
        self._utterance.append((power, echo_power <= 0.0 or power > CLEARLY_ABOVE_ECHO * echo_power))
        del self._utterance[:-_KEPT_FRAMES]

    def begin(self) -> None:
        """Take that an utterance began."""
        self.is_over_coach = False
        del self._utterance[:-_RECENT_FRAMES]

    @property
    def was_mostly_echo(self) -> bool:
        """Whether most of what was loud since the utterance began may be the coach's own sound."""
        loudest = max((power for power, _ in self._utterance), default=0.0)
        voice = [loud for power, loud in self._utterance if power >= loudest * _VOICE]
        return 2 * sum(voice) < len(voice)

    @property
    def was_a_person(self) -> bool:
        """Whether it is known that most of what was loud since the utterance began is not the coach's own sound."""
        return self._has_known_echo and not self.was_mostly_echo

    @property
    def hears_more_than_echo(self) -> bool:
        """Whether what was heard last is louder than the coach's own sound can be there."""
        return sum(self._loud) >= _LOUD_FRAMES
