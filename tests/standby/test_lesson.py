"""Teaching by voice: what is asked for, how often, and what is told in the end."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicecoach.coaching.messages import (
    Action,
    CommandHeard,
    CueTiming,
    Input,
    MachineChanged,
    Notice,
    PlayTone,
    ReportEnd,
    Say,
    Tone,
    VoiceIgnored,
    VoiceStarted,
)
from voicecoach.commands import Command
from voicecoach.language.pack import languages, load_pack
from voicecoach.standby.lesson import FIELDS, MOST_MISSES, MOST_NAMED, Lesson, LessonLine, LessonScript
from voicecoach.standby.script import line_faults

PACK = load_pack("en")
WELCOME = "I learn how you say the phrases. Say each one after me, when I am quiet. When it is enough, say finish."


class Pupil:
    """Somebody who is asked for phrases, and the coach's clock."""

    def __init__(self, *phrases: str) -> None:
        script = LessonScript(PACK, phrases)
        self.table = {text: CueTiming(1_000) for text in script.texts()}
        self.lesson = Lesson(PACK, script, self.table, phrases)
        self.actions: list[Action] = []
        self.now = 0
        self._take(self.lesson.begin(0))

    def says(self, phrase: str) -> None:
        command = PACK.command_of(phrase)
        assert command is not None
        assert phrase in self.lesson.open_phrases()
        self._speak(CommandHeard(command, phrase))

    def mumbles(self) -> None:
        self._speak(VoiceIgnored(like_speech=True))

    def drops_something(self) -> None:
        self._speak(VoiceIgnored(like_speech=False))

    def keeps_silent(self) -> None:
        at = self.lesson.next_deadline()
        assert at is not None
        self.now = at
        self._take(self.lesson.advance(self.now))

    def notices(self, notice: Notice) -> None:
        self._take(self.lesson.receive(MachineChanged(notice), self.now))

    def waits_for_the_end(self) -> None:
        while not self.lesson.ended:
            self.keeps_silent()

    @property
    def told(self) -> list[str]:
        """Every sentence since the last look."""
        told = [action.text for action in self.actions if isinstance(action, Say)]
        self.actions = [action for action in self.actions if not isinstance(action, Say)]
        return told

    def _speak(self, message: Input) -> None:
        # Everything is said by then.
        self.now += 4_000
        self._take(self.lesson.receive(VoiceStarted(), self.now))
        self.now += 600
        self._take(self.lesson.receive(message, self.now))

    def _take(self, actions: list[Action]) -> None:
        self.actions += actions


def test_each_phrase_is_asked_for_until_it_was_understood_twice() -> None:
    pupil = Pupil("skip", "switch foot")
    assert pupil.told == [WELCOME, "Say: skip."]
    pupil.says("skip")
    assert pupil.told == ["Once again."]
    pupil.says("skip")
    assert pupil.told == ["Say: switch foot."]
    pupil.says("switch foot")
    pupil.says("switch foot")
    assert pupil.told == ["Once again.", "That was all.", "I have learnt 2 phrases."]
    assert [action for action in pupil.actions if isinstance(action, PlayTone)] != []
    assert {action.tone for action in pupil.actions if isinstance(action, PlayTone)} == {Tone.UNDERSTOOD}
    pupil.waits_for_the_end()
    assert pupil.lesson.learnt == ("skip", "switch foot")
    assert [action.reason for action in pupil.actions if isinstance(action, ReportEnd)] == ["done"]


def test_what_does_not_fit_is_asked_for_again_and_left_after_a_while_and_named_at_the_end() -> None:
    pupil = Pupil("skip", "switch foot")
    assert pupil.told
    for _ in range(MOST_MISSES - 1):
        pupil.mumbles()
        assert pupil.told == ["That did not fit.", "Say: skip."]
    pupil.mumbles()
    assert pupil.told == ["Say: switch foot."]
    pupil.says("switch foot")
    pupil.says("switch foot")
    assert pupil.told[-4:] == ["That was all.", "I have learnt one phrase.", "These did not fit:", "skip."]
    assert pupil.lesson.left == ("skip",)


