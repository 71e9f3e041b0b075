from __future__ import annotations

import numpy as np
import pytest

from voicecoach.listening.echo_gate import EchoGate
from voicecoach.listening.recognizer import Pcm


def frame(level: int) -> Pcm:
    return np.full(320, level, np.int16)


def test_a_sound_no_louder_than_the_coachs_own_is_its_own() -> None:
    gate = EchoGate()
    for _ in range(20):
        gate.hear(frame(100), 100.0**2)
    assert not gate.hears_more_than_echo


def test_a_louder_one_is_more_than_that_and_so_is_any_while_the_coach_is_silent() -> None:
    for level, echo_power in ((300, 100.0**2), (30, 0.0)):
        gate = EchoGate()
        for _ in range(2):
            gate.hear(frame(level), echo_power)
        assert gate.hears_more_than_echo


def test_a_background_and_what_is_left_of_the_coach_are_together_no_person() -> None:
    gate = EchoGate()
    for _ in range(2):
        gate.hear(frame(250), 100.0**2, 200.0**2)
    assert not gate.hears_more_than_echo
    for _ in range(2):
        gate.hear(frame(250), 100.0**2, 30.0**2)
    assert gate.hears_more_than_echo


def test_what_hardly_stands_out_from_a_loud_room_is_no_person_while_some_of_the_coach_may_be_in_it() -> None:
    gate = EchoGate()
    for level, is_more in ((250, False), (300, True)):
        for _ in range(2):
            gate.hear(frame(level), 10.0**2, 200.0**2)
        assert gate.hears_more_than_echo == is_more


@pytest.mark.parametrize(
    ("echo_power", "is_person"), [(0.0, False), (1.0, True), (100.0**2, True), (150.0**2, False), (300.0**2, False)]
)
def test_a_voice_is_a_persons_only_where_it_is_known_how_loud_the_coach_can_be(
    echo_power: float, is_person: bool
) -> None:
    gate = EchoGate()
    gate.begin()
    for _ in range(10):
        gate.hear(frame(300), echo_power)
    assert gate.was_a_person == is_person


def test_it_stays_known_while_the_coach_is_silent() -> None:
    gate = EchoGate()
    gate.hear(frame(0), 1.0)
    for _ in range(10):
        gate.hear(frame(300), 0.0)
    assert gate.was_a_person
