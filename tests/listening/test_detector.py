from __future__ import annotations

import numpy as np
import pytest

from tests.listening.sounds import Speaker, in_a_quiet_room, silence
from voicecoach.audio.pcm import int16_from_float
from voicecoach.bench.noises import noise
from voicecoach.listening.detector import (
    BEFORE_FRAMES,
    CHUNK_BYTES,
    OVER_NOISE_SPEECH,
    PLAIN_SPEECH,
    SileroGate,
    WebRtcDetector,
)
from voicecoach.listening.recognizer import Pcm
from voicecoach.listening.segmenter import FRAME_FRAMES, Change, Segmenter

SLT = Speaker("en", "slt")


def frames(sound: Pcm) -> list[Pcm]:
    return list(sound[: len(sound) - len(sound) % FRAME_FRAMES].reshape(-1, FRAME_FRAMES))


def beginnings(sound: Pcm, gate: SileroGate | None) -> list[int]:
    segmenter = Segmenter(gate=gate)
    return [segmenter.now_ms for frame in frames(sound) if segmenter.feed(frame) is Change.BEGAN]


def dishes(seconds: int) -> Pcm:
    made = noise("dishes", seconds, seed=5)
    return int16_from_float(made * np.float32(0.1 / np.sqrt(np.mean(np.square(made)))))


def test_webrtcs_detector_hears_a_voice_and_not_silence() -> None:
    assert sum(map(WebRtcDetector().is_voice, frames(SLT.says("stop")))) >= 8
    assert not any(map(WebRtcDetector().is_voice, frames(silence(1000))))


def test_no_voice_begins_in_the_noise_of_dishes_where_silero_has_to_agree() -> None:
    assert len(beginnings(dishes(10), None)) >= 3
    assert beginnings(dishes(10), SileroGate()) == []


@pytest.mark.parametrize("phrase", ["stop", "next", "what can I say", "finish"])
def test_a_phrase_begins_hardly_later_where_silero_has_to_agree(phrase: str) -> None:
    sound = in_a_quiet_room(SLT.says(phrase))
    [alone], [agreed] = beginnings(sound, None), beginnings(sound, SileroGate())
    assert alone <= agreed <= alone + 60


def test_a_gate_that_has_rested_judges_as_a_new_one() -> None:
    gate = SileroGate()
    sound = list(frames(in_a_quiet_room(SLT.says("wait"))))
    for number in range(1, len(sound) + 1):
        gate.opens(sound[:number], voiced=True)
    gate.rest()
    assert not gate.opens(sound, voiced=False)
    fresh = SileroGate()
    for number in range(40, 80):
        heard = sound[:number]
        assert gate.opens(heard, voiced=True) == fresh.opens(heard, voiced=True)


def test_where_less_will_do_it_opens_sooner() -> None:
    sound = list(frames(in_a_quiet_room(SLT.says("wait"))))
    first = {}
    for least in (PLAIN_SPEECH, OVER_NOISE_SPEECH):
        gate = SileroGate()
        heard = (number for number in range(1, len(sound) + 1) if gate.opens(sound[:number], voiced=True, least=least))
        first[least] = next(heard)
    assert first[PLAIN_SPEECH] < first[OVER_NOISE_SPEECH]


def test_where_nothing_is_voiced_the_network_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    gate = SileroGate()
    monkeypatch.setattr(gate, "_network", None)
    quiet = list(frames(silence(1000)))
    assert not any(gate.opens(quiet[:number], voiced=False) for number in range(1, len(quiet) + 1))


def test_silero_has_heard_all_of_it_where_the_second_voiced_frame_ends() -> None:
    assert (BEFORE_FRAMES + 1) * FRAME_FRAMES * 2 % CHUNK_BYTES == 0
