from __future__ import annotations

from dataclasses import dataclass, field
from typing import cast

import pytest

from voicecoach.commands import Command
from voicecoach.listening.sensations import Heard
from voicecoach.live.child import Child
from voicecoach.live.hearing_line import BLOCK_MS, KEPT_BLOCKS, HearingLine
from voicecoach.live.wire import Attend, Listen, Message

PIECE = bytes(640)


@dataclass
class Ears:
    """What the hearing process is sent."""

    sent: list[Message] = field(default_factory=list)

    def send(self, message: Message) -> None:
        self.sent.append(message)

    @property
    def sound(self) -> bytes:
        return b"".join(message.data for message in self.sent if isinstance(message, Listen))


@pytest.mark.parametrize("together", [1, 3, 6])
def test_what_was_heard_is_put_into_session_time_however_much_is_sent_at_once(together: int) -> None:
    line, ears = HearingLine(), Ears()
    line.connect(cast(Child, ears))
    # Session time is 1,000 ms ahead of the ears', which count from the first block.
    for end_ms in range(together * BLOCK_MS, 1_201, together * BLOCK_MS):
        line.send(Listen(PIECE * together, 0.0), 1_000 + end_ms, ("next",), None)
    assert line.behind == 60
    line.decoded(60)
    assert line.behind == 0
    heard = line.in_session_time(Heard(Command.NEXT, "next", 430, 900, 1_190, 1.0), 2_300)
    assert isinstance(heard, Heard)
    assert (heard.start_ms, heard.end_ms, heard.decided_ms) == (1_430, 1_900, 2_300)


@pytest.mark.parametrize("together", [1, 3])
def test_ears_that_come_late_hear_the_last_two_seconds_and_no_more(together: int) -> None:
    line, ears = HearingLine(), Ears()
    for number in range(100):
        line.send(Listen(bytes([number]) * 640 * together, 0.0), number * BLOCK_MS * together, ("next",), None)
    line.connect(cast(Child, ears))
    assert len(ears.sound) == KEPT_BLOCKS * 640
    assert ears.sound[-1] == 99
    assert [message for message in ears.sent if isinstance(message, Attend)] == [Attend(("next",), None)]
