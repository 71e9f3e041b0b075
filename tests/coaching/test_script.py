"""What the coach can say, and that it is all known beforehand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.coaching.stage import feet_plan, plain_script
from voicecoach.coaching.script import LONGEST_S, Limits, Line, Script, spoken_seconds, spoken_seconds_done
from voicecoach.commands import URGENT, Command
from voicecoach.language.pack import languages, load_pack
from voicecoach.routine.model import phrases_in, words_of
from voicecoach.routine.plan import Cue, Side

TEACHING = {
    Line.WAIT,
    Line.PAUSED,
    Line.STOPPED,
    Line.OFFER,
    Line.OFFER_SKIPPED,
    Line.NO_EASIER,
    Line.NO_HARDER,
    Line.RETURNING,
    Line.BROKEN_OFF,
}
"""Lines that hold a phrase, because they teach it or cannot do without the word. It is closed while they are spoken."""


@given(st.integers(0, 20_000_000))
def test_every_time_that_can_be_spoken_is_rendered_beforehand(ms: int) -> None:
    script, texts = plain_script(), plain_script().texts(feet_plan())
    limits = Limits.of(feet_plan())
    assert script.session_left(min(ms, limits.session_ms)).full in texts
    assert script.summary(min(ms, limits.session_ms)).full in texts
    assert script.time_left(min(ms, limits.work_ms)).full in texts
    assert script.offer(Side.LEFT, min(ms, limits.side_ms)).full in texts


@given(st.integers(1_000, LONGEST_S * 1_000))
def test_what_is_left_is_rounded_up_and_what_was_done_is_rounded_down(ms: int) -> None:
    assert spoken_seconds_done(ms) * 1_000 <= ms <= spoken_seconds(ms) * 1_000


@pytest.mark.parametrize("language", languages())
def test_every_language_has_every_line(language: str) -> None:
    pack = load_pack(language)
    Script(pack.cues, {command: tuple(phrases) for command, phrases in pack.phrases.items()})


@pytest.mark.parametrize("language", languages())
def test_no_line_of_the_coach_holds_a_phrase_but_those_that_teach_one(language: str) -> None:
    pack = load_pack(language)
    phrases = [words_of(phrase) for phrase in pack.all_phrases]
    urgent = set(pack.phrases_of(URGENT))
    for name, cue in pack.cues.items():
        found = {phrase for text in (cue.full, cue.short) for phrase in phrases_in(text, phrases)}
        assert not found & urgent, f"{name} says {found & urgent}"
        assert not found or Line(name) in TEACHING, f"{name} says {found}"


@pytest.mark.parametrize("language", languages())
def test_the_question_after_a_power_cut_says_how_to_answer_it(language: str) -> None:
    pack = load_pack(language)
    for command in (Command.RESUME, Command.READY):
        phrases = [words_of(phrase) for phrase in pack.phrases[command]]
        assert list(phrases_in(pack.cues[Line.BROKEN_OFF].full, phrases)), command


def test_a_script_that_lacks_a_line_or_a_field_is_refused_with_all_that_is_wrong() -> None:
    lines = {line.value: Cue("x", "x") for line in Line if line is not Line.WAIT}
    with pytest.raises(ValueError, match=r"no line 'wait'.*'time_left' must use exactly \['time'\]"):
        Script(lines, dict.fromkeys(Command, ("x",)))
