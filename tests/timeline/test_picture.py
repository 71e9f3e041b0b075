"""The picture shows the whole session, whatever happened in it."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.timeline.some_events import event_lists
from voicecoach.coaching.messages import Tone
from voicecoach.commands import Command
from voicecoach.timeline.events import Ended, Event, Heard, Ignored, LedgerChanged, Said, StateEntered, ToneSounded
from voicecoach.timeline.picture import draw
from voicecoach.timeline.svg import fitted, staggered, width_of

SVG = "{http://www.w3.org/2000/svg}"


def _drawn(events: list[Event], title: str = "A session") -> ET.Element:
    return ET.fromstring(draw(events, title))


def _words(picture: ET.Element) -> list[str]:
    return [element.text or "" for element in picture.iter(f"{SVG}text")]


def _tips(picture: ET.Element) -> list[str]:
    return [element.text or "" for element in picture.iter(f"{SVG}title")]


def _of_class(picture: ET.Element, *wanted: str) -> list[ET.Element]:
    return [element for element in picture.iter() if element.get("class") in wanted]


def _session(minutes: int) -> list[Event]:
    """A hold of 20 s a side each minute, with tones and sentences, and one command in each."""
    events: list[Event] = []
    for minute in range(minutes):
        start_ms = minute * 60_000
        exercise = f"Exercise {minute // 4}"
        for offset_ms, state, side in (
            (0, "get_ready", "left"),
            (8_000, "hold", "left"),
            (28_000, "changeover", "right"),
            (36_000, "hold", "right"),
            (56_000, "talk", None),
        ):
            at_ms = start_ms + offset_ms
            events.append(StateEntered(at_ms, state, exercise, side, 1, None, 20_000))
            events.append(Said(at_ms + 300, "A sentence of a usual length, more or less.", 2_500, minute % 5 == 0))
            events += [ToneSounded(at_ms + ms, Tone.COUNTDOWN, (at_ms + ms) * 48) for ms in range(0, 8_000, 1_000)]
        heard_ms = start_ms + 20_000
        events.append(Heard(heard_ms, Command.TIME_LEFT, f"how long {minute}", heard_ms - 300, heard_ms + 90, 0.9))
        events.append(LedgerChanged(start_ms + 59_000, exercise, "left", 20_000, 0, "done"))
        events.append(LedgerChanged(start_ms + 59_000, exercise, "right", 19_000, 1_000, "skipped"))
    return [*events, Ended(minutes * 60_000, "done", 20_000, 20_000)]


def test_every_command_said_and_every_hold_is_in_it() -> None:
    picture = _drawn(_session(25))
    words = _words(picture)
    assert [f"how long {minute}" in words for minute in range(25)] == [True] * 25
    holds = [tip for tip in _tips(picture) if tip.startswith(("left: hold 20 s", "right: hold 20 s"))]
    assert len(holds) == 50
    assert {f"Exercise {number}" for number in range(7)} <= {word.removeprefix("… ") for word in words}
    assert words.count("0:19") == 7


def test_equal_times_on_both_sides_have_bars_of_equal_length() -> None:
    picture = _drawn(_session(3))
    widths = {
        float(bar.get("width", 0))
        for side in ("left", "right")
        for bar in _of_class(picture, side)
        if bar.get("rx") == "2"
    }
    bars = sorted(widths - {14.0})
    assert bars[-1] - bars[0] <= 0.11


def test_a_hold_that_runs_over_the_end_of_a_row_goes_on_in_the_next_row() -> None:
    events: list[Event] = [
        StateEntered(170_000, "hold", "Calf stretch", "left", 1, None, 30_000),
        StateEntered(200_000, "rest", "Calf stretch"),
        Ended(220_000, "done"),
    ]
    picture = _drawn(events)
    assert len([tip for tip in _tips(picture) if tip.startswith("left: hold 30 s")]) == 2
    assert "… Calf stretch" in _words(picture)


def test_a_sentence_that_was_cut_is_marked() -> None:
    whole = _drawn([Said(0, "Breathe out.", 900, False), Ended(5_000, "done")])
    cut = _drawn([Said(0, "Breathe out.", 300, True), Ended(5_000, "done")])
    assert not _of_class(whole, "cut")
    # One in the legend, one in the row.
    assert len(_of_class(cut, "cut")) == 2


def test_what_was_ignored_is_a_small_mark_with_its_reason() -> None:
    picture = _drawn([Ignored(1_000, "fits no phrase"), Ended(5_000, "done")])
    assert "ignored: fits no phrase" in _tips(picture)
    assert len(_of_class(picture, "ring")) == 2


def test_text_of_people_cannot_break_out_of_the_picture() -> None:
    nasty = "</text><script>alert('&\"\x00\x1b\ud800"
    picture = _drawn(
        [
            StateEntered(0, nasty, nasty, nasty, 1, nasty),
            Said(10, nasty, 500, True),
            Heard(600, Command.NEXT, nasty, 500, 700, 1.0),
            Ignored(800, nasty),
            LedgerChanged(900, nasty, "left", 1, 1, nasty),
            Ended(1_000, nasty),
        ],
        nasty,
    )
    assert not list(picture.iter(f"{SVG}script"))
    assert any("<script>" in word for word in _words(picture))


def test_nothing_is_fetched_from_elsewhere() -> None:
    picture = draw(_session(2), "A session")
    assert picture.count("http") == 1  # the name of SVG itself
    assert "url(" not in picture
    assert "@import" not in picture


@pytest.mark.parametrize("events", [[], [StateEntered(0, "hold", "Calf stretch", "both")], [Ended(0, "abandoned")]])
def test_next_to_nothing_is_a_picture_too(events: list[Event]) -> None:
    assert "0:00" in _words(_drawn(events))


def test_four_hours_fit_into_a_picture_of_bounded_size() -> None:
    text = draw(_session(240), "A long session")
    assert len(text.encode()) < 1_500_000
    picture = ET.fromstring(text)
    assert float(picture.get("height", 0)) < 6_000
    told = [*_words(picture), *_tips(picture)]
    assert all(any(f"how long {minute}" in one for one in told) for minute in range(240))


@given(event_lists)
@settings(deadline=None)
def test_any_events_make_a_well_formed_picture(events: list[Event]) -> None:
    picture = _drawn(events, "A session")
    heard = [event for event in events if isinstance(event, Heard)]
    assert sum(element.get("class") == "pole" for element in picture.iter()) == len(heard)


def test_labels_of_commands_close_together_do_not_cover_each_other() -> None:
    events: list[Event] = [
        Heard(ms, Command.LOUDER, "say that again please", ms - 200, ms + 80, 1.0)
        for ms in (1_000, 3_000, 4_000, 176_000, 178_000, 179_000)
    ]
    picture = _drawn([*events, Ended(180_000, "done")])
    pills = [
        tuple(float(pill.get(name, 0)) for name in ("x", "y", "width", "height"))
        for pill in _of_class(picture, "pill")
        if pill.get("height") != "12"
    ]
    assert len(pills) == 6
    for (x, y, width, height), (other_x, other_y, other_width, other_height) in combinations(pills, 2):
        apart = (
            x + width <= other_x or other_x + other_width <= x or y + height <= other_y or other_y + other_height <= y
        )
        assert apart
    assert all(x >= 0 and x + width <= 1_400 for x, _, width, _ in pills)


@given(st.lists(st.tuples(st.floats(0, 500), st.floats(0, 80)), max_size=30), st.integers(1, 4))
def test_staggered_labels_of_one_level_never_overlap(labels: list[tuple[float, float]], levels: int) -> None:
    extents = sorted((left, left + width) for left, width in labels)
    placed = list(zip(extents, staggered(extents, levels), strict=True))
    for (first, level), (second, other) in combinations(placed, 2):
        assert level is None or level != other or first[1] <= second[0]


@given(st.text(max_size=60), st.floats(0, 300))
def test_fitted_words_fit(words: str, width: float) -> None:
    assert width_of(fitted(words, 12, width), 12) <= width + 1e-6 or not fitted(words, 12, width)
    assert fitted(words, 12, 10_000) == words
