"""No sequence of commands and jumps of time breaks what the coach promises."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.coaching.stage import Stage, feet_plan, one_exercise_plan
from voicecoach.coaching.agenda import Fate
from voicecoach.coaching.messages import (
    CommandHeard,
    Input,
    PlayTone,
    ReportState,
    Say,
    StopSounds,
    Tone,
    VoiceIgnored,
    VoiceStarted,
)
from voicecoach.coaching.states import Ended, Paused, Purpose, Stopped, Talking, Working
from voicecoach.coaching.timing import Timing
from voicecoach.commands import Command
from voicecoach.routine.plan import CrampPolicy, Side

EARCONS = {Tone.UNDERSTOOD, Tone.NOT_UNDERSTOOD}

commands = st.sampled_from(list(Command)).map(lambda command: CommandHeard(command, command.value))
inputs: st.SearchStrategy[Input] = st.one_of(
    commands, commands, commands, st.just(VoiceStarted()), st.builds(VoiceIgnored, st.booleans())
)
gaps = st.one_of(st.integers(0, 400), st.integers(0, 8_000), st.integers(0, 60_000))
events = st.lists(st.tuples(gaps, inputs), max_size=25)
plans = st.sampled_from(
    [feet_plan(), *(one_exercise_plan(policy, hold) for policy in CrampPolicy for hold in (2_000, 31_001))]
)


def perform(stage: Stage, drawn: list[tuple[int, Input]]) -> None:
    for gap, message in drawn:
        stage.until(stage.now + gap)
        stage.hear(message)
    stage.until_state(Ended)


@given(plans, events)
def test_every_session_ends_and_all_is_said_in_time(plan: Any, drawn: list[tuple[int, Input]]) -> None:
    stage = Stage(plan)
    perform(stage, drawn)
    texts = stage.speech.keys()
    for now, action in stage.actions:
        if isinstance(action, (Say, PlayTone)):
            assert action.at_ms >= now, "nothing is asked for in the past"
        if isinstance(action, Say):
            assert action.text in texts, "everything said was rendered before"


@given(plans, events, st.sampled_from(list(Command)))
def test_every_command_is_answered_in_every_state(plan: Any, drawn: list[tuple[int, Input]], command: Command) -> None:
    stage = Stage(plan)
    for gap, message in drawn:
        stage.until(stage.now + gap)
        stage.hear(message)
    stage.until(stage.now)
    before = stage.session.state
    actions = stage.hear(command)
    assert bool(actions) is not isinstance(before, Ended)


@given(plans, events)
def test_both_sides_are_equal_unless_the_person_gave_up_the_rest(plan: Any, drawn: list[tuple[int, Input]]) -> None:
    stage = Stage(plan)
    perform(stage, drawn)
    state = stage.session.state
    assert isinstance(state, Ended)
    if state.reason != "done":
        return
    for visit in stage.session.agenda.visits:
        done = {side: visit.done_ms(side) for side in (Side.LEFT, Side.RIGHT)}
        lesser = min(done, key=lambda side: done[side])
        given_up = visit.left_out or any(p.side is lesser and p.fate is Fate.DROPPED for p in visit.planned)
        assert given_up or abs(done[Side.LEFT] - done[Side.RIGHT]) < Timing().least_owed_ms


@given(plans, st.lists(st.tuples(gaps, inputs), max_size=12))
def test_no_worked_time_is_lost_and_none_is_invented(plan: Any, drawn: list[tuple[int, Input]]) -> None:
    """What the ledger counts is the time spent working, but for repetitions broken off and exercises begun anew."""
    stage = Stage(plan)
    worked = 0

    def pass_time(to_ms: int) -> None:
        nonlocal worked
        while stage.now < to_ms and not stage.session.ended:
            state = stage.session.state
            deadline = stage.session.next_deadline()
            assert deadline is not None
            step = min(to_ms, max(deadline, stage.now))
            if isinstance(state, Working) and state.piece.work.pace is None:
                worked += step - stage.now
            stage.until(step)

    for gap, message in drawn:
        pass_time(stage.now + gap)
        if message != CommandHeard(Command.PREVIOUS, "previous"):
            stage.hear(message)
    pass_time(1 << 40)
    pieces = {id(piece): piece for visit in stage.session.agenda.visits for piece in visit.planned}
    assert worked == sum(piece.done_ms for piece in pieces.values() if piece.work.pace is None)
    for piece in pieces.values():
        assert 0 <= piece.done_ms <= piece.target_ms


@given(plans, events)
def test_cramp_is_answered_at_once_with_silence_and_recovery(plan: Any, drawn: list[tuple[int, Input]]) -> None:
    stage = Stage(plan)
    for gap, message in drawn:
        stage.until(stage.now + gap)
        stage.hear(message)
    stage.until(stage.now)
    if stage.session.ended:
        return
    actions = stage.hear(Command.CRAMP)
    assert StopSounds(stage.now) in actions
    assert any(isinstance(a, ReportState) and a.state == "recovering" for a in actions)
    assert isinstance(stage.session.state, Talking)
    assert stage.session.state.purpose is Purpose.RECOVERY
    silent = [s for s in stage.loudspeaker.sounded if s.end_ms > stage.now and s.start_ms < stage.now + 100]
    assert not silent


@given(plans, events)
def test_stop_brings_silence_at_once(plan: Any, drawn: list[tuple[int, Input]]) -> None:
    stage = Stage(plan)
    for gap, message in drawn:
        stage.until(stage.now + gap)
        stage.hear(message)
    stage.until(stage.now)
    if stage.session.ended:
        return
    stage.hear(Command.STOP)
    assert isinstance(stage.session.state, (Stopped, Ended))
    stage.until(stage.now + 5_000)
    assert not [s for s in stage.loudspeaker.sounded if s.end_ms > stage.now - 5_000]


@given(plans, events)
def test_no_coaching_tone_sounds_while_paused_or_stopped(plan: Any, drawn: list[tuple[int, Input]]) -> None:
    stage = Stage(plan)
    still: list[tuple[int, int]] = []

    def pass_time(to_ms: int) -> None:
        while stage.now < to_ms and not stage.session.ended:
            quiet = isinstance(stage.session.state, (Paused, Stopped))
            begin = stage.now
            deadline = stage.session.next_deadline()
            assert deadline is not None
            stage.until(min(to_ms, max(deadline, stage.now)))
            if quiet and stage.now > begin:
                still.append((begin, stage.now))

    for gap, message in drawn:
        pass_time(stage.now + gap)
        stage.hear(message)
    pass_time(1 << 40)
    for tone in stage.loudspeaker.tones():
        if tone.what not in EARCONS:
            assert not any(begin <= tone.start_ms < end for begin, end in still)


@given(plans, events)
def test_no_sentence_runs_into_a_tone_or_another_sentence(plan: Any, drawn: list[tuple[int, Input]]) -> None:
    stage = Stage(plan)
    perform(stage, drawn)
    speech = sorted(stage.loudspeaker.speech(), key=lambda sound: sound.start_ms)
    for first, second in pairwise(speech):
        assert first.end_ms <= second.start_ms
    for tone in stage.loudspeaker.tones():
        if tone.what not in EARCONS:
            for sentence in speech:
                overlaps = sentence.start_ms < tone.end_ms and tone.start_ms < sentence.end_ms
                assert not overlaps, f"{sentence} and {tone}"


@given(plans, events)
def test_while_a_person_speaks_the_coach_says_nothing(plan: Any, drawn: list[tuple[int, Input]]) -> None:
    stage = Stage(plan)
    for gap, message in drawn:
        stage.until(stage.now + gap)
        stage.hear(message)
    stage.hear(VoiceIgnored(like_speech=False))
    stage.hear(VoiceStarted())
    begin = stage.now
    stage.until(begin + 7_000)
    assert not [s for s in stage.loudspeaker.speech() if s.end_ms > begin and s.start_ms < begin + 7_000]
