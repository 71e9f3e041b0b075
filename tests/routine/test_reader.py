from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from voicecoach.errors import DocumentError, Fault
from voicecoach.routine.model import AuthoredCue, Defaults, Exercise, Hold, Repetitions, Routine, Station
from voicecoach.routine.plan import CrampPolicy
from voicecoach.routine.reader import read_routine

HEAD = """\
format: 1
name: small
title: Small
language: en
about: A small one.
welcome: Welcome.
safety: Be kind to yourself.
exercises:
"""
STRETCH = """\
  - id: stretch
    title: Stretch
    sides: each
    setup: Stretch it.
    hold: 30
"""
URGENT = ("stop", "cramp", "pause", "wait", "hold on")


def faults(text: str) -> list[str]:
    with pytest.raises(DocumentError) as caught:
        read_routine(text, "small.yaml", URGENT)
    return [f"{fault.line}:{fault.column}: {fault.what}" for fault in caught.value.faults]


def exercise(lines: str) -> str:
    """Return a routine with one exercise, which begins in line 9 with its id and setup and goes on with these lines."""
    return (
        HEAD
        + "  - id: one\n    title: One\n    setup: Do it.\n"
        + "".join(f"    {line}\n" for line in lines.splitlines())
    )


def test_the_shortest_useful_file_is_a_routine() -> None:
    routine = read_routine(HEAD + STRETCH, "small.yaml", URGENT)
    assert routine.exercises[0].hold is not None
    assert routine.exercises[0].hold.usual_s == 30
    assert routine.cramp_policy(routine.exercises[0]) is CrampPolicy.RETRY


def test_an_exercise_overrides_what_holds_for_all() -> None:
    text = HEAD.replace("exercises:", "defaults: {rest_s: 40, cramp: come_back}\nexercises:") + exercise(
        "sides: both\nhold: 30\nrest_s: 50"
    ).removeprefix(HEAD)
    routine = read_routine(text + STRETCH, "small.yaml")
    first, second = routine.exercises
    assert (routine.pause_s(first, "rest_s"), routine.pause_s(second, "rest_s")) == (50, 40)
    assert routine.cramp_policy(first) is CrampPolicy.COME_BACK


def test_a_cue_may_be_folded_over_lines_in_any_way() -> None:
    folded = HEAD + STRETCH.replace("Stretch it.", ">\n      Stretch\n      it.\n")
    literal = HEAD + STRETCH.replace("Stretch it.", "|\n      Stretch\n        it.\n")
    assert read_routine(folded, "a").exercises[0].setup.full == "Stretch it."
    assert read_routine(literal, "a").exercises[0].setup.full == "Stretch it."


def test_ten_different_faults_are_all_reported_in_order_of_position() -> None:
    text = """\
format: 2
name: Small Feet
title: Stop the feet
language: en
about: A small one.
welcome: <b>Welcome</b>
defaults: {rest_sec: 10}
exercises:
  - id: one
    title: One
    sides: left
    setup: Do it.
    hold: 4000
  - id: one
    title: Two
    setup: Do it.
    sides: both
    hold: 30
    repetitions: {count: 5, out_s: 2, back_s: fast}
  - id: three
    title: Three
    sides: both
    setup: Do it.
"""
    assert faults(text) == [
        "1:1: `safety` is missing (said once, after the welcome); write for example "
        "`safety: This is not medical advice. Should anything hurt sharply, you are done for today.`.",
        "1:9: Format 2 is unknown here, this program reads format 1; write `format: 1`.",
        "2:7: This is a name for files and records; write small letters, digits and single hyphens only.",
        '3:8: The coach would order itself about if it said "stop"; say it in other words.',
        "6:10: `<` is not possible in a text that a voice reads, which may obey it; write words only.",
        "7:12: There is no key `rest_sec` here; did you mean `rest_s`?",
        "11:12: `left` is not one of the words that are possible here; write `each` or `both`.",
        "13:11: `4000` is out of range: `usual_s` is 1 to 3600; write a number in that range.",
        "14:9: Another exercise has the id `one` already; give this one a name of its own.",
        "19:18: An exercise has either `hold` or `repetitions`; take out one of the two.",
        "19:47: `fast` is not a number; write digits, with a point if need be, as in `1.5`.",
        "20:5: There is no work in this exercise; write `hold`, `repetitions` or `stations`, or `tip: true`.",
    ]


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ("hold: 30", "`sides` is missing"),
        ("sides: both", "There is no work"),
        ("sides: both\nhold: 30\ncramp: ease", "`ease` goes on with the easier form"),
        ("sides: both\nhold: 30\nsets: 3\nset_cues: [a, b]", "There are 2 set cues for `sets: 3`"),
        ("sides: both\nhold: 30\nset_cues: [a, b]", "There are 2 set cues for `sets: 1`"),
        ("sides: both\nstations: [{name: Heel}]", "Nothing says what to do at this station"),
        (
            "sides: both\nstations: [{name: Heel, hold: 3, repetitions: {count: 1, out_s: 1, back_s: 1}}]",
            "A station has either",
        ),
        ("sides: both\nstations: []", "`stations` is empty"),
        ("tip: true\nhold: 30", "A tip is only said, so `hold` means nothing"),
        ("sides: both\nhold: {least_s: 40, usual_s: 30}", "rising order"),
        ("sides: both\nhold: {usual_s: 30, most_s: 20}", "rising order"),
        ("sides: both\nhold: 0", "`0` is out of range: `usual_s` is 1 to 3600"),
        ("sides: both\nhold: 1:30", "`1:30` is not a whole number"),
        ("sides: both\nhold: [30]", "A list is not possible here; write seconds, as in `hold: 45`"),
        ("sides: both\nhold: 30\nreminders: Breathe.", "A list is expected here"),
        ("sides: both\nhold: 30\nreminders: ['...']", "nothing to say"),
        ("sides: both\nhold: 30\neasier:", "is empty"),
        ("sides: both\nhold: 30\neasier: [a]", "A list is not possible here; write one sentence, or `full:`"),
        (f"sides: both\nhold: 30\neasier: {'a' * 301}", "longer than 300 characters"),
        ("sides: both\nrepetitions: {count: 5, out_s: 0.1, back_s: 1}", "`out_s` is 0.5 to 30"),
    ],
)
def test_what_makes_no_sense_in_an_exercise_is_explained(lines: str, words: str) -> None:
    (fault,) = faults(exercise(lines))
    assert words in fault


