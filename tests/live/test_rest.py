from __future__ import annotations

from voicecoach.live.keeper import NS_PER_S
from voicecoach.live.rest import REST_AFTER_NS, Change, Rest

TURN_NS = NS_PER_S // 5


def changes(rest: Rest, from_ns: int, until_ns: int, *, works: bool = True, wanted: bool = False) -> list[Change]:
    found = (rest.see(now_ns, works=works, wanted=wanted) for now_ns in range(from_ns, until_ns, TURN_NS))
    return [change for change in found if change is not None]


def test_it_is_let_go_once_when_it_has_not_been_wanted_for_a_while() -> None:
    rest = Rest()
    assert changes(rest, 0, REST_AFTER_NS) == []
    assert changes(rest, REST_AFTER_NS, 3 * REST_AFTER_NS) == [Change.LET_GO]
    assert rest.is_resting


def test_what_is_wanted_now_and_then_is_not_let_go() -> None:
    rest = Rest()
    for second in range(0, 60 * NS_PER_S, 9 * NS_PER_S):
        assert rest.see(second, works=True, wanted=True) is None
        assert changes(rest, second + TURN_NS, second + 9 * NS_PER_S) == []


def test_it_is_opened_once_when_it_is_wanted_and_let_go_no_sooner_than_ever() -> None:
    rest = Rest()
    changes(rest, 0, 2 * REST_AFTER_NS)
    at_ns = 2 * REST_AFTER_NS
    assert changes(rest, at_ns, at_ns + NS_PER_S, wanted=True) == [Change.OPEN]
    assert not rest.is_resting
    assert not rest.is_awake, "it is not open yet"
    # What was wanted is over before it is open: it is let go some time after that.
    assert changes(rest, at_ns + NS_PER_S, at_ns + 3 * REST_AFTER_NS) == []
    rest.opened()
    at_ns += 3 * REST_AFTER_NS
    assert changes(rest, at_ns, at_ns + REST_AFTER_NS) == []
    assert changes(rest, at_ns + REST_AFTER_NS, at_ns + 2 * REST_AFTER_NS) == [Change.LET_GO]


def test_what_does_not_work_yet_is_not_let_go() -> None:
    rest = Rest()
    assert changes(rest, 0, 5 * REST_AFTER_NS, works=False) == []
    assert changes(rest, 5 * REST_AFTER_NS, 6 * REST_AFTER_NS - TURN_NS) == []
