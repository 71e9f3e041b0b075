"""The timeline tells what happened in order, and can be read back."""

from __future__ import annotations

import io
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from tests.timeline.some_events import event_lists, some_event
from voicecoach.coaching.messages import Tone
from voicecoach.commands import Command
from voicecoach.errors import UsageError
from voicecoach.timeline.events import (
    Ducked,
    Ended,
    Event,
    Heard,
    Ignored,
    LedgerChanged,
    Said,
    StateEntered,
    ToneSounded,
)
from voicecoach.timeline.printing import PrintSink
from voicecoach.timeline.timeline import JsonLinesSink, Timeline, json_line, parse_timeline

HOLD = StateEntered(61_000, "hold", "Toe spread", "left", 2, None, 30_000)
HEARD = Heard(90_250, Command.CRAMP, "cramp, back off", 90_010, 90_260, 0.93)


def _written(events: list[Event]) -> str:
    stream = io.StringIO()
    sink = JsonLinesSink(stream)
    for event in events:
        sink(event)
    return stream.getvalue()


@given(event_lists)
def test_what_is_written_is_read_back_the_same(events: list[Event]) -> None:
    events.sort(key=lambda event: event.t_ms)
    assert parse_timeline(_written(events)) == events


def test_lines_are_as_scripts_expect_them() -> None:
    assert json_line(HEARD) == (
        '{"t_ms": 90250, "kind": "heard", "command": "cramp", "phrase": "cramp, back off", "said_end_ms": 90010, '
        '"acted_ms": 90260, "confidence": 0.93}'
    )
    assert json_line(Said(1_500, "발가락을 펴세요.", 900, True)) == (
        '{"t_ms": 1500, "kind": "say", "text": "발가락을 펴세요.", "length_ms": 900, "cut": true, "from_ms": 0}'
    )
    assert json_line(ToneSounded(20, Tone.START, 960)) == '{"t_ms": 20, "kind": "tone", "name": "start", "frame": 960}'
    assert json_line(HOLD) == (
        '{"t_ms": 61000, "kind": "state", "state": "hold", "exercise": "Toe spread", "side": "left", "set": 2, '
        '"station": null, "remaining_ms": 30000}'
    )


def test_events_wait_for_the_sentence_during_which_they_happened() -> None:
    told: list[Event] = []
    timeline = Timeline(told.append)
    say = timeline.say_begins(1_000, "Spread your toes.")
    timeline.add(ToneSounded(1_400, Tone.TICK, 1_400 * 48))
    timeline.advance(2_000)
    assert told == []
    timeline.say_ends(say, 2_250, cut=False)
    timeline.advance(2_260)
    assert told == [Said(1_000, "Spread your toes.", 1_250, False), ToneSounded(1_400, Tone.TICK, 1_400 * 48)]


def test_an_event_is_told_as_soon_as_nothing_earlier_can_come() -> None:
    told: list[Event] = []
    timeline = Timeline(told.append)
    timeline.add(Ducked(40))
    timeline.add(Ducked(60))
    timeline.add(Ducked(20))
    timeline.advance(60)
    assert told == [Ducked(20), Ducked(40)]
    timeline.advance(61)
    assert told == [Ducked(20), Ducked(40), Ducked(60)]


def test_events_at_the_same_time_are_told_in_the_order_in_which_they_began() -> None:
    told: list[Event] = []
    with Timeline(told.append) as timeline:
        timeline.add(Ducked(5))
        say = timeline.say_begins(5, "One.")
        timeline.add(Ignored(5, "too short"))
        timeline.say_ends(say, 8, cut=True)
    assert told == [Ducked(5), Said(5, "One.", 3, True), Ignored(5, "too short")]


def test_an_event_that_comes_too_late_is_refused() -> None:
    timeline = Timeline()
    timeline.advance(100)
    with pytest.raises(ValueError, match="all before 100 ms is settled"):
        timeline.add(Ducked(99))
    with pytest.raises(ValueError, match="all before 100 ms is settled"):
        timeline.say_begins(99, "Too late.")
    timeline.add(Ducked(100))


def test_closing_cuts_what_is_being_said_and_hands_on_everything() -> None:
    told: list[Event] = []
    with Timeline(told.append) as timeline:
        timeline.say_begins(10, "And now", from_ms=300)
        timeline.add(Ducked(70))
        timeline.advance(50)
    assert told == [Said(10, "And now", 60, True, 300), Ducked(70)]


@given(st.lists(st.tuples(some_event, st.integers(0, 3_000)), max_size=30))
def test_whatever_happens_is_told_once_and_in_order(steps: list[tuple[Event, int]]) -> None:
    told: list[Event] = []
    given_in: list[Event] = []
    with Timeline(told.append) as timeline:
        open_says = []
        now_ms = 0
        for event, pause_ms in steps:
            if event.t_ms < now_ms:
                open_says.append(timeline.say_begins(now_ms, "words"))
            else:
                timeline.add(event)
                given_in.append(event)
            if len(open_says) > 2:
                timeline.say_ends(open_says.pop(0), now_ms, cut=False)
            now_ms += pause_ms
            timeline.advance(now_ms)
    assert len(told) == len(steps)
    assert all(earlier.t_ms <= later.t_ms for earlier, later in pairwise(told))
    assert all(event in told for event in given_in)


