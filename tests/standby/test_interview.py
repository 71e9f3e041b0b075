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
    Say,
    VoiceIgnored,
    VoiceStarted,
)
from voicecoach.commands import Command
from voicecoach.language.pack import languages, load_pack
from voicecoach.routine.plan import Cue
from voicecoach.standby.interview import FIELDS, QUESTIONS, Interview, InterviewLine, InterviewScript
from voicecoach.standby.script import line_faults

SCRIPT = InterviewScript(load_pack("en"))
ADVICE = Cue("Mind the plug.", "Mind the plug.")
TABLE = {text: CueTiming(1_000) for text in SCRIPT.texts() | {ADVICE.full}}


def held(answers: dict[Command, int]) -> tuple[Interview, list[str]]:
    """Hold an interview in which each command is said after so many of its questions. Return what was said."""
    interview = Interview(SCRIPT, TABLE, [ADVICE])
    said: list[str] = []
    now, asked = 0, dict.fromkeys(QUESTIONS, 0)

    def take(actions: list[Action]) -> None:
        for action in actions:
            if isinstance(action, Say):
                said.append(action.text)

    take(interview.begin(0))
    while not interview.ended:
        [command] = interview.open_commands() or {None}
        if command is not None:
            asked[command] += 1
            if answers.get(command) == asked[command]:
                now += 2_000
                take(interview.receive(VoiceStarted(), now))
                now += 600
                take(interview.receive(CommandHeard(command, ""), now))
                continue
        deadline = interview.next_deadline()
        assert deadline is not None
        now = deadline
        take(interview.advance(now))
    return interview, said


def test_all_that_is_asked_for_is_said_at_once() -> None:
    interview, said = held(dict.fromkeys(QUESTIONS, 1))
    assert interview.understood == QUESTIONS
    assert said == [
        "Hello. I am your coach. If you can hear me, say: yes.",
        "Now say: next exercise.",
        "Now say: switch foot.",
        "Now say: cramp back off.",
        "Good. We understand each other.",
        "Mind the plug.",
    ]


def test_where_nobody_answers_it_asks_twice_and_ends() -> None:
    interview, said = held({})
    assert not interview.is_heard
    assert said == ["Hello. I am your coach. If you can hear me, say: yes."] * 2


def test_what_is_not_understood_is_asked_once_more_and_then_left() -> None:
    interview, said = held({Command.YES: 2, Command.SWITCH: 1})
    assert interview.understood == (Command.YES, Command.SWITCH)
    assert said.count("Now say: next exercise.") == 2
    assert said[-2].startswith("I understood a part of that.")


def test_what_is_told_at_the_end_is_told_in_full_also_to_somebody_who_talks_meanwhile() -> None:
    interview = Interview(SCRIPT, TABLE, [ADVICE])
    interview.begin(0)
    now = 1_000
    for command in QUESTIONS:
        now += 2_000
        interview.receive(CommandHeard(command, ""), now)
    interview.receive(VoiceStarted(), now + 500)
    # By now all would have been said.
    assert not [action for action in interview.advance(now + 5_000) if isinstance(action, Say)]
    said = [
        action.text
        for action in interview.receive(VoiceIgnored(like_speech=True), now + 6_000)
        if isinstance(action, Say)
    ]
    assert said[-1] == ADVICE.full
    assert not interview.ended


def test_who_is_heard_only_once_is_told_to_look_at_the_microphone() -> None:
    _, said = held({Command.YES: 1})
    assert said[-2].startswith("I understood nothing of that.")


@given(
    st.lists(
        st.tuples(
            st.integers(0, 15_000),
            st.one_of(
                st.builds(CommandHeard, st.sampled_from(list(Command)), st.just("")),
                st.just(VoiceStarted()),
                st.builds(VoiceIgnored, st.booleans()),
                st.builds(MachineChanged, st.sampled_from(list(Notice))),
            ),
        ),
        max_size=30,
    )
)
def test_whatever_happens_it_ends_and_says_nothing_that_it_cannot(events: list[tuple[int, Input]]) -> None:
    interview = Interview(SCRIPT, TABLE)
    now = 0
    actions = interview.begin(0)
    for ms, message in events:
        now += ms
        actions += interview.receive(message, now)
    for _ in range(100):
        if interview.ended:
            break
        deadline = interview.next_deadline()
        assert deadline is not None
        now = max(now, deadline)
        actions += interview.advance(now)
    assert interview.ended
    assert all(action.text in TABLE for action in actions if isinstance(action, Say))
    assert all(action.at_ms >= 0 for action in actions if isinstance(action, (Say, PlayTone)))


@pytest.mark.parametrize("language", languages())
def test_every_language_has_every_sentence_with_its_fields(language: str) -> None:
    fields = {line.value: FIELDS.get(line, frozenset()) for line in InterviewLine}
    assert line_faults(load_pack(language).calls.interview, fields) == []
