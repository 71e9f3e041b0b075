from __future__ import annotations

import numpy as np

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
