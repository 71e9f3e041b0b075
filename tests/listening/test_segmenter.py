from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from tests.listening.gates import AskedGate
from tests.listening.sounds import Speaker, in_a_quiet_room, silence
from voicecoach.listening.background import SILENT_ROOM
from voicecoach.listening.detector import OVER_NOISE_SPEECH, PLAIN_SPEECH, SPEECH
from voicecoach.listening.recognizer import Pcm
from voicecoach.listening.segmenter import FRAME_FRAMES, LOUD_AT_ONCE, Change, Segmenter, Utterance

SLT = Speaker("en", "slt")


def changes(sound: Pcm, segmenter: Segmenter | None = None) -> list[tuple[int, Change]]:
    segmenter = segmenter or Segmenter()
    frames = sound[: len(sound) - len(sound) % FRAME_FRAMES].reshape(-1, FRAME_FRAMES)
    found = ((segmenter.feed(frame), segmenter.now_ms) for frame in frames)
    return [(at, change) for change, at in found if change is not None]


def utterances(sound: Pcm) -> list[Utterance]:
    segmenter = Segmenter()
    frames = sound[: len(sound) - len(sound) % FRAME_FRAMES].reshape(-1, FRAME_FRAMES)
    return [segmenter.utterance for frame in frames if segmenter.feed(frame) is Change.ENDED]


@pytest.mark.parametrize("phrase", ["cramp", "finish", "what can I say", "go"])
def test_a_phrase_is_one_utterance_with_its_edges_near_the_sound(phrase: str) -> None:
    spoken = SLT.says(phrase)
    [utterance] = utterances(in_a_quiet_room(spoken))
    assert abs(utterance.start_ms - 1050) < 200
    assert abs(utterance.end_ms - (1000 + len(spoken) / 16 - 50)) < 250


def test_the_sound_before_the_voice_is_part_of_the_utterance() -> None:
    sound = in_a_quiet_room(SLT.says("stop"))
    [utterance] = utterances(sound)
    assert utterance.start_ms - utterance.sound_start_ms >= 300
    start = utterance.sound_start_ms * 16
    assert np.array_equal(utterance.sound, sound[start : start + len(utterance.sound)])


def test_voice_begins_within_a_tenth_of_a_second_of_its_first_frame() -> None:
    began = [at for at, change in changes(in_a_quiet_room(SLT.says("wait"))) if change is Change.BEGAN]
    assert 1050 <= began[0] <= 1150


def test_a_gap_of_a_quarter_second_does_not_end_an_utterance() -> None:
    sound = in_a_quiet_room(SLT.says("cramp"), silence(150), SLT.says("back off"))
    assert len(utterances(sound)) == 1


def test_a_pause_and_a_lull_are_reported_before_the_end_and_taken_back_when_the_voice_goes_on() -> None:
    sound = in_a_quiet_room(SLT.says("cramp"), silence(150), SLT.says("back off"))
    found = changes(sound)
    quiet = [Change.PAUSED, Change.LULL, Change.LONG_LULL]
    assert [change for _, change in found] == [Change.BEGAN, *quiet, Change.WENT_ON, *quiet, Change.ENDED]
    paused, lull, long_lull, ended = (at for at, _ in found[-4:])
    assert (lull - paused, long_lull - paused, ended - paused) == (80, 180, 260)


