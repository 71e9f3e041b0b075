from __future__ import annotations

from voicecoach.commands import Command
from voicecoach.listening.sensations import Heard, Ignored, Reason, VoiceBegan
from voicecoach.live.half_duplex import LINGERS_MS, HalfDuplex

IGNORED = Ignored(0, 100, 500, Reason.POOR_FIT, 0.1, True)
STOP = Heard(Command.STOP, "stop", 0, 100, 500, 0.9)
MAYBE = Heard(Command.PAUSE, "wait", 0, 100, 500, 0.6)


def test_without_a_canceller_a_voice_in_the_coachs_own_sound_is_let_through_only_as_a_sure_command() -> None:
    duplex = HalfDuplex()
    assert not duplex.deafened(0, False)
    assert duplex.lets_through(VoiceBegan(0))
    assert duplex.deafened(1_000, True)
    assert not duplex.lets_through(VoiceBegan(1_000 + LINGERS_MS - 1))
    assert not duplex.lets_through(IGNORED)
    assert not duplex.lets_through(MAYBE)
    assert duplex.lets_through(STOP)
    assert not duplex.deafened(1_000 + LINGERS_MS, False)
    assert duplex.lets_through(VoiceBegan(1_000 + LINGERS_MS))
    assert duplex.lets_through(IGNORED)
    assert duplex.lets_through(MAYBE)
