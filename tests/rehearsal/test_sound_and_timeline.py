"""What is in the sound file is what the timeline says, to the frame. The tones are looked for in the sound alone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.rehearsal.performing import Performed, Rehearsals, Says, plan_of
from tests.rehearsal.tone_finder import find_tones
from voicecoach.audio.tones import tone_samples
from voicecoach.coaching.messages import CueTiming, Tone
from voicecoach.commands import Command
from voicecoach.routine.plan import Cue, SegmentKind
from voicecoach.timeline.events import Ended, Heard, Said, StateEntered, ToneSounded

LONG = (
    "Let the heel sink with every breath, keep the knee straight and the foot in line, and leave the shoulders, the jaw"
    " and the hands as loose as they will go, for as long as it lasts."
)
"""Takes about 11 s."""
HOLD_FRAMES = 20 * 48_000


Found = dict[str, list[tuple[str, int]]]


@pytest.fixture(scope="module")
def interrupted(rehearsals: Rehearsals) -> Performed:
    """Repetitions, with a pause in the first and something that stops tones which were scheduled already."""
    plan = plan_of("heel-raises")
    pause = Says(rehearsals.alone(plan).quiet_moment("repetitions"), "pause")
    paused_ms = rehearsals.alone(plan, [pause], until_ms=pause.at_ms + 8_000).quiet_moment("paused")
    return rehearsals.perform(plan, [pause, Says(paused_ms + 3_000, "continue")])


@pytest.fixture(scope="module")
def talked_over(rehearsals: Rehearsals) -> Performed:
    """The session believes that long sentences are short, and so has tones sound in the middle of them."""
    plan = plan_of("one-hold")
    cue = Cue(LONG, LONG)
    cues = {SegmentKind.GET_READY: (cue,), SegmentKind.CHANGEOVER: (cue,), SegmentKind.HOLD: (cue, cue)}
    plan = replace(plan, segments=tuple(replace(one, cues=cues.get(one.kind, one.cues)) for one in plan.segments))
    last = [text for text in rehearsals.clips(plan) if text.startswith("You worked for")]
    return rehearsals.perform(plan, believed={LONG: CueTiming(300)} | dict.fromkeys(last, CueTiming(500)))


@pytest.fixture(scope="module")
def performances(left_alone: Performed, interrupted: Performed, talked_over: Performed) -> dict[str, Performed]:
    return {"left alone": left_alone, "interrupted": interrupted, "talked over": talked_over}


@pytest.fixture(scope="module")
def found(performances: dict[str, Performed]) -> Found:
    return {name: find_tones(performed.sound) for name, performed in performances.items()}


@pytest.mark.parametrize("name", ["left alone", "interrupted", "talked over"])
def test_the_tones_in_the_sound_are_those_of_the_timeline_to_the_frame(
    name: str, performances: dict[str, Performed], found: Found
) -> None:
    told = performances[name].of(ToneSounded)
    assert found[name] == sorted(((tone.name.value, tone.frame) for tone in told), key=lambda one: (one[1], one[0]))
    assert all(tone.t_ms * 48 == tone.frame for tone in told)


def test_these_sessions_have_every_tone_of_a_session_without_trouble(
    left_alone: Performed, interrupted: Performed
) -> None:
    named = {tone.name for performed in (left_alone, interrupted) for tone in performed.of(ToneSounded)}
    assert named == set(Tone) - {Tone.NOT_UNDERSTOOD, Tone.TROUBLE}


def test_tones_under_speech_are_found_too(talked_over: Performed) -> None:
    says = talked_over.of(Said)
    under = {
        tone.name
        for tone in talked_over.of(ToneSounded)
        if any(say.t_ms < tone.t_ms and tone.t_ms + 60 < say.t_ms + say.length_ms for say in says)
    }
    assert under >= {Tone.TICK, Tone.START, Tone.HALFWAY, Tone.COUNTDOWN, Tone.HOLD_END, Tone.SESSION_END}


@pytest.mark.parametrize("name", ["left alone", "talked over"])
def test_the_tones_of_a_hold_sound_at_exact_distances_from_its_start(name: str, found: Found) -> None:
    starts = [frame for tone, frame in found[name] if tone == Tone.START]
    assert len(starts) == 2
    for start in starts:
        after = {frame - start: tone for tone, frame in found[name] if start < frame <= start + HOLD_FRAMES}
        assert after == {
            HOLD_FRAMES // 2: Tone.HALFWAY,
            HOLD_FRAMES - 3 * 48_000: Tone.COUNTDOWN,
            HOLD_FRAMES - 2 * 48_000: Tone.COUNTDOWN,
            HOLD_FRAMES - 1 * 48_000: Tone.COUNTDOWN,
            HOLD_FRAMES: Tone.HOLD_END,
        }


def test_both_sides_are_held_for_the_same_number_of_frames(found: Found) -> None:
    starts = [frame for tone, frame in found["left alone"] if tone == Tone.START]
    ends = [frame for tone, frame in found["left alone"] if tone == Tone.HOLD_END]
    assert [end - start for start, end in zip(starts, ends, strict=True)] == [HOLD_FRAMES] * 2


@pytest.mark.parametrize("name", ["left alone", "interrupted"])
def test_every_sentence_sounds_where_the_timeline_says_and_nothing_else_does(
    name: str, performances: dict[str, Performed]
) -> None:
    performed = performances[name]
    told = np.zeros(len(performed.sound), dtype=bool)
    for say in performed.of(Said):
        assert performed.loudest(say.t_ms, say.t_ms + say.length_ms) > 8_000, say
        told[say.t_ms * 48 : (say.t_ms + say.length_ms) * 48] = True
    for tone in performed.of(ToneSounded):
        told[tone.frame : tone.frame + len(tone_samples(tone.name))] = True
    assert not performed.sound[~told].any()


def test_sentences_and_tones_never_overlap_where_the_lengths_are_known(left_alone: Performed) -> None:
    for say in left_alone.of(Said):
        for tone in left_alone.of(ToneSounded):
            tone_ends_ms = tone.t_ms + len(tone_samples(tone.name)) // 48
            assert tone_ends_ms <= say.t_ms or say.t_ms + say.length_ms <= tone.t_ms, (say, tone)


def test_the_events_of_a_timeline_are_in_order_and_end_with_the_end(interrupted: Performed) -> None:
    times = [event.t_ms for event in interrupted.events]
    assert times == sorted(times)
    assert isinstance(interrupted.events[-1], Ended)
    assert interrupted.events[-1].t_ms <= len(interrupted.sound) // 48


def test_a_pause_lets_no_tone_through_and_leaves_every_repetition_its_length(interrupted: Performed) -> None:
    pause, resume = interrupted.heard(Command.PAUSE), interrupted.heard(Command.RESUME)
    assert [heard.command for heard in interrupted.of(Heard)] == [Command.PAUSE, Command.RESUME]
    states = {(event.t_ms, event.state) for event in interrupted.of(StateEntered)}
    assert {(pause.t_ms, "paused"), (resume.t_ms, "repetitions")} <= states
    paused = {tone.t_ms: tone.name for tone in interrupted.of(ToneSounded) if pause.t_ms <= tone.t_ms < resume.t_ms}
    assert paused == {pause.t_ms: Tone.UNDERSTOOD}
    beats = [tone.t_ms for tone in interrupted.of(ToneSounded) if tone.name is Tone.REP_OUT]
    first = beats[0]
    assert beats[1:3] == [resume.t_ms, resume.t_ms + 8_000], "a repetition that was broken off is begun anew"
    assert first < pause.t_ms < first + 8_000
