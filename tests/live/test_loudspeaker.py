"""The coach's end of the loudspeaker, with the real mixer at the other end in place of a process."""

from __future__ import annotations

import numpy as np

from voicecoach.audio.clip import Samples
from voicecoach.audio.mixer import Mixer, SoundEnded, SoundKind, SoundStarted
from voicecoach.live.clock import MARGIN_FRAMES
from voicecoach.live.loudspeaker import RESUMED_EARLIER_FRAMES, Loudspeaker
from voicecoach.live.wire import Began, Finished, Gain, Message, Move, Place, Silence

BLOCK = 480
SECOND = 48_000


class Room:
    """Ten milliseconds at a time, for both ends."""

    def __init__(self) -> None:
        self.loudspeaker = Loudspeaker()
        self.sound: list[Samples] = []
        self.session_frame = 0
        self.gaps = 0
        self._mixer: Mixer | None = None

    def open(self, already_rendered: int) -> None:
        self._mixer = Mixer()
        self._mixer.render(already_rendered)
        self.loudspeaker.connect(self._obey)

    def lose(self) -> None:
        self._mixer = None
        self.loudspeaker.disconnect()

    def run(self, frames: int) -> None:
        for _ in range(frames // BLOCK):
            assert self._mixer is not None
            self.loudspeaker.observe(
                self.session_frame * 20_833, self._mixer.position, float(self.session_frame), self.gaps
            )
            self.loudspeaker.pass_time(self.session_frame)
            self.sound.append(self._mixer.render(BLOCK))
            for report in self._mixer.take_reports():
                assert isinstance(report.label, int)
                if isinstance(report, SoundStarted):
                    self.loudspeaker.began(Began(report.label, report.frame))
                else:
                    self.loudspeaker.finished(Finished(report.label, report.frame, report.cut))
            self.session_frame += BLOCK

    def leave_a_gap(self, frames: int) -> None:
        """Let time pass in which the device takes nothing."""
        self.session_frame += frames
        self.gaps += 1

    def _obey(self, message: Message) -> None:
        assert self._mixer is not None
        match message:
            case Place():
                kind = SoundKind.SPEECH if message.is_speech else SoundKind.TONE
                self._mixer.schedule(
                    np.frombuffer(message.data, np.float32),
                    message.at_frame,
                    label=message.sound,
                    kind=kind,
                    from_frame=message.from_frame,
                )
            case Silence():
                self._mixer.stop(message.at_frame, SoundKind.SPEECH if message.only_speech else None)
            case Move(sound=sound, at_frame=at_frame):
                self._mixer.move(sound, at_frame)
            case Gain(decibels=decibels):
                self._mixer.gain_db = decibels


def ramp(frames: int) -> Samples:
    return np.linspace(0.1, 0.5, frames, dtype=np.float32)


def test_sounds_are_reported_at_the_session_frames_they_were_meant_for() -> None:
    room = Room()
    room.open(12_345)
    room.loudspeaker.schedule(ramp(1000), 30 * SECOND + 7, label="later", kind=SoundKind.TONE)
    room.loudspeaker.schedule(ramp(1000), 480, label="soon", kind=SoundKind.SPEECH)
    room.run(31 * SECOND)
    assert room.loudspeaker.take_reports() == [
        SoundStarted("soon", SoundKind.SPEECH, 480),
        SoundEnded("soon", SoundKind.SPEECH, 1480, cut=False),
        SoundStarted("later", SoundKind.TONE, 30 * SECOND + 7),
        SoundEnded("later", SoundKind.TONE, 30 * SECOND + 1007, cut=False),
    ]
    first, second = np.flatnonzero(np.diff((np.concatenate(room.sound) > 0).astype(int)) == 1)
    assert second - first == 30 * SECOND + 7 - 480


def test_a_sentence_cut_off_by_the_loss_of_the_device_goes_on_where_it_was() -> None:
    room = Room()
    room.open(0)
    room.loudspeaker.schedule(ramp(SECOND), 0, label="sentence", kind=SoundKind.SPEECH)
    room.loudspeaker.schedule(ramp(100), 2 * SECOND, label="tone", kind=SoundKind.TONE)
    room.run(SECOND // 2)
    room.lose()
    assert not room.loudspeaker.quiet
    room.open(999)
    room.run(3 * SECOND)
    started, ended, *others = room.loudspeaker.take_reports()
    assert started == SoundStarted("sentence", SoundKind.SPEECH, 0)
    assert isinstance(ended, SoundEnded)
    assert not ended.cut
    assert SECOND <= ended.frame <= SECOND + RESUMED_EARLIER_FRAMES
    assert others == [
        SoundStarted("tone", SoundKind.TONE, 2 * SECOND),
        SoundEnded("tone", SoundKind.TONE, 2 * SECOND + 100, cut=False),
    ]
    heard = len(np.concatenate(room.sound).nonzero()[0])
    assert SECOND <= heard <= SECOND + RESUMED_EARLIER_FRAMES + 100, "all of it is heard, and next to nothing twice"
    assert room.loudspeaker.quiet


def test_what_is_stopped_does_not_sound_and_what_sounds_is_cut() -> None:
    room = Room()
    room.open(0)
    room.loudspeaker.schedule(ramp(SECOND), 0, label="sentence", kind=SoundKind.SPEECH)
    room.loudspeaker.schedule(ramp(SECOND), SECOND, label="next", kind=SoundKind.SPEECH)
    room.loudspeaker.schedule(ramp(100), SECOND, label="tone", kind=SoundKind.TONE)
    room.run(SECOND // 2)
    room.loudspeaker.stop(room.session_frame, SoundKind.SPEECH)
    room.run(2 * SECOND)
    reports = {(type(report), report.label): report for report in room.loudspeaker.take_reports()}
    ended = reports[SoundEnded, "sentence"]
    assert isinstance(ended, SoundEnded)
    assert ended.cut
    assert (SoundStarted, "next") not in reports
    assert (SoundEnded, "tone") in reports
    assert room.loudspeaker.quiet


def test_all_is_forgotten_that_is_stopped_while_there_is_no_device() -> None:
    room = Room()
    room.open(0)
    room.loudspeaker.schedule(ramp(SECOND), 0, label="sentence", kind=SoundKind.SPEECH)
    room.run(SECOND // 2)
    room.lose()
    room.loudspeaker.stop(room.session_frame)
    assert room.loudspeaker.quiet
    (_, ended) = room.loudspeaker.take_reports()
    assert isinstance(ended, SoundEnded)
    assert ended.cut
    assert abs(ended.frame - room.session_frame) <= BLOCK


def test_a_sound_that_was_handed_over_before_a_gap_begins_at_its_time_all_the_same() -> None:
    room = Room()
    room.open(0)
    room.loudspeaker.schedule(ramp(1000), 2 * SECOND, label="tone", kind=SoundKind.TONE)
    room.run(SECOND + SECOND // 2)
    room.leave_a_gap(SECOND // 10)
    heard_before = sum(len(block) for block in room.sound)
    room.run(SECOND)
    sound = np.concatenate(room.sound)
    begun = int(np.flatnonzero(sound)[0])
    assert begun >= heard_before
    without_gap = begun + SECOND // 10
    assert without_gap == 2 * SECOND + MARGIN_FRAMES
    assert room.loudspeaker.take_reports()[0] == SoundStarted("tone", SoundKind.TONE, 2 * SECOND)