@pytest.mark.parametrize("sign", ["<", ">", "&amp;", "a & b", "\\", "[[h@]]", "{a}"])
def test_no_spoken_text_carries_signs_that_a_voice_might_obey(sign: str) -> None:
    (fault,) = faults(exercise(f"sides: both\nhold: 30\neasier: {{full: Less., short: 'Say {sign} now'}}"))
    assert "a voice reads" in fault


@pytest.mark.parametrize("text", ["Stop.", "now STOP!", "a hold, on the toes", "Wait\n      here", "no cramp? fine"])
@pytest.mark.parametrize("key", ["easier", "title", "reminder", "station", "kit", "closing"])
def test_an_urgent_phrase_is_found_in_every_text_that_is_spoken(key: str, text: str) -> None:
    lines = (
        "sides: both\nhold: 30\n"
        + {
            "easier": f"easier: '{text}'",
            "title": "",
            "reminder": f"reminders: ['{text}']",
            "station": f"stations: [{{name: '{text}'}}]",
            "kit": f"kit: ['{text}']",
            "closing": "",
        }[key]
    )
    content = exercise(lines)
    if key == "title":
        content = content.replace("title: One", f"title: '{text}'")
    if key == "closing":
        content = content.replace("exercises:", f"closing: '{text}'\nexercises:")
    (fault,) = faults(content)
    assert "The coach would order itself about" in fault


@pytest.mark.parametrize("text", ["Unstoppable", "the waiter", "hold one foot", "crampons", "pauses"])
def test_a_phrase_within_a_longer_word_is_no_phrase(text: str) -> None:
    assert read_routine(exercise(f"sides: both\nhold: 30\neasier: {text}"), "a", URGENT).exercises[0].easier is not None


def test_more_than_five_hundred_segments_are_refused_at_the_exercise_that_is_too_much() -> None:
    stations = ", ".join(f"{{name: n{number}}}" for number in range(50))
    text = exercise(f"sides: each\nsets: 4\nhold: 1\nstations: [{stations}]")
    (fault,) = faults(text + STRETCH)
    assert fault == "9:5: With this the plan has more than 500 parts; take out exercises, sets or stations."


def test_more_than_four_hours_are_refused_at_the_exercise_that_is_too_much() -> None:
    (fault,) = faults(HEAD + STRETCH + exercise("sides: both\nhold: 3600\nsets: 4").removeprefix(HEAD))
    assert fault == "14:5: With this the session takes more than 4 hours; shorten it, or take it out."


# Keys of routines, with values of any shape below them.
KEYS = st.sampled_from([*Routine.model_fields, *Exercise.model_fields])
ANYTHING = st.recursive(
    st.sampled_from(["45", "0", "true", "each", "ease", "a text", "", "<", "stop"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)


def faults_if_any(content: str) -> tuple[Fault, ...]:
    """Return the faults of a file that may have none; every other error is a failure of the test."""
    try:
        read_routine(content, "fuzz", URGENT)
    except DocumentError as error:
        return error.faults
    return ()


@given(st.dictionaries(KEYS, ANYTHING, max_size=8))
def test_any_shape_is_answered_with_its_faults_in_order(shape: dict[str, object]) -> None:
    found = faults_if_any(yaml.safe_dump(shape))
    assert found
    assert list(found) == sorted(found, key=lambda fault: (fault.line, fault.column))


def test_the_example_in_the_documentation_is_a_routine() -> None:
    page = (Path(__file__).parents[2] / "docs" / "routine-format.md").read_text()
    example = page.partition("```yaml\n")[2].partition("```")[0]
    assert read_routine(example, "example", URGENT).name == "calves"


def test_the_documentation_names_every_key() -> None:
    page = (Path(__file__).parents[2] / "docs" / "routine-format.md").read_text()
    for model in (Routine, Exercise, Defaults, Station, Hold, Repetitions, AuthoredCue):
        assert [key for key in model.model_fields if f"`{key}`" not in page and f"{key}:" not in page] == []
