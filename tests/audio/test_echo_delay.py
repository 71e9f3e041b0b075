"""What is said of the echo in a room, where it is somewhere else than it should be, and where there is none."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import cycle, islice

import numpy as np
import pytest

from voicecoach.audio.clip import Samples
from voicecoach.audio.echo_delay import GOOD_FRAMES, EchoDelay
from voicecoach.audio.resample import Downsampler
from voicecoach.audio.tones import tone_samples
from voicecoach.bench.noises import noise
from voicecoach.coaching.messages import Tone
from voicecoach.rehearsal.room import Room
from voicecoach.rehearsal.voices import spoken
from voicecoach.speech.pyttsx3_synthesizer import Pyttsx3Engine, Voice

RATE = 16_000
BLOCK = 320


@pytest.fixture(scope="module")
def speech() -> Samples:
    """Ten seconds of the coach."""
    with Pyttsx3Engine(Voice("en-us", 150)).open() as synthesizer:
        clip = synthesizer.render("Put the ball of your right foot on the rolled towel, and hold it there. " * 3)
    sound = Downsampler().process(np.pad(clip.samples, (0, -len(clip.samples) % 48)))
    return sound[: 10 * RATE]


def blocks(played: Samples, heard: Samples) -> Iterator[tuple[Samples, Samples]]:
    for at in range(0, len(played) - BLOCK + 1, BLOCK):
        yield played[at : at + BLOCK] * 32767, heard[at : at + BLOCK] * 32767


def late(sound: Samples, frames: int) -> Samples:
    """The sound so much later or, where negative, sooner."""
    return np.concatenate((np.zeros(max(0, frames), np.float32), sound[max(0, -frames) :]))[: len(sound)]


@pytest.mark.parametrize("rt60_s", [0.3, 0.6])
@pytest.mark.parametrize("noisy", [False, True])
def test_in_a_room_the_echo_is_where_it_should_be_and_the_reference_is_taken_as_it_comes(
    speech: Samples, rt60_s: float, noisy: bool
) -> None:
    room = Room(rt60_s=rt60_s, echo_db=0.0, delay_ms=50, seed=3)
    if noisy:
        room.add_noise(noise("cooking", 10, seed=1), 9)
    said = spoken("en", "slt", "switch foot")
    room.play_person(said, 4 * RATE)
    delay = EchoDelay()
    for at in range(0, len(speech) - BLOCK + 1, BLOCK):
        block = speech[at : at + BLOCK]
        delay.hear(block * 32767, room.render(block), 0.0)
        assert delay.misplaced == 0
        assert delay.ratio == 1.0
    assert delay.is_known


@pytest.mark.parametrize("at_frame", [-800, 10, 2_500])
def test_an_echo_at_the_wrong_place_is_put_right_once(speech: Samples, at_frame: int) -> None:
    delay = EchoDelay()
    ahead = 0
    moves = []
    heard = late(speech, at_frame)
    for at in range(0, len(speech) - BLOCK + 1, BLOCK):
        first = at + ahead
        taken = speech[first : first + BLOCK] if first >= 0 else np.zeros(BLOCK, np.float32)
        delay.hear(np.pad(taken, (0, BLOCK - len(taken))) * 32767, heard[at : at + BLOCK] * 32767, ahead)
        if delay.misplaced:
            moves.append(delay.misplaced)
            ahead += delay.misplaced
            delay.reference_has_moved()
    [move] = moves
    assert abs(at_frame + move - GOOD_FRAMES) <= 1
    assert delay.is_known


@pytest.mark.parametrize("ppm", [-250, -60, 60, 250])
def test_clocks_that_differ_are_found_out(speech: Samples, ppm: int) -> None:
    """Nobody does anything about it here, so the ratio also wants to bring back the delay: only at first it is it."""
    places = np.arange(len(speech)) * (1 - ppm * 1e-6) - 400
    heard = np.interp(places, np.arange(len(speech)), speech).astype(np.float32)
    delay = EchoDelay()
    for played, microphone in blocks(speech, heard):
        delay.hear(played, microphone, 0.0)
        if delay.ratio != 1.0:
            break
    assert abs((1.0 - delay.ratio) * 1e6 - ppm) < max(12, abs(ppm) / 5)


def test_a_delay_that_is_not_what_it_was_is_brought_back_and_not_too_fast(speech: Samples) -> None:
    """Nobody does anything about it, so it is further and further from what it was."""
    places = np.arange(len(speech)) * (1 - 100e-6) - 400
    heard = np.interp(places, np.arange(len(speech)), speech).astype(np.float32)
    delay = EchoDelay()
    asked_ppm = []
    for played, microphone in blocks(speech, heard):
        delay.hear(played, microphone, 0.0)
        asked_ppm.append((1.0 - delay.ratio) * 1e6)
    assert 180 < max(asked_ppm) < 220


def test_an_echo_that_jumps_is_found_again_and_its_pace_is_not_mistaken_for_it(speech: Samples) -> None:
    delay = EchoDelay()
    half = len(speech) // 2
    heard = np.concatenate((late(speech, 400)[:half], late(speech, 1_000)[half:]))
    known = []
    for played, microphone in blocks(speech, heard):
        delay.hear(played, microphone, 0.0)
        known.append(delay.is_known)
        assert delay.ratio == 1.0
        assert delay.misplaced == 0
    assert known[-1]


@pytest.mark.parametrize("heard_is", ["nothing", "a person", "noise"])
def test_where_there_is_no_echo_nothing_is_known_of_it(speech: Samples, heard_is: str) -> None:
    said = spoken("en", "awb", "hold on")
    heard = {
        "nothing": np.zeros(len(speech), np.float32),
        "a person": np.fromiter(islice(cycle(said.tolist()), len(speech)), np.float32),
        "noise": np.random.default_rng(4).normal(0.0, 0.05, len(speech)).astype(np.float32),
    }[heard_is]
    delay = EchoDelay()
    for played, microphone in blocks(speech, heard):
        delay.hear(played, microphone, 0.0)
        assert not delay.is_known
        assert delay.misplaced == 0
        assert delay.ratio == 1.0


def test_tones_mislead_nobody() -> None:
    tones = [np.pad(tone_samples(tone), (0, RATE)) for tone in Tone] * 2
    sound = np.concatenate(tones)
    played = Downsampler().process(np.pad(sound, (0, -len(sound) % 48)))
    delay = EchoDelay()
    for reference, microphone in blocks(played, late(played, 400)):
        delay.hear(reference, microphone, 0.0)
        assert delay.misplaced == 0
        assert delay.ratio == 1.0
