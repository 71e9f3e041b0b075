"""A sentence that was cut is taken up at the word where it was cut, at whatever speed it is spoken by then."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.coaching.stage import Stage, cue, one_exercise_plan, speech_of
from voicecoach.coaching.messages import CueTiming, Say, SpeechRendered, Tone, VoiceIgnored, VoiceStarted
from voicecoach.coaching.placing import NEVER_MS, Schedule, Spoken, WordBreak
from voicecoach.coaching.states import Talking
from voicecoach.commands import Command

TEXT = "how to do calf"


def rendered(stage: Stage, timing: CueTiming) -> SpeechRendered:
    return SpeechRendered(dict.fromkeys(speech_of(stage.plan), timing))


@pytest.mark.parametrize(
    ("timing", "from_ms"),
    [
        (CueTiming(800, (200, 400, 600)), 600),
        (CueTiming(1500, (375, 750, 1125)), 1125),
        # Shorter than where the break was, with another count of words, without any, broken, of no length.
        (CueTiming(300, (75, 150, 225)), 225),
        (CueTiming(1000, (100, 200, 300, 400, 500, 600, 700)), 700),
        (CueTiming(1000, (500,)), 500),
        (CueTiming(1000), 0),
        (CueTiming(500, (250, 700, 900)), 250),
        (CueTiming(0, (0, 0, 0)), 0),
    ],
)
def test_a_sentence_cut_in_its_last_word_goes_on_there_in_another_rendering(timing: CueTiming, from_ms: int) -> None:
    stage = Stage(one_exercise_plan())
    stage.until_state(Talking)
    said = next(action for _, action in stage.actions if isinstance(action, Say) and action.text == TEXT)
    stage.until(said.at_ms + 800)
    stage.hear(VoiceStarted())
    stage.hear(rendered(stage, timing))
    actions = stage.hear(VoiceIgnored(like_speech=False))
    again = next(action for action in actions if isinstance(action, Say))
    assert (again.text, again.from_ms) == (TEXT, from_ms)


def test_what_is_asked_in_between_is_answered_at_once_and_the_session_goes_on() -> None:
    stage = Stage(one_exercise_plan())
    said = next(action for _, action in stage.actions if isinstance(action, Say) and action.text == TEXT)
    stage.until(said.at_ms + 990)
    stage.hear(VoiceStarted())
    stage.hear(rendered(stage, CueTiming(600, (150, 300, 450))))
    actions = stage.hear(Command.WHERE)
    assert [(a.text, a.from_ms) for a in actions if isinstance(a, Say)] == [
        ("where side calf side left", 0),
        (TEXT, 450),
    ]
    stage.play()


times = st.integers(-1_000, 5_000)


@given(
    st.lists(st.tuples(st.sampled_from(list(Tone)), times), max_size=8),
    st.lists(st.tuples(times, st.integers(-500, 3_000)), max_size=8),
    st.builds(CueTiming, st.integers(-500, 3_000), st.lists(st.integers(-500, 4_000), max_size=5).map(tuple)),
    st.none() | st.builds(WordBreak, st.integers(0, 6), st.integers(1, 6)),
    st.tuples(times, times, times),
)
def test_placing_ends_and_never_goes_back_whatever_it_is_given(
    tones: list[tuple[Tone, int]],
    others: list[tuple[int, int]],
    timing: CueTiming,
    begin: WordBreak | None,
    bounds: tuple[int, int, int],
) -> None:
    earliest_ms, latest_ms, end_ms = bounds
    schedule = Schedule({"a": timing, "b": CueTiming(100)})
    for tone, at_ms in tones:
        schedule.add_tone(tone, at_ms)
    for at_ms, length_ms in others:
        schedule.speech = {"a": CueTiming(length_ms), "b": CueTiming(100)}
        schedule.place(Spoken(cue("a", "b"), "a", at_ms, at_ms), NEVER_MS, NEVER_MS)
    schedule.speech = {"a": timing, "b": CueTiming(100)}
    placed = schedule.place(Spoken(cue("a", "b"), "a", earliest_ms, earliest_ms, begin), latest_ms, end_ms)
    if placed is not None:
        assert earliest_ms <= placed.start_ms <= latest_ms
        assert placed.start_ms <= placed.end_ms <= end_ms
        assert placed.from_ms >= 0
