"""However often somebody asks, or a machine fails: what waits to be said is bounded, and nothing nests."""

from __future__ import annotations

from itertools import pairwise

import pytest

from tests.coaching.generated import depth
from tests.coaching.stage import Stage, feet_plan, one_exercise_plan, speech_of
from voicecoach.coaching.messages import CueTiming, MachineChanged, Notice, SpeechRendered, VoiceIgnored, VoiceStarted
from voicecoach.coaching.states import Ended, Paused, Purpose, Talking, Working
from voicecoach.commands import STANDBY, Command

COMMANDS = [command for command in Command if command not in STANDBY]
ANSWERED = [Command.HELP, Command.REPEAT, Command.WHERE, Command.TIME_LEFT, Command.WHATS_NEXT, Command.HARDER]


def talk_ms(stage: Stage) -> int:
    """How much is said or waits to be said."""
    return sum(s.end_ms - max(s.start_ms, stage.now) for s in stage.loudspeaker.speech() if s.end_ms > stage.now)


def test_twenty_times_help_is_one_help() -> None:
    once, often = Stage(one_exercise_plan(hold_ms=60_000)), Stage(one_exercise_plan(hold_ms=60_000))
    for stage in (once, often):
        stage.until_work_on(0)
        stage.until(stage.now + 1_000)
    once.hear(Command.HELP)
    for _ in range(20):
        often.hear(Command.HELP)
        often.until(often.now + 500)
    assert talk_ms(often) <= talk_ms(once)


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("apart_ms", [0, 300, 3_000])
def test_a_command_given_twenty_times_in_a_row_leaves_little_to_say_and_no_depth(
    command: Command, apart_ms: int
) -> None:
    for begin_ms in (500, 9_000, 12_000, 41_000):
        stage = Stage(feet_plan())
        stage.until(begin_ms)
        for _ in range(20):
            stage.hear(command)
            stage.until(stage.now + apart_ms)
            assert depth(stage.session.state) <= 5
        answers = [s for s in stage.loudspeaker.speech() if s.start_ms > stage.now]
        assert sum(s.end_ms - s.start_ms for s in answers) <= 26_000, "all commands, one second each"


@pytest.mark.parametrize(
    "several", [(Command.PAUSE, Command.CRAMP), (Command.EXPLAIN, Command.CRAMP, Command.BACK_OFF)]
)
def test_interruptions_of_interruptions_do_not_nest(several: tuple[Command, ...]) -> None:
    stage = Stage(one_exercise_plan())
    stage.until_work_on(0)
    for number in range(1_000):
        stage.hear(several[number % len(several)])
        stage.until(stage.now + 100)
        assert depth(stage.session.state) <= 5
    stage.session.come_back(stage.now + 1_000, stage.speech)


def test_an_explanation_takes_the_place_of_one_and_the_hold_goes_on_after_it() -> None:
    stage = Stage(one_exercise_plan())
    stage.until_work_on(0)
    stage.until(stage.now + 5_000)
    for _ in range(10):
        stage.hear(Command.EXPLAIN)
        stage.until(stage.now + 300)
    assert depth(stage.session.state) == 1
    asked_ms = stage.now
    stage.until_state(Working)
    assert stage.now - asked_ms < 5_000
    assert stage.done(0)["left"] == 5_000


def test_many_gaps_are_told_once_a_minute_and_what_was_being_said_goes_on() -> None:
    stage = Stage(feet_plan())
    for _ in range(60):
        stage.hear(MachineChanged(Notice.SOUND_RETURNED))
        stage.until(stage.now + 3_000)
    told = [s.start_ms for s in stage.loudspeaker.speech() if s.what == "sound returned"]
    assert len(told) == 3
    assert all(later - earlier >= 60_000 for earlier, later in pairwise(told))


def test_a_notice_that_is_cut_into_is_not_taken_up_again() -> None:
    stage = Stage(one_exercise_plan())
    stage.until_work_on(0)
    stage.until(stage.now + 1_000)
    stage.hear(MachineChanged(Notice.SOUND_RETURNED))
    stage.until(stage.now + 200)
    stage.hear(VoiceStarted())
    stage.until(stage.now + 1_000)
    stage.hear(VoiceIgnored(like_speech=False))
    stage.until_state(Ended)
    assert stage.text().count("say sound returned") == 1


def test_a_microphone_that_comes_and_goes_is_told_of_as_it_is_at_last_and_not_more_than_once_a_minute() -> None:
    stage = Stage(feet_plan())
    stage.until(30_000)
    for number in range(21):
        stage.hear(MachineChanged(Notice.HEARING_RETURNED if number % 2 else Notice.HEARING_LOST))
        stage.until(stage.now + 1_000)
    stage.until(stage.now + 100_000)
    told = [(s.start_ms, s.what) for s in stage.loudspeaker.speech() if str(s.what).startswith("hearing")]
    assert told[-1][1] == "hearing lost"
    assert len(told) <= 3


def test_answers_never_make_more_than_twenty_seconds_wait() -> None:
    stage = Stage(one_exercise_plan(hold_ms=300_000))
    stage.until_work_on(0)
    stage.hear(SpeechRendered({text: CueTiming(4_000) for text in speech_of(stage.plan)}))
    stage.loudspeaker.speech_table = {text: CueTiming(4_000) for text in speech_of(stage.plan)}
    stage.until(stage.now + 10_000)
    for command in (*ANSWERED[1:], *ANSWERED[1:]):
        stage.hear(command)
        stage.until(stage.now + 100)
    assert talk_ms(stage) <= 20_000 + 4_000


def test_what_was_cut_by_commands_alone_is_said_to_its_end_however_often() -> None:
    stage = Stage(one_exercise_plan())
    stage.until(1_900)
    for _ in range(12):
        stage.hear(VoiceStarted())
        stage.until(stage.now + 300)
        stage.hear(Command.WHERE)
        stage.until(stage.now + 1_500)
    stage.until_state(Working)
    assert any(s.what == "how to do calf" and s.is_whole for s in stage.loudspeaker.speech())


def test_stop_drops_what_was_still_to_be_answered() -> None:
    stage = Stage(one_exercise_plan())
    stage.until_work_on(0)
    stage.until(stage.now + 28_500)
    stage.hear(Command.WHERE)
    stage.hear(Command.STOP)
    stage.until(stage.now + 5_900)
    assert not [s for s in stage.loudspeaker.speech() if s.end_ms > stage.now - 5_900]


def test_a_pause_in_a_recovery_in_a_pause_is_one_pause() -> None:
    stage = Stage(one_exercise_plan())
    stage.until_work_on(0)
    stage.hear(Command.PAUSE)
    stage.hear(Command.CRAMP)
    assert isinstance(stage.session.state, Talking)
    assert stage.session.state.purpose is Purpose.RECOVERY
    stage.hear(Command.PAUSE)
    stage.hear(Command.RESUME)
    stage.until_state(Working)
    assert not stage.is_in(Paused)