def test_no_more_phrases_are_named_than_can_be_kept_in_mind() -> None:
    pupil = Pupil(*PACK.all_phrases[: MOST_NAMED + 3])
    for _ in range((MOST_NAMED + 3) * MOST_MISSES):
        pupil.mumbles()
    told = pupil.told
    assert len(told) - told.index("These did not fit:") - 1 == MOST_NAMED


def test_a_noise_that_was_no_speech_costs_nothing() -> None:
    pupil = Pupil("skip")
    assert pupil.told
    for _ in range(2 * MOST_MISSES):
        pupil.drops_something()
        pupil.says("stop") if pupil.lesson.left else None
    assert pupil.lesson.left == ()


@pytest.mark.parametrize("phrase", ["stop", "finish", "end session"])
def test_it_can_be_ended_at_any_time_and_tells_what_it_has(phrase: str) -> None:
    pupil = Pupil("skip", "switch foot")
    pupil.says("skip")
    pupil.says("skip")
    assert pupil.told
    pupil.says(phrase)
    assert pupil.told == ["Enough for now.", "I have learnt one phrase."]
    pupil.waits_for_the_end()
    assert pupil.lesson.learnt == ("skip",)


def test_the_words_that_end_it_are_taught_like_others_and_the_other_one_ends_it_then() -> None:
    pupil = Pupil("stop", "finish")
    assert pupil.lesson.open_phrases() == ("stop", "finish", "end session")
    pupil.says("stop")
    pupil.says("stop")
    assert pupil.lesson.open_phrases() == ("finish", "stop")
    pupil.says("finish")
    assert not pupil.lesson.ended
    pupil.says("stop")
    assert pupil.lesson.learnt == ("stop",)


def test_where_nobody_answers_it_asks_three_times_and_ends() -> None:
    pupil = Pupil("skip")
    pupil.waits_for_the_end()
    assert pupil.told == [WELCOME, *["Say: skip."] * 3, LINES["nobody"], LINES["learnt_nothing"]]
    assert [action.reason for action in pupil.actions if isinstance(action, ReportEnd)] == ["abandoned"]


def test_a_coach_that_hears_nothing_any_more_says_so_and_ends() -> None:
    pupil = Pupil("skip", "switch foot")
    assert pupil.told
    pupil.notices(Notice.HEARING_LOST)
    assert pupil.told == [LINES["deaf"], LINES["learnt_nothing"]]


def test_whoever_asks_the_program_to_end_is_told_first_and_not_the_second_time() -> None:
    pupil = Pupil("skip")
    for _ in range(2):
        pupil._take(pupil.lesson.receive(CommandHeard(Command.FINISH, ""), pupil.now))
    assert pupil.lesson.ended


@given(
    st.lists(
        st.tuples(
            st.integers(0, 9_000),
            st.one_of(
                st.builds(
                    CommandHeard, st.sampled_from(list(Command)), st.sampled_from(["skip", "stop", "finish", ""])
                ),
                st.just(VoiceStarted()),
                st.builds(VoiceIgnored, st.booleans()),
                st.builds(MachineChanged, st.sampled_from(list(Notice))),
            ),
        ),
        max_size=40,
    )
)
def test_whatever_happens_it_ends_and_says_nothing_that_it_cannot(events: list[tuple[int, Input]]) -> None:
    pupil = Pupil("skip", "stop", "finish")
    for ms, message in events:
        pupil.now += ms
        pupil._take(pupil.lesson.receive(message, pupil.now))
        assert len(set(pupil.lesson.learnt) | set(pupil.lesson.left)) == len(pupil.lesson.learnt) + len(
            pupil.lesson.left
        )
    for _ in range(100):
        if pupil.lesson.ended:
            break
        at = pupil.lesson.next_deadline()
        assert at is not None
        pupil.now = max(pupil.now, at)
        pupil._take(pupil.lesson.advance(pupil.now))
    assert pupil.lesson.ended
    assert set(pupil.told) <= set(pupil.table)


LINES = PACK.calls.lesson


@pytest.mark.parametrize("language", languages())
def test_every_language_that_can_be_taught_has_every_sentence_with_its_fields(language: str) -> None:
    pack = load_pack(language)
    fields = {line.value: FIELDS.get(line, frozenset()) for line in LessonLine}
    assert line_faults(pack.calls.lesson, fields) == [] or not pack.recognition.pocketsphinx
