"""Commands spoken by recorded voices, through the air and the recognizers, in moments when the coach is silent."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from tests.rehearsal.performing import ONE_BREATH, Performed, Rehearsals, Says, plan_of
from voicecoach.coaching.messages import Tone
from voicecoach.commands import Command
from voicecoach.timeline.events import Ended, Heard, LedgerChanged, Said, StateEntered

RECOVER = "Let it loose, and shake it out. Nothing to do now."
HOLD_MS = 20_000


@dataclass(frozen=True)
class Cramp:
    """Somebody cramps in a state: what the coach says after the recovery, and the states that follow."""

    state: str
    says: tuple[str, ...]
    then: tuple[str, ...]


EASE = ("We take the gentle form for the rest.", "Bring the foot in a little.")
RETRY = ("We try that once more, softly.",)
COME_BACK = ("We leave this one for later and do something else first.", "Sole rub.")
SESSIONS = {
    "one-hold": (
        Cramp("hold", EASE, ("recovering", "interlude", "get_ready left", "hold left", "changeover right")),
        Cramp("changeover", EASE, ("recovering", "interlude", "changeover right", "hold right", "ending")),
    ),
    "ball": (
        Cramp("talk", RETRY, ("recovering", "interlude", "talk", "wait")),
        Cramp("wait", RETRY, ("recovering", "interlude", "wait", "get_ready both")),
        Cramp("get_ready", RETRY, ("recovering", "interlude", "get_ready both", "hold both", "move both")),
        Cramp("move", RETRY, ("recovering", "recovering", "interlude", "move both", "hold both", "ending")),
        Cramp("recovering", RETRY, ("recovering", "interlude", "move both", "hold both", "ending")),
    ),
    "heel-raises": (
        Cramp("repetitions", COME_BACK, ("recovering", "interlude", "talk", "get_ready both", "hold both", "talk")),
    ),
    "heel-raises, later": (
        Cramp("rest", COME_BACK, ("recovering", "interlude", "talk", "get_ready both", "hold both", "talk")),
    ),
}
STATES = [cramp.state for cramps in SESSIONS.values() for cramp in cramps]


@pytest.fixture(scope="module")
def sessions(rehearsals: Rehearsals) -> dict[str, Performed]:
    """Each routine, with a cramp in each of the states that are listed for it."""
    return {name: session_with(cramps, name.partition(",")[0], rehearsals) for name, cramps in SESSIONS.items()}


def session_with(cramps: tuple[Cramp, ...], routine: str, rehearsals: Rehearsals) -> Performed:
    plan = plan_of(routine)
    person: list[Says] = []
    for cramp in cramps:
        alone = rehearsals.alone(plan, person, timing=ONE_BREATH)
        match cramp.state:
            case "talk":
                # While an exercise is explained, there is quiet only at the end of what is said.
                at_ms = alone.end_of_speech("talk", 2)
            case "recovering":
                at_ms = alone.quiet_moment("recovering", len(person))
            case state:
                at_ms = alone.quiet_moment(state)
        person.append(Says(at_ms, "cramp, back off"))
    return rehearsals.perform(plan, person, timing=ONE_BREATH)


def assert_all_is_silent_after(performed: Performed, heard: Heard) -> None:
    """Nothing from 100 ms after the decision until the coach speaks, and no tone until the recovery is over."""
    says = performed.next_say(heard.t_ms)
    assert heard.acted_ms == heard.t_ms
    assert performed.loudest(heard.t_ms + 100, says.t_ms) == 0
    assert says.text == RECOVER
    recovering, after = [state for state in performed.of(StateEntered) if state.t_ms >= heard.t_ms][:2]
    assert (recovering.state, recovering.t_ms) == ("recovering", heard.t_ms)
    assert performed.tones(heard.t_ms, after.t_ms - 1) == []


@pytest.mark.parametrize("name", SESSIONS)
def test_every_cramp_is_heard_and_nothing_else(name: str, sessions: dict[str, Performed]) -> None:
    performed = sessions[name]
    heard = performed.of(Heard)
    assert [(one.command, performed.state_at(one.t_ms).state) for one in heard] == [
        (Command.CRAMP, cramp.state) for cramp in SESSIONS[name]
    ]


@pytest.mark.parametrize("state", STATES)
def test_a_cramp_silences_everything_and_is_dealt_with_as_the_exercise_says(
    state: str, sessions: dict[str, Performed]
) -> None:
    ((name, number, cramp),) = [
        (name, number, cramp)
        for name, cramps in SESSIONS.items()
        for number, cramp in enumerate(cramps)
        if cramp.state == state
    ]
    performed = sessions[name]
    heard = performed.of(Heard)[number]
    assert_all_is_silent_after(performed, heard)
    assert tuple(performed.states(heard.t_ms)[: len(cramp.then)]) == cramp.then
    said = performed.texts(heard.t_ms)
    policy = said.index(cramp.says[0])
    assert tuple(said[policy : policy + len(cramp.says)]) == cramp.says


@pytest.mark.parametrize("name", SESSIONS)
def test_cramps_take_no_work_away(name: str, sessions: dict[str, Performed]) -> None:
    performed = sessions[name]
    end = performed.of(Ended)[-1]
    work = [one.duration_ms for one in performed.plan.segments if one.kind in ("hold", "repetitions")]
    assert end.left_ms + end.right_ms + end.both_ms == sum(work)
    assert (end.reason, end.left_ms, end.owed_ms) == ("done", end.right_ms, 0)


def test_a_hold_goes_on_after_a_cramp_where_it_was(sessions: dict[str, Performed]) -> None:
    performed = sessions["one-hold"]
    hold, rest = [state for state in performed.of(StateEntered) if state.state == "hold"][:2]
    assert rest.remaining_ms == HOLD_MS - (performed.of(Heard)[0].t_ms - hold.t_ms)


@pytest.mark.parametrize("name", ["heel-raises", "heel-raises, later"])
def test_the_exercise_to_come_back_to_follows_two_others(name: str, sessions: dict[str, Performed]) -> None:
    performed = sessions[name]
    heard = performed.heard(Command.CRAMP)
    exercises = [entry.exercise for entry in performed.of(LedgerChanged) if entry.t_ms > heard.t_ms]
    assert list(dict.fromkeys(exercises)) == ["Sole rub", "Toe spread", "Heel raises"]
    assert "Back to Heel raises." in performed.texts(heard.t_ms)


def test_everything_that_was_said_around_pauses_was_heard(paused: Performed) -> None:
    heard = [heard.command for heard in paused.of(Heard)]
    assert heard == [Command.PAUSE, Command.RESUME, Command.PAUSE, Command.CRAMP, Command.RESUME]


def test_a_pause_keeps_the_exact_place(paused: Performed) -> None:
    pause, resume = paused.of(Heard)[:2]
    hold, rest = [state for state in paused.of(StateEntered) if state.state == "hold"][:2]
    assert rest.t_ms == resume.t_ms
    assert rest.remaining_ms == HOLD_MS - (pause.t_ms - hold.t_ms)
    assert paused.loudest(pause.t_ms + 500, resume.t_ms) == 0, "a pause is silent"
    # As if there had been no pause: halfway is halfway of the whole, and the last seconds are the last.
    away_ms = resume.t_ms - pause.t_ms
    tones = [(name, ms - away_ms) for name, ms in paused.tones(hold.t_ms, hold.t_ms + HOLD_MS + away_ms)]
    assert tones[-5:] == [
        (Tone.HALFWAY, 10_000),
        (Tone.COUNTDOWN, 17_000),
        (Tone.COUNTDOWN, 18_000),
        (Tone.COUNTDOWN, 19_000),
        (Tone.HOLD_END, 20_000),
    ]


def test_a_cramp_in_a_pause_is_followed_by_the_pause_and_then_by_the_rest_of_the_hold(paused: Performed) -> None:
    pause, cramp, resume = paused.of(Heard)[2:]
    assert paused.state_at(cramp.t_ms).state == "paused"
    assert_all_is_silent_after(paused, cramp)
    states = paused.states(cramp.t_ms)
    assert states[:2] == ["recovering", "paused"]
    assert paused.states(resume.t_ms)[-2:] == ["hold right", "ending"]
    _, _, right, rest = [state for state in paused.of(StateEntered) if state.state == "hold"]
    assert rest.remaining_ms == HOLD_MS - (pause.t_ms - right.t_ms)


def test_pauses_and_cramps_take_nothing_from_either_side(paused: Performed) -> None:
    end = paused.of(Ended)[-1]
    assert (end.left_ms, end.right_ms, end.owed_ms) == (HOLD_MS, HOLD_MS, 0)


def test_switching_feet_in_a_hold_is_kept_in_the_ledger_and_made_up_for(switched: Performed) -> None:
    hold = next(state for state in switched.of(StateEntered) if state.state == "hold")
    done_ms = switched.heard(Command.SWITCH).t_ms - hold.t_ms
    ledger = [(entry.side, entry.done_ms, entry.owed_ms, entry.why) for entry in switched.of(LedgerChanged)]
    assert ledger == [
        ("left", done_ms, HOLD_MS - done_ms, "switched"),
        ("right", HOLD_MS, 0, "done"),
        ("left", done_ms, 0, "accepted"),
        ("left", HOLD_MS, 0, "done"),
    ]
    end = switched.of(Ended)[-1]
    assert (end.left_ms, end.right_ms, end.owed_ms) == (HOLD_MS, HOLD_MS, 0)


def test_a_cramp_while_something_is_offered_is_followed_by_the_offer(switched: Performed) -> None:
    cramp = switched.heard(Command.CRAMP)
    assert switched.state_at(cramp.t_ms).state == "offering"
    assert_all_is_silent_after(switched, cramp)
    assert switched.states(cramp.t_ms) == [
        "recovering",
        "offering left",
        "changeover left",
        "hold left",
        "ending",
    ]
    offers = [say for say in switched.of(Said) if "to make up" in say.text]
    assert len({say.text for say in offers}) == 1
    assert len(offers) == 2


def test_next_leaves_the_exercise_and_keeps_what_was_done(moved: Performed) -> None:
    heard = moved.heard(Command.NEXT)
    first = moved.of(LedgerChanged)[0]
    begun = next(state for state in moved.of(StateEntered) if state.state == "hold")
    assert (first.exercise, first.why, first.done_ms) == ("First", "skipped", heard.t_ms - begun.t_ms)
    assert moved.next_say(heard.t_ms).text == "Second."
    assert moved.tones(heard.t_ms, heard.t_ms + 2_000)[0] == (Tone.UNDERSTOOD, 0)


def test_go_back_restarts_the_exercise(moved: Performed) -> None:
    heard = moved.heard(Command.PREVIOUS)
    assert moved.state_at(heard.t_ms).exercise == "Second"
    assert moved.next_say(heard.t_ms).text == "Back to Second."
    after = [(entry.exercise, entry.why, entry.done_ms) for entry in moved.of(LedgerChanged)][1:]
    assert after == [("Second", "restarted", 0), ("Second", "done", 10_000), ("Third", "done", 10_000)]
