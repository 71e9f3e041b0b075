from __future__ import annotations

from dataclasses import replace

import numpy as np

from voicecoach.commands import Command
from voicecoach.listening.decision import Reason
from voicecoach.listening.ears import Heard, Ignored, VoiceBegan
from voicecoach.live.echo_gate import EchoGate
from voicecoach.live.half_duplex import LINGERS_MS, HalfDuplex
from voicecoach.live.wire import Microphone

IGNORED = Ignored(0, 100, 500, Reason.POOR_FIT, 0.1, True)
STOP = Heard(Command.STOP, "stop", 0, 100, 500, 0.9)


def block(level: int, echo_power: float) -> Microphone:
    return Microphone(0, np.full(320, level, np.int16).tobytes(), echo_power)


def test_a_voice_no_louder_than_the_coachs_own_is_its_own_but_a_sure_command_in_it_counts() -> None:
    gate = EchoGate()
    for _ in range(20):
        gate.hear(block(100, 100.0**2))
    assert not gate.lets_through(VoiceBegan(0))
    assert not gate.lets_through(IGNORED)
    assert gate.lets_through(STOP)
    assert not gate.lets_through(replace(STOP, confidence=0.5))


def test_a_louder_voice_is_a_persons_and_so_is_any_while_the_coach_is_silent() -> None:
    for one in (block(300, 100.0**2), block(30, 0.0)):
        gate = EchoGate()
        gate.hear(one)
        gate.hear(one)
        assert gate.lets_through(VoiceBegan(0))
        assert gate.lets_through(IGNORED)
        assert gate.lets_through(replace(STOP, confidence=0.5))


def test_without_a_canceller_a_voice_in_the_coachs_own_sound_is_let_through_only_as_a_command() -> None:
    duplex = HalfDuplex()
    assert not duplex.deafened(0, False)
    assert duplex.lets_through(VoiceBegan(0))
    assert duplex.deafened(1_000, True)
    assert not duplex.lets_through(VoiceBegan(1_000 + LINGERS_MS - 1))
    assert not duplex.lets_through(IGNORED)
    assert duplex.lets_through(STOP)
    assert not duplex.deafened(1_000 + LINGERS_MS, False)
    assert duplex.lets_through(VoiceBegan(1_000 + LINGERS_MS))
    assert duplex.lets_through(IGNORED)
