from __future__ import annotations

import numpy as np
import pytest
import soxr

from voicecoach.audio.clip import Samples
from voicecoach.language.pack import load_pack
from voicecoach.listening.ears import Ears
from voicecoach.listening.factory import open_ears
from voicecoach.listening.sensations import Heard, Sensation, VoiceBegan
from voicecoach.live.echo_path import BLOCK_FRAMES, EchoPath
from voicecoach.rehearsal.voices import spoken
from voicecoach.speech.pyttsx3_synthesizer import Pyttsx3Engine, Voice

RATE = 48_000
ENGLISH = load_pack("en")


@pytest.mark.parametrize("input_rate_hz", [48_000, 44_100, 16_000])
def test_the_microphone_arrives_whole_at_any_rate_and_in_any_pieces(input_rate_hz: int) -> None:
    path = EchoPath(input_rate_hz)
    tone = np.sin(np.arange(2 * input_rate_hz) * 2 * np.pi * 500 / input_rate_hz).astype(np.float32) * 0.3
    blocks = [block.sound for piece in np.array_split(tone, 333) for block in path.hear(piece)]
    assert {len(block) for block in blocks} == {BLOCK_FRAMES}
    sound = np.concatenate(blocks)
    assert 2 * 16_000 - 1_500 < len(sound) <= 2 * 16_000
    crossings = np.count_nonzero(np.diff(np.sign(sound[8_000:24_000].astype(float))) > 0)
    assert abs(crossings - 500) <= 2


