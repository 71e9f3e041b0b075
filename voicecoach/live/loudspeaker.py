"""The coach's end of the loudspeaker: takes what a mixer takes, in session time, and has it sounded elsewhere.

What is scheduled stays here until shortly before its time: so it is placed by what is known of the device's clock
then, and nothing is lost when the sound process has to be replaced. A sentence that was cut off by that goes on where
it was, because session time stood still meanwhile.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Final

from voicecoach.audio.clip import Samples
from voicecoach.audio.mixer import SoundEnded, SoundKind, SoundReport, SoundStarted
from voicecoach.live.clock import FrameMap
from voicecoach.live.wire import Began, Finished, Gain, Message, Move, Place, Silence
from voicecoach.units import OUTPUT_FRAMES_PER_MS, OUTPUT_RATE_HZ

HORIZON_FRAMES: Final = OUTPUT_RATE_HZ
"""Sounds are handed over this long before they are due."""
RESUMED_EARLIER_FRAMES: Final = OUTPUT_RATE_HZ // 10
"""A sentence that lost its device goes on from so much before the point it had reached in session time: that much was
still on its way to the loudspeaker."""
MOVED_FRAMES: Final = 2 * OUTPUT_FRAMES_PER_MS
"""A sound that waits in the sound process is told to begin elsewhere where its place is so far from the right one."""
LOST_FRAMES: Final = OUTPUT_RATE_HZ // 2
"""A sound that has not begun so long after its frame will not."""


@dataclass(slots=True, order=True)
class _Sound:
    start: int
    """Session frame of its first frame to sound."""
    number: int
    samples: Samples = field(compare=False)
    label: Hashable = field(compare=False)
    kind: SoundKind = field(compare=False)
    from_frame: int = field(compare=False)
    device_start: int = field(compare=False, default=0)
    begun: bool = field(compare=False, default=False)
    """Whether its start has been reported, if perhaps in another life of the sound process."""
    sounding: bool = field(compare=False, default=False)

    @property
    def end(self) -> int:
        return self.start + len(self.samples) - self.from_frame


class Loudspeaker:
    """Stands where a `Mixer` would. Frames are of session time. One thread uses it."""

    def __init__(self) -> None:
        self._now = 0
        self._waiting: list[_Sound] = []
        self._sent: dict[int, _Sound] = {}
        self._reports: list[SoundReport] = []
        self._numbers = 0
        self._gain_db = 0.0
        self._send: Callable[[Message], None] | None = None
        self._map = FrameMap()

    # What a performance asks of a mixer

    @property
    def position(self) -> int:
        """The frame before which every start has been reported."""
        unreported = [sound.start for sound in (*self._waiting[:1], *self._sent.values()) if not sound.begun]
        return min([self._now, *unreported])

    @property
    def gain_db(self) -> float:
        """The volume of everything."""
        return self._gain_db

    @gain_db.setter
    def gain_db(self, decibels: float) -> None:
        self._gain_db = decibels
        self._tell(Gain(decibels))

    def schedule(
        self, samples: Samples, at_frame: int, *, label: Hashable, kind: SoundKind, from_frame: int = 0
    ) -> None:
        """Place a sound; see `Mixer.schedule`."""
        self._numbers += 1
        insort(self._waiting, _Sound(at_frame, self._numbers, samples, label, kind, from_frame))

    def stop(self, at_frame: int, kind: SoundKind | None = None) -> None:
        """Silence all sounds, or those of one kind, from `at_frame` on; see `Mixer.stop`."""

        def concerned(sound: _Sound) -> bool:
            return kind is None or sound.kind is kind

        for sound in [sound for sound in (*self._waiting, *self._sent.values()) if concerned(sound)]:
            if sound.start >= at_frame and not sound.sounding:
                self._forget(sound, at_frame)
        if self._send is not None and self._map.known:
            # What begins before then, and is still here, has to be there to be cut.
            self._hand_over(at_frame)
            self._tell(Silence(self._map.next_frame(at_frame), kind is SoundKind.SPEECH))
            return
        for sound in [sound for sound in self._waiting if concerned(sound)]:
            self._forget(sound, at_frame)

    def take_reports(self) -> list[SoundReport]:
        """Return what has begun and ended since the last call."""
        reports, self._reports = self._reports, []
        return reports

    # What the stage does

    @property
    def quiet(self) -> bool:
        """Whether nothing sounds and nothing is to sound."""
        return not self._waiting and not self._sent

    @property
    def sounding(self) -> bool:
        """Whether anything sounds."""
        return any(sound.sounding for sound in self._sent.values())

    def connect(self, send: Callable[[Message], None]) -> None:
        """Sound by this process from now on, once its device's clock has been observed."""
        self._send = send
        self._map = FrameMap()
        self._tell(Gain(self._gain_db))

    def restart_clock(self) -> None:
        """Forget what is known of the device's clock, because session time was set anew."""
        self._map = FrameMap()

    def disconnect(self) -> None:
        """Take back everything: the process is gone. Call when session time has stopped."""
        self._send = None
        for sound in self._sent.values():
            if sound.sounding and (sound.kind is SoundKind.TONE or sound.end <= self._now):
                self._reports.append(SoundEnded(sound.label, sound.kind, sound.end, cut=False))
                continue
            if sound.sounding:
                sound.from_frame += max(0, self._now - sound.start - RESUMED_EARLIER_FRAMES)
                sound.sounding = False
            sound.start = max(sound.start, self._now)
            insort(self._waiting, sound)
        self._sent.clear()

    def observe(self, at_ns: int, position: int, session_frame: float, gaps: int = 0) -> None:
        """Take how far the device had got at what session time, and how many gaps there were in its sound so far."""
        self._map.observe(at_ns, position, session_frame, gaps)
        for sound in [sound for sound in self._sent.values() if not sound.sounding]:
            if sound.device_start + LOST_FRAMES < position:
                self._forget(sound, self._now)
            elif sound.device_start > position:
                self._correct(sound)

    def pass_time(self, now_frame: int) -> None:
        """Take what time it is, and hand over what is due soon."""
        self._now = now_frame
        if self._send is not None and self._map.known:
            self._hand_over(now_frame + HORIZON_FRAMES)

    def began(self, message: Began) -> None:
        """Take that a sound began."""
        sound = self._sent.get(message.sound)
        if sound is None:
            return
        # Late is late, and the timeline says so.
        sound.start += max(0, message.frame - sound.device_start)
        sound.device_start = message.frame
        sound.sounding = True
        if not sound.begun:
            sound.begun = True
            self._reports.append(SoundStarted(sound.label, sound.kind, sound.start))

    def finished(self, message: Finished) -> None:
        """Take that a sound ended."""
        sound = self._sent.pop(message.sound, None)
        if sound is not None and sound.begun:
            end = sound.start + message.frame - sound.device_start
            self._reports.append(SoundEnded(sound.label, sound.kind, end, message.cut))

    def _forget(self, sound: _Sound, at_frame: int) -> None:
        """Give up a sound that will not sound, or not again."""
        if self._sent.pop(sound.number, None) is None:
            self._waiting.remove(sound)
        if sound.begun:
            self._reports.append(SoundEnded(sound.label, sound.kind, max(at_frame, sound.start), cut=True))

    def _correct(self, sound: _Sound) -> None:
        right = self._map.device_frame(sound.start)
        if abs(right - sound.device_start) >= MOVED_FRAMES:
            sound.device_start = right
            self._tell(Move(sound.number, right))

    def _hand_over(self, until_frame: int) -> None:
        while self._waiting and self._waiting[0].start < until_frame:
            sound = self._waiting.pop(0)
            sound.device_start = self._map.device_frame(sound.start)
            self._sent[sound.number] = sound
            speech = sound.kind is SoundKind.SPEECH
            data = sound.samples.tobytes()
            self._tell(Place(sound.number, sound.device_start, sound.from_frame, speech, data))

    def _tell(self, message: Message) -> None:
        if self._send is not None:
            self._send(message)
