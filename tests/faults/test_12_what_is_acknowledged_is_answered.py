"""A question near the end of a hold is answered after it, by what is true then."""

from __future__ import annotations

import pytest

from tests.coaching.stage import Stage, both_sided, cue, exercise, one_exercise_plan
from voicecoach.coaching.messages import PlayTone, Say, Tone, VoiceIgnored, VoiceStarted
from voicecoach.commands import Command
from voicecoach.routine.plan import Pace, Plan, Segment, SegmentKind, Side

ANSWERS = {
    Command.WHERE: "where side calf",
    Command.TIME_LEFT: "left",
    Command.WHATS_NEXT: "last",
    Command.REPEAT: "side left",
    Command.EASIER: "gentle calf",
    Command.HARDER: "strong calf",
    Command.HELP: "help",
}


@pytest.mark.parametrize("before_end_ms", [5_000, 3_500, 2_500, 1_500, 500, 1])
@pytest.mark.parametrize("command", ANSWERS)
def test_what_was_asked_in_the_last_seconds_of_a_hold_is_answered(command: Command, before_end_ms: int) -> None:
    stage = Stage(one_exercise_plan())
    stage.until_work_on(0)
    asked_ms = stage.now + 30_000 - before_end_ms
    stage.until(asked_ms)
    actions = stage.hear(command)
    assert any(isinstance(a, PlayTone) and a.tone is Tone.UNDERSTOOD for a in actions)
    stage.until(asked_ms + 15_000)
    said = [s for s in stage.loudspeaker.speech() if s.start_ms >= asked_ms and s.is_whole]
    assert any(ANSWERS[command] in str(s.what) for s in said)


def test_an_answer_after_the_hold_says_what_is_true_then() -> None:
    stage = Stage(one_exercise_plan())
    stage.until_work_on(0)
    stage.until(stage.now + 29_000)
    stage.hear(Command.WHERE)
    stage.hear(Command.TIME_LEFT)
    stage.until(stage.now + 15_000)
    said = [str(s.what) for s in stage.loudspeaker.speech()]
    assert "where side calf side right" in said
    assert any(text.startswith("session left") for text in said), "the hold that was asked about is over"


def test_all_phrases_of_help_are_said_though_the_hold_ends_in_between() -> None:
    stage = Stage(one_exercise_plan())
    stage.until_work_on(0)
    stage.until(stage.now + 24_000)
    stage.hear(Command.HELP)
    stage.until(stage.now + 60_000)
    said = [str(s.what) for s in stage.loudspeaker.speech()]
    assert {"pause", "next", "switch", "stop", "finish"} <= set(said)


def test_an_answer_has_to_wait_for_a_set_without_a_gap_to_be_over() -> None:
    quick = Segment(SegmentKind.REPETITIONS, 0, 40 * 1_000, Side.BOTH, pace=Pace(40, 500, 500))
    segments = [Segment(SegmentKind.TALK, 0, 0, cues=(cue("how to do toes"),)), both_sided(0, "toes")[1], quick]
    segments.append(Segment(SegmentKind.TALK, None, 0, cues=(cue("goodbye"),)))
    stage = Stage(Plan("toes", "Toes", "en", (exercise("toes", alone=False),), tuple(segments)))
    stage.until_work_on(0)
    stage.until(stage.now + 5_000)
    stage.hear(Command.WHATS_NEXT)
    stage.play()
    assert "say last" in stage.text()


def test_an_answer_that_a_voice_cuts_into_as_the_hold_ends_is_given_after_it() -> None:
    stage = Stage(one_exercise_plan())
    stage.until_work_on(0)
    stage.until(stage.now + 25_000)
    actions = stage.hear(Command.WHERE)
    said = next(a for a in actions if isinstance(a, Say))
    stage.until(said.at_ms + 300)
    stage.hear(VoiceStarted())
    stage.until(said.at_ms + 4_000)
    stage.hear(VoiceIgnored(like_speech=False))
    stage.until(stage.now + 15_000)
    assert any(s.is_whole and str(s.what).startswith("where side") for s in stage.loudspeaker.speech())
