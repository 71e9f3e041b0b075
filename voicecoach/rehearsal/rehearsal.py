"""A session on a virtual clock: the loop that passes sound round, 20 ms at a time, as fast as the machine can.

    session ─▶ mixer ─▶ loudspeaker ─▶ room ─▶ microphone ─▶ echo canceller ─▶ ears ─▶ session

Time is the count of frames rendered, so nothing is ever late. The recognizers take no virtual time: what a decision
costs in real time is measured by the benches.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from voicecoach.audio.clip import Samples
from voicecoach.audio.echo_removal import Block, EchoRemoval
from voicecoach.audio.mixer import Mixer
from voicecoach.audio.pcm import int16_from_float
from voicecoach.audio.resample import Downsampler
from voicecoach.errors import UsageError
from voicecoach.listening.ears import Ears
from voicecoach.performance import Performance
from voicecoach.rehearsal.room import Room
from voicecoach.units import INPUT_FRAMES_PER_MS, OUTPUT_FRAMES_PER_MS, clock

BLOCK_MS = 20
"""What passes round at once: the ears' frame, and the least delay of an answer."""
LINGER_MS = 500
"""The room is heard for this long after the session has ended."""


@dataclass(frozen=True, slots=True, eq=False)
class Sound:
    """Something that is to sound where the person is."""

    at_ms: int
    samples: Samples
    """Mono at 16 kHz; its level does not matter."""
    what: str
    """For people: the phrase, or the file's name."""


class Rehearsal:
    """Performs one session in a simulated room. Used once, by one thread."""

    def __init__(
        self,
        performance: Performance,
        mixer: Mixer,
        ears: Ears,
        *,
        room: Room,
        removal: EchoRemoval | None,
        sounds: Sequence[Sound] = (),
    ) -> None:
        """Take the parts, all fresh. `removal`: none to let the microphone hear the coach undiminished."""
        self._performance = performance
        self._mixer = mixer
        self._ears = ears
        self._room = room
        self._removal = removal
        self._sounds = sorted(sounds, key=lambda sound: sound.at_ms)
        self._downsampler = Downsampler()

    def run(self, write: Callable[[Samples], None]) -> int:
        """Perform the session, and give every block of the loudspeaker's sound to `write`. Return its length in ms.

        Raises `UsageError` where a sound was to come after the end of the session.
        """
        performance = self._performance
        now = 0
        performance.begin(now)
        ends_ms: int | None = None
        while ends_ms is None or now < ends_ms:
            # Whatever is due within this block is scheduled before the block is rendered.
            performance.advance(now + BLOCK_MS - 1)
            heard = self._pass_block(now, write)
            now += BLOCK_MS
            open_phrases, saying = performance.open_phrases(), performance.saying(now)
            performance.sense(self._ears.feed(heard.sound, open_phrases, saying, heard.echo_power), now)
            performance.sounded()
            if ends_ms is None and performance.ended:
                ends_ms = now + LINGER_MS
        if self._sounds:
            late = self._sounds[0]
            raise UsageError(
                f"'{late.what}' was to come at {clock(late.at_ms)}, but the session ended at {clock(now - LINGER_MS)};"
                " give an earlier time."
            )
        return now

    def _pass_block(self, now: int, write: Callable[[Samples], None]) -> Block:
        played = self._mixer.render(BLOCK_MS * OUTPUT_FRAMES_PER_MS)
        write(played)
        reference = self._downsampler.process(played)
        while self._sounds and self._sounds[0].at_ms < now + BLOCK_MS:
            sound = self._sounds.pop(0)
            self._room.play_person(sound.samples, sound.at_ms * INPUT_FRAMES_PER_MS)
        microphone = self._room.render(reference)
        if self._removal is None:
            return Block(microphone, 0.0)
        return self._removal.process(microphone, int16_from_float(reference))
