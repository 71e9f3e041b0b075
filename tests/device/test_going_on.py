"""A coach that is killed in a hold, and run again: on a real sound server, with a real voice and real hearing."""

from __future__ import annotations

from tests.device.living import Home, kill
from voicecoach.commands import Command
from voicecoach.timeline import events

DONE = 0
WITHIN_MS = 1_000


def test_after_a_kill_in_a_hold_the_rest_of_it_is_done_and_both_sides_are_equal(home: Home) -> None:
    before = home.run(routine="two_sides")
    before.prints("hold: Sole rub, left")
    # Nothing else is printed in so short a hold: it has gone on for most of its time by then.
    before.prints("countdown")
    kill(before.process.pid)
    last_ms = max(_ms(line) for line in before.lines)
    before.process.wait(10)

    coach = home.run(routine="two_sides")
    # Its own words are closed to it while it says them.
    coach.prints("begin anew")
    home.speak_until_understood("continue", coach)
    assert coach.ends() == DONE

    assert [heard.command for heard in coach.of(events.Heard)] == [Command.RESUME], "\n".join(coach.lines)
    carried, *_ = coach.of(events.LedgerChanged)
    assert (carried.side, carried.why) == ("left", "broken_off")
    (rest, _) = [state for state in coach.of(events.StateEntered) if state.state == "hold"]
    assert rest.remaining_ms is not None
    assert carried.done_ms + rest.remaining_ms == 10_000
    assert carried.t_ms >= last_ms - WITHIN_MS
    (ended,) = coach.of(events.Ended)
    assert (ended.left_ms, ended.right_ms, ended.owed_ms, ended.reason) == (10_000, 10_000, 0, "done")


def _ms(line: str) -> int:
    """Return the session time of a line of the printed timeline."""
    minutes, _, seconds = line.split(maxsplit=1)[0].partition(":")
    return int(minutes) * 60_000 + round(float(seconds) * 1000)
