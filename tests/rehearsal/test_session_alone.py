"""The session alone and the whole rehearsal go through the same states: the shell adds nothing and loses nothing."""

from __future__ import annotations

from dataclasses import astuple

import pytest

from tests.rehearsal.performing import Performed, Rehearsals, Understudy
from voicecoach.coaching.messages import ReportEnd, ReportLedger, ReportState
from voicecoach.coaching.states import Ended
from voicecoach.timeline import events


@pytest.fixture(params=["left_alone", "paused", "switched", "moved"])
def performed(request: pytest.FixtureRequest) -> Performed:
    one: Performed = request.getfixturevalue(request.param)
    return one


def replayed(performed: Performed, rehearsals: Rehearsals) -> Understudy:
    """Perform with the session alone, told of the person what it was told in the rehearsal."""
    understudy = Understudy(performed.plan, performed.timing, clips=rehearsals.clips(performed.plan))
    for at_ms, message in performed.felt:
        understudy.until(at_ms)
        understudy.hear(message)
    understudy.until_state(Ended)
    return understudy


def test_told_the_same_at_the_same_times_it_reports_the_same_at_the_same_times(
    performed: Performed, rehearsals: Rehearsals
) -> None:
    alone = replayed(performed, rehearsals)
    reported = [astuple(a) for _, a in alone.actions if isinstance(a, (ReportState, ReportLedger))]
    kept = [astuple(e) for e in performed.events if isinstance(e, (events.StateEntered, events.LedgerChanged))]
    assert kept == reported
    (end,) = [action for _, action in alone.actions if isinstance(action, ReportEnd)]
    assert (performed.events[-1].t_ms, performed.of(events.Ended)[0].reason) == (end.at_ms, end.reason)


def test_told_the_same_at_the_same_times_it_sounds_the_same(performed: Performed, rehearsals: Rehearsals) -> None:
    alone = replayed(performed, rehearsals)
    tones = [(tone.what, tone.start_ms) for tone in alone.loudspeaker.tones()]
    assert sorted((tone.name, tone.t_ms) for tone in performed.of(events.ToneSounded)) == sorted(tones)
    speech = [(sound.what, sound.start_ms) for sound in alone.loudspeaker.speech()]
    assert [(say.text, say.t_ms) for say in performed.of(events.Said)] == speech


def test_a_person_who_is_understood_a_little_sooner_or_later_goes_through_the_same_states(
    performed: Performed, rehearsals: Rehearsals
) -> None:
    assert [heard.command for heard in performed.of(events.Heard)] == [says.command for says in performed.person]
    alone = rehearsals.alone(performed.plan, performed.person, timing=performed.timing)
    entered = [(report.state, report.exercise, report.side) for report in alone.entered()]
    assert [(event.state, event.exercise, event.side) for event in performed.of(events.StateEntered)] == entered
