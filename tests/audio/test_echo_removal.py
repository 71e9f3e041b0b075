"""Which of two cancellers the ears hear by, and that a linear filter leaves a person as they are."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import pytest

from voicecoach.audio import echo_removal
from voicecoach.audio.echo_removal import EchoRemoval
from voicecoach.audio.linear_canceller import Bass, LinearCanceller

Pcm = npt.NDArray[np.int16]
RATE = 16_000
BLOCK = 320


def speechlike(seed: int, seconds: float, level: float) -> npt.NDArray[np.float64]:
    """Noise in the band of voices that swells and fades four times a second."""
    chance = np.random.default_rng(seed)
    frames = round(seconds * RATE)
    spectrum = np.fft.rfft(chance.standard_normal(frames))
    hertz = np.fft.rfftfreq(frames, 1 / RATE)
    spectrum[(hertz < 200) | (hertz > 4000)] = 0
    sound = np.fft.irfft(spectrum, frames)
    sound *= 0.5 - 0.5 * np.cos(2 * np.pi * 4 * np.arange(frames) / RATE)
    return np.asarray(sound * level / np.sqrt(np.mean(sound**2)))


def room(seed: int) -> npt.NDArray[np.float64]:
    """How a sound arrives: 50 ms late, and for a fifth of a second after."""
    chance = np.random.default_rng(seed)
    tail = chance.standard_normal(1600) * np.exp(-np.arange(1600) / 250)
    return np.concatenate((np.zeros(800), tail / np.sqrt(np.sum(tail**2))))


def heard(played: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return np.convolve(played, room(1))[: len(played)]


def pcm(sound: npt.NDArray[np.float64]) -> Pcm:
    return np.clip(np.round(sound), -32768, 32767).astype(np.int16)


def through(removal: EchoRemoval, microphone: Pcm, reference: Pcm) -> tuple[Pcm, npt.NDArray[np.float64]]:
    blocks = [
        removal.process(microphone[at : at + BLOCK], reference[at : at + BLOCK])
        for at in range(0, len(reference) - BLOCK + 1, BLOCK)
    ]
    return np.concatenate([block.sound for block in blocks]), np.array([block.echo_power for block in blocks])


def power(sound: Pcm) -> float:
    return float(np.mean(sound.astype(np.float64) ** 2))


def decibels(ratio: float) -> float:
    return 10 * math.log10(max(ratio, 1e-12))


def test_a_linear_filter_takes_the_echo_away_and_leaves_a_person_as_they_are() -> None:
    played, person = speechlike(2, 10, 3000), speechlike(3, 10, 600)
    person[: 8 * RATE] = 0
    reference, microphone = pcm(played), pcm(heard(played) + person)
    canceller = LinearCanceller()
    left = np.concatenate(
        [
            canceller.process(microphone[at : at + BLOCK], reference[at : at + BLOCK])
            for at in range(0, 10 * RATE, BLOCK)
        ]
    )
    alone, spoken = slice(6 * RATE, 8 * RATE), slice(8 * RATE, 10 * RATE)
    assert decibels(power(left[alone]) / power(microphone[alone])) < -20
    assert abs(decibels(power(left[spoken]) / power(pcm(person[spoken])))) < 1.5


@pytest.mark.parametrize("hertz", [70, 100, 200, 400, 1000, 4000])
def test_what_the_filter_passes_and_the_bass_it_does_not_are_together_the_whole(hertz: int) -> None:
    sound = pcm(8000 * np.sin(2 * np.pi * hertz * np.arange(RATE) / RATE))
    nothing = np.zeros(RATE, np.int16)
    together = LinearCanceller().process(sound, nothing) + Bass().of(sound)
    assert float(np.abs(together - sound)[BLOCK:].max()) < 100


def test_a_person_10_db_weaker_than_the_coach_stands_out_from_what_the_coach_can_be() -> None:
    played, person = speechlike(2, 10, 3000), speechlike(3, 10, 950)
    person[: 8 * RATE] = 0
    sound, echo_power = through(EchoRemoval(), pcm(heard(played) + person), pcm(played))
    # Not the whole of it: as soon as the person goes on for 1.5 s over a coach who does not stop, it is the room.
    spoken = slice(8 * RATE, 9 * RATE)
    expected = float(np.median(echo_power[8 * RATE // BLOCK : 9 * RATE // BLOCK]))
    assert decibels(power(sound[spoken]) / expected) > 8


def test_where_dishes_clatter_the_filter_is_believed_all_the_same() -> None:
    played, dishes = speechlike(2, 10, 3000), np.random.default_rng(4).standard_normal(10 * RATE) * 1000
    dishes[np.arange(10 * RATE) % (16 * BLOCK) >= BLOCK] = 0
    sound, echo_power = through(EchoRemoval(), pcm(heard(played) + dishes), pcm(played))
    late = slice(8 * RATE, 10 * RATE)
    assert abs(decibels(power(sound[late]) / power(pcm(dishes[late])))) < 1.5, (
        "the other canceller takes some of it away"
    )
    assert decibels(float(np.median(echo_power[-100:])) / power(pcm(heard(played)[late]))) < -18


def test_where_the_microphone_does_not_hear_the_loudspeaker_a_person_is_left_as_they_are_from_the_first() -> None:
    played, person = speechlike(2, 6, 3000), speechlike(3, 6, 600)
    begins = 4 * RATE + 5 * BLOCK // 2
    person[:begins] = 0
    sound, _ = through(EchoRemoval(), pcm(person + speechlike(4, 6, 10)), pcm(played))
    first = slice(begins, begins + RATE // 10)
    assert abs(decibels(power(sound[first]) / power(pcm(person[first])))) < 2


def test_where_the_filter_does_not_learn_the_room_the_other_canceller_is_heard() -> None:
    # The microphone's clock is so much faster that a filter cannot follow it.
    played = speechlike(2, 12, 3000)
    slow = np.interp(np.arange(len(played)) * (1 + 300e-6), np.arange(len(played)), heard(played))
    removal, alone = EchoRemoval(), EchoRemoval()
    alone._linear = None
    reference, microphone = pcm(played), pcm(slow)
    both, expected = through(removal, microphone, reference), through(alone, microphone, reference)
    assert np.array_equal(both[0], expected[0])


def test_after_an_echo_that_came_before_its_reference_the_filter_is_soon_as_good_as_one_that_knew_no_other() -> None:
    played = speechlike(2, 20, 3000)
    echo = np.convolve(played, room(1)[800:])[: len(played)]
    reference, microphone = pcm(played), pcm(echo)
    late = np.concatenate((np.zeros(RATE // 100, np.int16), reference))
    first, second = slice(0, 10 * RATE), slice(10 * RATE, 20 * RATE)
    misled, fresh = EchoRemoval(), EchoRemoval()
    through(misled, microphone[first], late[first])
    misled.echo_has_moved(was_early=True)
    left_by_misled, left_by_fresh = (
        power(through(removal, microphone[second], reference[second])[0][5 * RATE :]) for removal in (misled, fresh)
    )
    assert decibels(left_by_misled / left_by_fresh) < 3


def test_after_the_coach_was_silent_for_long_nothing_is_filtered(monkeypatch: pytest.MonkeyPatch) -> None:
    removal = EchoRemoval()
    played = speechlike(2, 6, 3000)
    through(removal, pcm(heard(played)), pcm(played))
    quiet = np.zeros(2 * RATE, np.int16)
    through(removal, quiet, quiet)
    monkeypatch.setattr(LinearCanceller, "process", lambda *_: pytest.fail("it works though nothing is to be heard"))
    sound, echo_power = through(removal, pcm(speechlike(3, 1, 600)), quiet[:RATE])
    assert power(sound) > 1e5
    assert not echo_power.any()


def test_without_the_library_the_other_canceller_does(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> None:
        raise ImportError

    monkeypatch.setattr(echo_removal, "LinearCanceller", missing)
    played = speechlike(2, 6, 3000)
    sound, _ = through(EchoRemoval(), pcm(heard(played)), pcm(played))
    assert decibels(power(sound[4 * RATE :]) / power(pcm(heard(played))[4 * RATE :])) < -20