@pytest.mark.parametrize("drift", [-2e-4, 2e-4])
def test_the_coachs_echo_is_taken_out_although_the_clocks_drift_apart(drift: float) -> None:
    """The microphone's clock is off by twice what is bad, and what the coach says has pauses."""
    rng = np.random.default_rng(7)
    frames = 30 * RATE
    played = rng.standard_normal(frames).astype(np.float32) * np.float32(0.1)
    played *= (np.arange(frames) // RATE) % 3 < 2
    echo = np.concatenate((np.zeros(RATE // 12, np.float32), played)) * np.float32(0.3)
    rate = 1 + drift
    heard = np.interp(np.arange(int(frames * rate)) / rate, np.arange(len(echo)), echo).astype(np.float32)
    path = EchoPath(RATE)
    left: list[float] = []
    for at in range(0, frames, 480):
        path.play(played[at : at + 480])
        left += [
            float(np.mean(block.sound.astype(float) ** 2))
            for block in path.hear(heard[int(at * rate) : int((at + 480) * rate)])
        ]
    before = float(np.mean((heard * 32767) ** 2))
    after = float(np.mean(left[len(left) // 2 :]))
    assert 10 * np.log10(before / after) > 20


def test_after_a_rest_of_the_loudspeaker_its_echo_is_taken_out_as_before() -> None:
    rng = np.random.default_rng(7)
    path = EchoPath(RATE)

    def left(seconds: int) -> float:
        played = rng.standard_normal(seconds * RATE).astype(np.float32) * np.float32(0.1)
        played *= (np.arange(len(played)) // RATE) % 3 < 2
        echo = np.concatenate((np.zeros(RATE // 12, np.float32), played))[: len(played)] * np.float32(0.3)
        blocks = []
        for at in range(0, len(played), 480):
            path.play(played[at : at + 480])
            blocks += path.hear(echo[at : at + 480])
        after = float(np.mean([np.mean(block.sound.astype(float) ** 2) for block in blocks[len(blocks) // 2 :]]))
        return 10 * float(np.log10(after / np.mean((echo * 32767) ** 2)))

    assert left(8) < -20
    path.play(np.zeros(RATE // 10 + 7, np.float32))
    path.rest()
    silence = path.hear(np.zeros(20 * RATE, np.float32))
    assert silence[-1].echo_power == 0.0
    # The device has its buffer filled, and then some silence before the first word.
    path.play(np.zeros(RATE // 25, np.float32))
    for _ in range(30):
        path.play(np.zeros(480, np.float32))
        path.hear(np.zeros(480, np.float32))
    assert left(8) < -20


@pytest.fixture(scope="module")
def ears() -> Ears:
    return open_ears(ENGLISH, engine="moonshine")


@pytest.fixture(scope="module")
def speech() -> Samples:
    with Pyttsx3Engine(Voice("en-us", 150)).open() as synthesizer:
        return synthesizer.render(
            "Put the ball of your right foot on the rolled towel, and hold it there. " * 3
        ).samples


def silence(seconds: float) -> Samples:
    return np.zeros(round(seconds * RATE), np.float32)


def noticed(ears: Ears, path: EchoPath, played: Samples, heard: Samples) -> list[tuple[int, Sensation]]:
    """What the ears hear of it, each with the time by which that is known."""
    ears = ears.fresh()
    found = []
    for at in range(0, len(heard) - 479, 480):
        path.play(played[at : at + 480])
        for block in path.hear(heard[at : at + 480]):
            sensations = ears.feed(block.sound, ENGLISH.all_phrases, None, block.echo_power)
            found += [(ears.now_ms, sensation) for sensation in sensations]
    return found


@pytest.mark.parametrize(("ppm", "late_s"), [(-80, 0.06), (80, 0.06), (200, 0.06), (0, 0.25)])
def test_who_begins_with_a_weak_sound_is_noticed_soon_and_understood_although_clocks_differ_or_the_echo_is_late(
    ears: Ears, speech: Samples, ppm: int, late_s: float
) -> None:
    person = soxr.resample(spoken("en", "slt", "stop"), 16_000, RATE)
    person *= np.sqrt((speech**2).mean() / (person[np.abs(person) > 0.02] ** 2).mean())
    played = np.concatenate((silence(0.5), speech, silence(0.5), speech, silence(2)))
    begins = len(speech) + 4 * RATE
    first = begins + int(np.flatnonzero(np.abs(person) > 0.02)[0])
    # The coach falls silent 150 ms after the person's first sound.
    played[first + RATE * 3 // 20 :] = 0.0
    echo = soxr.resample(played.astype(np.float64), 1e6, 1e6 + ppm, quality="VHQ").astype(np.float32)
    heard = np.concatenate((silence(late_s), echo, silence(1)))[: len(played)]
    heard[begins : begins + len(person)] += person
    (known_ms, began), (_, understood) = noticed(ears, EchoPath(RATE), played, heard)
    assert isinstance(began, VoiceBegan)
    assert known_ms - first * 1000 / RATE < 150
    assert isinstance(understood, Heard)
    assert understood.phrase == "stop"


def test_an_echo_that_comes_before_its_reference_is_soon_taken_out(speech: Samples) -> None:
    """A loudspeaker's buffer was filled with silence at first, which it never plays."""
    path = EchoPath(RATE)
    path.play(silence(0.1))
    echo = np.concatenate((silence(0.04), speech))[: 5 * RATE]
    left: list[float] = []
    for at in range(0, len(echo) - 479, 480):
        path.play(speech[at : at + 480])
        left += [float(np.mean(block.sound.astype(float) ** 2)) for block in path.hear(echo[at : at + 480])]
    after_s = 2
    heard = float(np.mean((echo[after_s * RATE :] * 32767) ** 2))
    assert 10 * np.log10(np.mean(left[after_s * 50 :]) / heard) < -20


def test_without_a_canceller_the_microphone_passes_as_it_is_and_that_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("voicecoach.live.echo_path.is_installed", lambda: False)
    path = EchoPath(16_000)
    assert not path.cancels_echo
    path.play(np.full(48_000, 0.1, np.float32))
    blocks = path.hear(np.full(16_000, 0.25, np.float32))
    assert blocks
    assert all(block.echo_power == 0.0 for block in blocks)
    assert abs(int(blocks[-1].sound.mean()) - 8192) < 10
