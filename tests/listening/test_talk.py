from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicecoach.commands import Command
from voicecoach.listening.decision import Accepted, Rejected
from voicecoach.listening.sensations import Reason
from voicecoach.listening.talk import LATELY_MS, UNLIKE_A_COMMAND, Talk

NOTHING = Rejected(Reason.POOR_FIT, 0.0)
moments = st.lists(st.integers(0, 30_000), max_size=24, unique=True).map(sorted)


def test_talk_counts_as_long_as_it_is_recent() -> None:
    talk = Talk()
    talk.judged(1000, 3000, NOTHING)
    talk.judged(3500, 4000, NOTHING)
    assert talk.before(4500) == 2500
    assert talk.before(2000 + LATELY_MS) == 1500
    assert talk.before(4000 + LATELY_MS) == 0


@pytest.mark.parametrize(
    ("confidence", "reason", "counts"),
    [
        (0.0, Reason.TOO_LONG, True),
        (UNLIKE_A_COMMAND, Reason.AMBIGUOUS, False),
        (0.0, Reason.TOO_SHORT, False),
        (0.0, Reason.OWN_VOICE, False),
        (0.0, Reason.REPEATED, False),
    ],
)
def test_what_may_have_been_meant_for_the_coach_is_no_talk(confidence: float, reason: Reason, counts: bool) -> None:
    talk = Talk()
    talk.judged(0, 2000, Rejected(reason, confidence))
    assert (talk.before(2500) > 0) == counts


def test_a_command_ends_a_conversation() -> None:
    talk = Talk()
    talk.judged(0, 2000, NOTHING)
    talk.judged(2500, 3000, Accepted(Command.NEXT, "next", 0.99, sure=True))
    assert talk.before(3000) == 0


@given(moments)
def test_it_is_never_more_than_all_that_was_said_nor_than_the_time_it_is_kept(moments: list[int]) -> None:
    talk = Talk()
    said = 0
    for number, (start_ms, end_ms) in enumerate(pairwise(moments)):
        assert 0 <= talk.before(start_ms) <= min(said, LATELY_MS)
        if number % 2 == 0:
            talk.judged(start_ms, end_ms, NOTHING)
            said += end_ms - start_ms
