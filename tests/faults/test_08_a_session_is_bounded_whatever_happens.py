"""What has to be true of every session, with gaps, other renderings and voices among the inputs."""

from __future__ import annotations

from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.coaching.generated import COMMANDS, HARMLESS, Trial, some_plan, unexplained, unnamed
from tests.coaching.stage import Stage, one_exercise_plan
from voicecoach.coaching.messages import PlayTone, Say, VoiceIgnored, VoiceStarted
from voicecoach.coaching.states import LeadingIn, Offering, Waiting
from voicecoach.coaching.timing import Timing
from voicecoach.commands import Command
from voicecoach.routine.plan import Plan, Segment, SegmentKind

chances = st.integers(0, 1 << 32).map(Random)


@settings(max_examples=60)
@given(chances, st.integers(0, 30))
def test_whatever_it_is_told_work_talk_and_depth_are_bounded_and_no_prompt_meets_a_tone(
    chance: Random, count: int
) -> None:
    trial = Trial(some_plan(chance), chance=chance)
    trial.perform(count, COMMANDS)
    trial.check()


@settings(max_examples=60)
@given(chances, st.integers(1, 40))
def test_the_same_few_things_again_and_again_are_bounded_as_well(chance: Random, count: int) -> None:
    trial = Trial(some_plan(chance), chance=chance)
    trial.storm(count)
    trial.check()


@settings(max_examples=60)
@given(chances, st.integers(0, 15))
def test_harmless_commands_leave_no_exercise_unexplained(chance: Random, count: int) -> None:
    trial = Trial(some_plan(chance), chance=chance)
    for _ in range(count):
        trial.until(trial.now + chance.randint(0, 20_000))
        trial.hear(chance.choice([command for command in HARMLESS if command is not Command.FASTER]))
    while not trial.session.ended:
        trial.hear(Command.RESUME)
        trial.until(trial.now + 30_000)
    assert not unexplained(trial)


@settings(max_examples=60)
@given(chances)
def test_with_nobody_there_all_is_explained_and_named(chance: Random) -> None:
    trial = Trial(some_plan(chance), chance=chance)
    trial.perform(0, COMMANDS)
    assert not unexplained(trial)
    assert not unnamed(trial)


def waiting_plan() -> Plan:
    plan = one_exercise_plan()
    talk, *rest = plan.segments
    return Plan("one", "One", "en", plan.exercises, (talk, Segment(SegmentKind.WAIT, 0, 5_000), *rest))


def test_a_prompt_that_is_said_again_near_the_end_of_the_wait_is_over_before_the_ticks() -> None:
    stage = Stage(waiting_plan())
    stage.until_state(Waiting)
    assert isinstance(stage.session.state, Waiting)
    ends_ms = stage.session.state.ends_ms
    stage.until(stage.now + 300)
    stage.hear(VoiceStarted())
    stage.until(ends_ms - 400)
    again = next(a for a in stage.hear(VoiceIgnored(like_speech=False)) if isinstance(a, Say))
    stage.until_state(LeadingIn)
    tones = [a.at_ms for _, a in stage.actions if isinstance(a, PlayTone)]
    assert not [at for at in tones if again.at_ms < at < again.at_ms + 1_000]
    assert stage.now >= again.at_ms + 1_000 - again.from_ms + 5_000, "and the whole wait is still there after it"


def test_a_question_that_is_asked_again_leaves_the_whole_time_for_its_answer() -> None:
    stage = Stage(one_exercise_plan())
    stage.until_work_on(0)
    stage.until(stage.now + 5_000)
    stage.hear(Command.SWITCH)
    stage.until_state(Offering)
    stage.until(stage.now + 700)
    stage.hear(VoiceStarted())
    stage.until(stage.now + 7_900)
    again = next(a for a in stage.hear(VoiceIgnored(like_speech=True)) if isinstance(a, Say))
    assert isinstance(stage.session.state, Offering)
    assert stage.session.state.ends_ms >= again.at_ms + 1_000 - again.from_ms + Timing().answer_ms
