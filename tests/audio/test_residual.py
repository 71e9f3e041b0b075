from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from voicecoach.audio.residual import ResidualEcho

Pcm = npt.NDArray[np.int16]


def noise(seed: int, level: float) -> Pcm:
    return (np.random.default_rng(seed).standard_normal(320) * level).astype(np.int16)


def power(block: Pcm) -> float:
    return float(np.mean(block.astype(float) ** 2))


def silence() -> Pcm:
    return np.zeros(320, np.int16)


def estimated(residual: ResidualEcho, seed: int, left_seed: int, left: float) -> float:
    """What is estimated where noise is played, is heard 20 dB weaker, and is left at a level."""
    return residual.estimate(noise(seed, 3000), noise(seed, 300), noise(left_seed, left))


def test_while_nothing_is_played_nothing_is_expected() -> None:
    residual = ResidualEcho()
    assert [residual.estimate(silence(), noise(n, 2000), noise(n, 2000)) for n in range(50)] == [0.0] * 50


def test_at_first_as_much_as_is_played_may_come_back_and_then_what_was_left() -> None:
    residual = ResidualEcho()
    played = noise(0, 3000)
    assert residual.estimate(played, silence(), silence()) >= power(played)
    for n in range(100):
        estimated(residual, n, n + 1000, 30)
    expected = estimated(residual, 7, 8, 30)
    assert power(noise(9, 30)) < 4 * expected < power(noise(9, 300))


def test_an_echo_that_has_moved_may_come_back_as_loud_as_it_is_played_until_that_is_learned() -> None:
    residual = ResidualEcho()
    for n in range(100):
        estimated(residual, n, n + 1000, 30)
    residual.forget()
    assert estimated(residual, 7, 8, 30) > power(noise(9, 2000))
    for n in range(100):
        estimated(residual, n, n + 1000, 30)
    assert estimated(residual, 7, 8, 30) < power(noise(9, 300))


def test_a_person_who_speaks_over_the_coach_is_not_taken_for_its_echo_the_next_time() -> None:
    residual = ResidualEcho()
    for n in range(100):
        estimated(residual, n, n + 1000, 30)
    for n in range(40):
        estimated(residual, n, n + 1000, 3000)
    assert estimated(residual, 7, 8, 30) < power(noise(9, 300))


def learned(residual: ResidualEcho, left: float, behind: float) -> float:
    """What is estimated after two seconds in which noise is played and is left at a level, with a room behind it."""
    for n in range(100):
        both = noise(n + 1000, left) + noise(n + 2000, behind)
        expected = residual.estimate(noise(n, 3000), noise(n, 300) + noise(n + 2000, behind), both)
    return expected


def rest(residual: ResidualEcho, blocks: int, behind: float) -> None:
    for n in range(blocks):
        residual.estimate(silence(), noise(n + 3000, behind), noise(n + 3000, behind))


def test_the_noise_of_the_room_is_not_left_of_the_coach() -> None:
    quiet, noisy, unprepared = ResidualEcho(), ResidualEcho(), ResidualEcho()
    rest(noisy, 50, behind=300)
    expected = learned(noisy, left=30, behind=300)
    assert expected < 4 * learned(quiet, left=30, behind=0)
    assert expected < power(noise(9, 300)) / 10
    assert learned(unprepared, left=30, behind=300) > power(noise(9, 300)) / 2


def test_but_what_is_left_of_the_coach_is_learned_in_it() -> None:
    noisy = ResidualEcho()
    rest(noisy, 50, behind=300)
    assert 4 * learned(noisy, left=1000, behind=300) > power(noise(9, 1000))


def test_a_person_who_speaks_in_a_pause_of_the_coach_is_not_the_noise_of_the_room() -> None:
    residual = ResidualEcho()
    rest(residual, 115, behind=0)
    rest(residual, 80, behind=1000)
    assert 4 * learned(residual, left=300, behind=0) > power(noise(9, 300))


def test_what_is_heard_right_after_the_coach_is_its_echo_in_the_room() -> None:
    residual = ResidualEcho()
    for _ in range(20):
        learned(residual, left=300, behind=0)
        rest(residual, 15, behind=1000)
    assert 4 * learned(residual, left=300, behind=0) > power(noise(9, 300))


def with_dishes(residual: ResidualEcho) -> float:
    """What is estimated after two seconds in which there is a clatter in every tenth block."""
    for n in range(100):
        expected = estimated(residual, n, n + 1000, 300 if n % 10 == 5 else 30)
    return expected


def test_what_is_heard_now_and_then_is_not_of_a_coach_of_whom_little_is_left_evenly() -> None:
    assert with_dishes(ResidualEcho(spread=2.0)) < power(noise(9, 300)) / 10
    assert with_dishes(ResidualEcho()) > power(noise(9, 300)) / 2


@pytest.mark.parametrize("spread", [None, 2.0])
def test_a_room_that_has_changed_is_learned(spread: float | None) -> None:
    residual = ResidualEcho(spread)
    for n in range(100):
        estimated(residual, n, n + 1000, 30)
    for n in range(100):
        estimated(residual, n, n + 1000, 1000)
    assert estimated(residual, 7, 8, 1000) * 4 > power(noise(9, 1000))


def test_however_much_was_taken_away_lately_a_syllable_may_be_left() -> None:
    residual = ResidualEcho()
    for n in range(100):
        residual.estimate(noise(n, 3000), noise(n, 3000), silence())
    syllable, person = noise(1, 3000 / 10 ** (21 / 20)), noise(1, 3000 / 10 ** (15 / 20))
    expected = residual.estimate(noise(7, 3000), noise(7, 3000), syllable)
    assert power(syllable) < 4 * expected < power(person)