def test_a_pause_that_is_no_lull_is_taken_back() -> None:
    silent = np.zeros(FRAME_FRAMES * 8, dtype=np.int16)
    spoken = SLT.says("finish")
    middle = spoken[len(spoken) // 3 :][: FRAME_FRAMES * 10]
    kinds = [change for _, change in changes(in_a_quiet_room(middle, silent, middle, noise=0.0))]
    assert kinds[:3] == [Change.BEGAN, Change.PAUSED, Change.WENT_ON]


@pytest.mark.parametrize("ms", [1, 10, 30])
def test_a_click_is_no_voice(ms: int) -> None:
    click = np.random.default_rng(3).normal(0.0, 8000.0, 16 * ms).clip(-32768, 32767).astype(np.int16)
    assert changes(in_a_quiet_room(click)) == []


@pytest.mark.parametrize("offset", [-3000, 500])
def test_a_constant_in_every_sample_changes_nothing(offset: int) -> None:
    plain = in_a_quiet_room(SLT.says("next exercise")) // 2
    assert changes(plain + np.int16(offset)) == changes(plain)


def test_a_microphone_stuck_at_a_value_is_silent() -> None:
    for value in (0, 32767, -32768):
        assert changes(np.full(16_000 * 5, value, dtype=np.int16)) == []


def test_a_clipped_voice_is_one_utterance() -> None:
    loud = np.clip(SLT.says("switch side").astype(np.int32) * 8, -32768, 32767).astype(np.int16)
    assert len(utterances(in_a_quiet_room(loud))) == 1


@pytest.mark.parametrize("level", [100.0, 1000.0])
def test_a_noise_that_begins_is_learned_within_seconds_and_a_voice_over_it_found(level: float) -> None:
    spoken = np.clip(SLT.says("more time").astype(np.float64) * (level / 1000.0) * 1.5, -32768, 32767).astype(np.int16)
    found = utterances(in_a_quiet_room(silence(3000), spoken, noise=level))
    assert [round(utterance.start_ms, -3) for utterance in found if utterance.start_ms > 1000] == [4000]
    assert found[-1].voiced_ms > 100


def test_voice_that_goes_on_and_on_is_talk_and_does_not_begin_anew() -> None:
    talk = np.concatenate([SLT.says(phrase)[800:-800] for phrase in ("how do I do it", "what can I say") * 4])
    between = (Change.PAUSED, Change.LULL, Change.LONG_LULL, Change.WENT_ON)
    kinds = [change for _, change in changes(in_a_quiet_room(talk)) if change not in between]
    assert kinds == [Change.BEGAN, Change.TALKED]


def test_a_closed_utterance_leaves_the_rest_to_another() -> None:
    segmenter = Segmenter()
    sound = in_a_quiet_room(SLT.says("stop"), silence(200), SLT.says("finish"))
    seen = []
    for frame in sound[: len(sound) // 320 * 320].reshape(-1, 320):
        change = segmenter.feed(frame)
        if change is not None and change not in (Change.PAUSED, Change.LONG_LULL):
            seen.append(change)
        if change is Change.LULL and len(seen) == 2:
            segmenter.close()
    assert seen == [Change.BEGAN, Change.LULL, Change.BEGAN, Change.LULL, Change.ENDED]


def test_a_voice_that_must_be_noticed_at_once_is_noticed_a_frame_sooner() -> None:
    sound = in_a_quiet_room(SLT.says("finish"))
    began = []
    for at_once in (False, True):
        segmenter = Segmenter()
        frames = sound[: len(sound) // FRAME_FRAMES * FRAME_FRAMES].reshape(-1, FRAME_FRAMES)
        began.append(
            next(n for n, frame in enumerate(frames) if segmenter.feed(frame, at_once=at_once) is Change.BEGAN)
        )
    usual, at_once_frame = began
    assert at_once_frame == usual - 1


class DeafDetector:
    def is_voice(self, frame: Pcm) -> bool:
        del frame
        return False


@pytest.mark.parametrize(("above_db", "at_once", "begins"), [(12, True, True), (12, False, False), (8, True, False)])
def test_what_is_loud_begins_without_the_detector_where_it_must_be_noticed_at_once(
    above_db: float, at_once: bool, begins: bool
) -> None:
    segmenter = Segmenter(DeafDetector())
    for frame in in_a_quiet_room(silence(1000), noise=100.0).reshape(-1, FRAME_FRAMES):
        assert segmenter.feed(frame) is None
    rms = (segmenter.background_power * 10 ** (above_db / 10)) ** 0.5
    frames = np.random.default_rng(4).normal(0.0, rms, (5, FRAME_FRAMES)).astype(np.int16)
    changes = [segmenter.feed(frame, at_once=at_once) for frame in frames]
    assert (Change.BEGAN in changes) == begins


def test_who_must_be_noticed_at_once_is_noticed_no_later_than_else_where_the_gate_opens_late() -> None:
    class Detector:
        def __init__(self) -> None:
            self.voiced = iter([True, True, False, True])

        def is_voice(self, frame: Pcm) -> bool:
            del frame
            return next(self.voiced, False)

    class LateGate:
        def opens(self, frames: Sequence[Pcm], *, voiced: bool, least: float = SPEECH) -> bool:
            del least
            return voiced and len(frames) == 4

        def rest(self) -> None:
            pass

    # Half as loud as what would count as voiced in any case.
    rms = (Segmenter().background_power * LOUD_AT_ONCE / 4) ** 0.5
    sound = np.random.default_rng(5).normal(0.0, rms, (4, FRAME_FRAMES)).astype(np.int16)
    for at_once in (False, True):
        segmenter = Segmenter(Detector(), LateGate())
        assert [segmenter.feed(frame, at_once=at_once) for frame in sound] == [None, None, None, Change.BEGAN]


@pytest.mark.parametrize(
    ("noise", "above_db", "at_once", "expected"),
    [
        (100.0, 22, True, [OVER_NOISE_SPEECH, PLAIN_SPEECH]),
        (100.0, 22, False, [SPEECH, SPEECH]),
        (100.0, 18, True, [OVER_NOISE_SPEECH, OVER_NOISE_SPEECH]),
        (1.0, 18, True, [SPEECH, SPEECH]),
        (1.0, 22, True, [SPEECH, PLAIN_SPEECH]),
    ],
)
def test_while_the_coach_speaks_the_gate_asks_for_more_in_noise_and_for_less_of_what_is_far_louder_than_the_room(
    noise: float, above_db: float, at_once: bool, expected: list[float]
) -> None:
    gate = AskedGate()
    segmenter = Segmenter(DeafDetector(), gate)
    for frame in in_a_quiet_room(silence(1000), noise=noise).reshape(-1, FRAME_FRAMES):
        segmenter.feed(frame)
    gate.asked.clear()
    rms = (segmenter.background_power * 10 ** (above_db / 10)) ** 0.5
    for frame in np.random.default_rng(4).normal(0.0, rms, (2, FRAME_FRAMES)).astype(np.int16):
        segmenter.feed(frame, at_once=at_once)
    assert gate.asked == expected


@pytest.mark.parametrize(
    ("room_noise", "pause_ms", "expected"),
    [(1.0, 1000, SPEECH), (100.0, 1000, OVER_NOISE_SPEECH), (1.0, 200, OVER_NOISE_SPEECH)],
)
def test_what_is_left_of_the_coach_does_not_make_a_silent_room_noisy(
    room_noise: float, pause_ms: int, expected: float
) -> None:
    gate = AskedGate()
    segmenter = Segmenter(DeafDetector(), gate)
    pause = in_a_quiet_room(silence(0), noise=room_noise)[: pause_ms * 16]
    for frame in pause.reshape(-1, FRAME_FRAMES):
        segmenter.feed(frame)
    left = in_a_quiet_room(silence(1000), noise=100.0).reshape(-1, FRAME_FRAMES)
    for frame in left:
        segmenter.feed(frame, at_once=True, echo_power=100.0**2)
    assert segmenter.background_power > SILENT_ROOM
    gate.asked.clear()
    segmenter.feed(left[0], at_once=True, echo_power=100.0**2)
    assert gate.asked == [expected]


@pytest.mark.parametrize("room_noise", [1.0, 100.0])
def test_what_somebody_says_before_the_gate_opens_is_no_background(room_noise: float) -> None:
    class SlowGate:
        def __init__(self) -> None:
            self.voiced = 0

        def opens(self, frames: Sequence[Pcm], *, voiced: bool, least: float = SPEECH) -> bool:
            del frames, least
            self.voiced += voiced
            return self.voiced > 10

        def rest(self) -> None:
            pass

    segmenter = Segmenter(gate=SlowGate())
    sound = in_a_quiet_room(silence(3000), SLT.says("carry on"), noise=room_noise)
    loudest = 0.0
    began = False
    for frame in sound[: len(sound) // FRAME_FRAMES * FRAME_FRAMES].reshape(-1, FRAME_FRAMES):
        began |= segmenter.feed(frame) is Change.BEGAN
        loudest = max(loudest, segmenter.background_power)
    assert began
    assert loudest < max(20.0, 2 * room_noise) ** 2 * 2