def test_the_end_adds_up_the_last_entry_of_each_side_of_each_exercise() -> None:
    told: list[Event] = []
    with Timeline(told.append) as timeline:
        timeline.add(LedgerChanged(1, "Toe spread", "left", 20_000, 10_000, "switched"))
        timeline.add(LedgerChanged(2, "Toe spread", "right", 30_000, 0, "done"))
        timeline.add(LedgerChanged(3, "Toe spread", "left", 30_000, 0, "done"))
        timeline.add(LedgerChanged(4, "Calf stretch", "left", 15_000, 25_000, "skipped"))
        timeline.add(LedgerChanged(5, "Double calf stretch", "both", 40_000, 0, "done"))
        timeline.end(6, "done")
    assert told[-1] == Ended(6, "done", left_ms=45_000, right_ms=30_000, both_ms=40_000, owed_ms=25_000)


GOOD = json_line(ToneSounded(20, Tone.START, 960))


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("{", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("9" * 5_000, "not JSON"),
        ("[]", "not a JSON object"),
        ('{"t_ms": 1}', "its kind is null"),
        ('{"t_ms": 1, "kind": []}', r"its kind is \[\]"),
        ('{"t_ms": 1, "kind": "shout"}', 'its kind is "shout", and not one of state, say'),
        ('{"kind": "duck"}', 'it lacks "t_ms"'),
        ('{"t_ms": 1, "kind": "duck", "why": 2}', 'it has no field for "why"'),
        ('{"t_ms": 1, "t_ms": 2, "kind": "duck"}', "a field twice"),
        ('{"t_ms": -1, "kind": "duck"}', "its t_ms is -1"),
        ('{"t_ms": true, "kind": "duck"}', "its t_ms is true"),
        ('{"t_ms": 1.5, "kind": "duck"}', "its t_ms is 1.5"),
        ('{"t_ms": NaN, "kind": "duck"}', "NaN is no number"),
        ('{"t_ms": 1, "kind": "ignored", "reason": null}', "its reason is null"),
        ('{"t_ms": 1, "kind": "tone", "name": "gong", "frame": 48}', 'its name is "gong"'),
        (json_line(HEARD).replace("0.93", "1.01"), "its confidence is 1.01"),
        (json_line(HEARD).replace('"cramp"', '"dance"'), 'its command is "dance"'),
        ('{"t_ms": 19, "kind": "duck"}', "before the line above"),
    ],
)
def test_a_line_that_is_no_event_is_refused_in_one_line_with_its_place(line: str, why: str) -> None:
    with pytest.raises(UsageError, match=rf"^walk\.jsonl:3: .*{why}.*\.$") as refused:
        parse_timeline(f"{GOOD}\n\n{line}\n", "walk.jsonl")
    assert "\n" not in str(refused.value)
    assert len(str(refused.value)) < 250


@given(st.text(max_size=80))
def test_any_other_text_is_refused_and_nothing_else_goes_wrong(text: str) -> None:
    if text.strip():
        with pytest.raises(UsageError):
            parse_timeline(text)
    else:
        assert parse_timeline(text) == []


def _printed(events: list[Event], **console: object) -> str:
    stream = io.StringIO()
    sink = PrintSink(Console(file=stream, **console))  # type: ignore[arg-type]
    for event in events:
        sink(event)
    return stream.getvalue()


def test_a_timeline_is_printed_for_people() -> None:
    events: list[Event] = [
        HOLD,
        Said(61_020, "Spread your toes.", 800, True, 300),
        ToneSounded(61_000, Tone.HOLD_END, 61_000 * 48),
        HEARD,
        Ignored(3_700_000, "unknown words"),
        Ducked(3_700_001),
        LedgerChanged(3_700_002, "Toe spread", "left", 29_000, 1_000, "left_out"),
        Ended(3_700_003, "done", 30_000, 29_000, 0, 1_000),
    ]
    assert _printed(events) == (
        "   1:01.000  state    hold: Toe spread, left, set 2, 30 s\n"
        "   1:01.020  say      “Spread your toes.” (from 0.3 s on) (cut after 0.8 s)\n"
        "   1:01.000  tone     hold end\n"
        "   1:30.250  heard    cramp: “cramp, back off”, acted 250 ms after the last word, confidence 0.93\n"
        "1:01:40.000  ignored  unknown words\n"
        "1:01:40.001  duck     fell silent for a voice\n"
        "1:01:40.002  ledger   Toe spread, left: 0:29 done, 0:01 owed (left out)\n"
        "1:01:40.003  end      done: left 0:30, right 0:29, both 0:00, owed 0:01\n"
    )


def test_a_terminal_gets_colours_and_lines_that_fit() -> None:
    long = Said(0, "Thread your fingers between the toes of your left foot, as if holding hands with it.", 4_000, False)
    shown = _printed([long], force_terminal=True, width=50, color_system="standard", _environ={"TERM": "xterm"})
    plain = _printed([long], force_terminal=True, width=50, color_system=None, _environ={"TERM": "xterm"})
    assert "\x1b[36m" in shown
    assert "\x1b" not in plain
    assert all(len(line) <= 50 for line in plain.splitlines())
    assert [line[:22].strip() for line in plain.splitlines()] == ["0:00.000  say", *[""] * (plain.count("\n") - 1)]


@given(some_event)
def test_every_event_is_one_plain_printable_line(event: Event) -> None:
    line = _printed([event])
    assert line.endswith("\n")
    assert line[:-1].isprintable()
