"""Each side, station and set that is worked is named: what fills gives way first, then the long form, then the short.

What has no room before the work is said when it has begun, and what cannot be said at all is reported.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.coaching.stage import Stage, cue, exercise, one_exercise_plan
from voicecoach.cli.voicing import script_of
from voicecoach.coaching.messages import CueTiming, PlayTone, ReportDropped, Tone, VoiceIgnored, VoiceStarted
from voicecoach.coaching.session import Session
from voicecoach.coaching.states import Ended, LeadingIn, Working
from voicecoach.commands import Command
from voicecoach.language.pack import load_pack
from voicecoach.routine.compiler import compile_plan
from voicecoach.routine.library import load_routine, shipped_names
from voicecoach.routine.plan import LEAD_IN, WORK, Plan, Segment, SegmentKind, Side

LONG = cue("go on to the place under the big toe with the ball", "under the toe")


def plan(get_ready_ms: int, move_ms: int, hold_ms: int, station: str = "big toe") -> Plan:
    ball = replace(exercise("ball"), stations=("heel", station))
    segments = [Segment(SegmentKind.TALK, 0, 0, cues=(cue("how to do ball"),))]
    for side, kind in ((Side.LEFT, SegmentKind.GET_READY), (Side.RIGHT, SegmentKind.CHANGEOVER)):
        for number, (lead, ms) in enumerate(((kind, get_ready_ms), (SegmentKind.MOVE, move_ms))):
            heel = cue("set the heel down upon the ball", "heel")
            segments.append(Segment(lead, 0, ms, side, 1, number, (LONG if number else heel,)))
            segments.append(Segment(SegmentKind.HOLD, 0, hold_ms, side, 1, number, least_ms=hold_ms, most_ms=hold_ms))
    return Plan("ball", "Ball", "en", (ball,), tuple(segments))


class Slow(Stage):
    """A stage on which each letter takes as long as it does for a voice."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.speech = {text: CueTiming(200 + 60 * len(text)) for text in self.script.texts(self.plan)}
        self.loudspeaker.speech_table = self.speech
        self.loudspeaker.sounded.clear()
        self.lines.clear()
        self.actions.clear()
        self.session = Session(self.plan, self.script, self.speech)
        self._take(self.session.begin(0))

    def played(self) -> list[str]:
        self.until_state(Ended)
        return self.said()

    def said(self) -> list[str]:
        return [str(s.what) for s in self.loudspeaker.speech() if s.is_whole]


@pytest.mark.parametrize("get_ready_s", range(1, 13))
@pytest.mark.parametrize("move_s", [1, 3, 6])
@pytest.mark.parametrize("hold_s", [5, 30])
def test_sides_and_stations_are_named_whatever_the_times_are(get_ready_s: int, move_s: int, hold_s: int) -> None:
    stage = Slow(plan(get_ready_s * 1000, move_s * 1000, hold_s * 1000))
    stage.until_state(Ended)
    said = stage.said()
    for side in ("side left", "side right"):
        assert sum(side in text for text in said) == 1
    assert sum("heel" in text for text in said) == 2
    assert sum("toe" in text for text in said) == 2


def test_what_fills_gives_way_first_then_the_long_form_then_the_short_one() -> None:
    long, short, name = LONG.full, LONG.short, "big toe"
    assert [
        next(text for text in Slow(plan(12_000, ms, 30_000)).played() if text in (long, short, name))
        for ms in (6_000, 2_000, 900)
    ] == [long, short, name]


def test_what_was_shortened_or_left_out_is_reported_with_its_length_and_the_room() -> None:
    stage = Slow(plan(12_000, 2_000, 30_000))
    stage.until_state(Ended)
    dropped = [action for _, action in stage.actions if isinstance(action, ReportDropped)]
    assert {(d.text, d.said) for d in dropped} == {(LONG.full, LONG.short)}
    assert all(d.length_ms == stage.speech[LONG.full].length_ms > d.room_ms > 0 for d in dropped)


def test_nothing_is_said_over_a_tone_to_name_something() -> None:
    stage = Slow(plan(1_000, 1_000, 5_000))
    stage.until_state(Ended)
    tones = [s for s in stage.loudspeaker.tones() if s.what is not Tone.UNDERSTOOD]
    for sentence in stage.loudspeaker.speech():
        assert not [t for t in tones if sentence.start_ms < t.end_ms and t.start_ms < sentence.end_ms]


@pytest.mark.parametrize(
    "command", [Command.READY, Command.PAUSE, Command.MORE_TIME, Command.PREVIOUS, Command.EXPLAIN]
)
@pytest.mark.parametrize("after_ms", [0, 300, 900, 3_000])
def test_what_a_command_cut_off_is_named_all_the_same(command: Command, after_ms: int) -> None:
    stage = Slow(plan(8_000, 3_000, 30_000))
    stage.until_state(LeadingIn)
    stage.until(stage.now + after_ms)
    stage.hear(command)
    if command is Command.PAUSE:
        stage.until(stage.now + 2_000)
        stage.hear(Command.RESUME)
    stage.until_state(Working)
    stage.until(stage.now + 6_000)
    heard = [s for s in stage.loudspeaker.speech() if s.is_whole]
    assert any("side left" in str(s.what) for s in heard)
    assert any("heel" in str(s.what) for s in heard)


def test_what_a_voice_cut_into_is_named_when_the_work_has_begun() -> None:
    stage = Slow(plan(4_000, 3_000, 30_000))
    stage.until_state(LeadingIn)
    stage.until(stage.now + 200)
    stage.hear(VoiceStarted())
    stage.until_state(Working)
    stage.hear(VoiceIgnored(like_speech=False))
    stage.until(stage.now + 8_000)
    assert any("side left" in text for text in stage.said())
    assert any("heel" in text for text in stage.said())


@pytest.mark.parametrize("name", shipped_names())
def test_each_side_and_station_of_what_ships_is_named(name: str) -> None:
    shipped = compile_plan(load_routine(name))
    pack = load_pack("en")
    script = script_of(pack)
    speech = {text: CueTiming(300 + 65 * len(text)) for text in script.texts(shipped)}
    stage = Stage(one_exercise_plan())
    stage.plan, stage.speech, stage.loudspeaker.speech_table = shipped, speech, speech
    stage.loudspeaker.sounded.clear()
    stage.actions.clear()
    stage.session = Session(shipped, script, speech)
    stage._take(stage.session.begin(stage.now))
    stage.until_state(Ended)
    reminders = {cue.full for segment in shipped.segments if segment.kind in WORK for cue in segment.cues}
    dropped = {a.text for _, a in stage.actions if isinstance(a, ReportDropped) and a.said is None}
    assert not dropped - reminders
    said = [str(s.what) for s in stage.loudspeaker.speech() if s.is_whole]
    for segment in shipped.segments:
        if segment.station is not None and segment.kind in LEAD_IN:
            planned = shipped.exercises[segment.exercise or 0]
            forms = {planned.stations[segment.station], segment.cues[-1].full, segment.cues[-1].short}
            assert forms & set(said), forms


def test_ticks_and_start_stay_where_they_are() -> None:
    stage = Slow(plan(5_000, 3_000, 30_000))
    stage.until_state(LeadingIn)
    begin = stage.now
    stage.until_state(Working)
    tones = [(a.tone, a.at_ms - begin) for _, a in stage.actions if isinstance(a, PlayTone)][:4]
    assert tones == [(Tone.TICK, 2_000), (Tone.TICK, 3_000), (Tone.TICK, 4_000), (Tone.START, 5_000)]
