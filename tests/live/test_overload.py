from __future__ import annotations

import json
from pathlib import Path

import pytest

from voicecoach.live.keeper import NS_PER_S
from voicecoach.live.known_machine import keep_effort, known_effort, known_efforts, machine_file
from voicecoach.live.overload import BEHIND_BLOCKS, LEFT_OUT, STEPS, Effort, Overload, found_wanting


def steps_with_a_gap_each(seconds: float, times: int, overload: Overload) -> list[Effort]:
    """Return what is asked of a machine with a gap each so many seconds."""
    found = [overload.see_gaps(round(turn * seconds * NS_PER_S), turn) for turn in range(times)]
    return [effort for effort in found if effort is not None]


def test_a_gap_now_and_then_is_no_overload() -> None:
    overload = Overload()
    assert steps_with_a_gap_each(6.0, 1_000, overload) == []
    assert not overload.is_known


def test_buffers_become_longer_first_and_then_hearing_does_with_less_in_its_order() -> None:
    overload = Overload()
    assert steps_with_a_gap_each(0.5, 1_000, overload) == list(STEPS[1:])
    assert overload.is_known
    buffers = [step.buffer_ms for step in STEPS]
    assert buffers == sorted(buffers)
    assert [step.thrift for step in STEPS] == sorted(step.thrift for step in STEPS)
    assert [step.thrift for step in STEPS if step.thrift] == [1, 2, 3]


def test_gaps_that_the_new_buffer_itself_makes_do_not_count() -> None:
    overload = Overload()
    assert [overload.see_gaps(0, gaps) for gaps in (1, 2, 3)] == [None, None, STEPS[1]]
    assert [overload.see_gaps(NS_PER_S, gaps) for gaps in range(4, 20)] == [None] * 16
    assert overload.see_gaps(3 * NS_PER_S, 20) is None


def test_gaps_before_the_first_word_do_not_count() -> None:
    overload = Overload()
    assert overload.see_gaps(0, 50, counts=False) is None
    assert [overload.see_gaps(NS_PER_S, gaps) for gaps in (51, 52)] == [None, None]


def test_another_sound_process_counts_from_zero() -> None:
    overload = Overload()
    overload.see_gaps(0, 2)
    overload.start_anew()
    assert [overload.see_gaps(NS_PER_S, gaps) for gaps in (1, 2, 3)] == [None, None, STEPS[1]]


def test_ears_that_stay_behind_do_with_less_and_the_buffers_are_not_made_shorter() -> None:
    overload = Overload()
    found = [overload.see_ears(second * NS_PER_S, BEHIND_BLOCKS) for second in range(60)]
    asked = [effort for effort in found if effort is not None]
    assert [effort.thrift for effort in asked] == [1, 2, 3]
    assert asked[0].buffer_ms == 200


def test_ears_that_take_a_breath_are_not_behind() -> None:
    overload = Overload()
    for second in range(0, 60, 2):
        assert overload.see_ears(second * NS_PER_S, BEHIND_BLOCKS * 2) is None
        assert overload.see_ears((second + 1) * NS_PER_S, 0) is None


@pytest.mark.parametrize("step", STEPS)
def test_what_is_left_out_is_said(step: Effort) -> None:
    assert f"{step.buffer_ms} ms" in found_wanting(step)
    assert LEFT_OUT[step.thrift] in found_wanting(step)


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    return machine_file()


def test_what_a_machine_can_do_is_kept_for_each_loudspeaker(data: Path) -> None:
    assert known_effort("") == STEPS[0]
    keep_effort("", STEPS[1])
    keep_effort("USB Speaker", STEPS[3])
    keep_effort("", STEPS[2])
    assert known_efforts(data) == {"USB Speaker": STEPS[3], "": STEPS[2]}
    assert known_effort("HDMI") == STEPS[0]


def test_of_many_loudspeakers_the_last_are_kept(data: Path) -> None:
    for number in range(30):
        keep_effort(f"speaker {number}", STEPS[1])
    assert list(known_efforts(data)) == [f"speaker {number}" for number in range(10, 30)]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{",
        '{"efforts": []}',
        json.dumps({"efforts": {"": {"buffer_ms": 40_000, "thrift": 0}}}),
        json.dumps({"efforts": {"": {"buffer_ms": 100}, "\n": {"buffer_ms": 100, "thrift": 0}} | {"x": 1}}),
        json.dumps({"efforts": {"": {"buffer_ms": [], "thrift": {}}}}),
    ],
)
def test_a_damaged_file_asks_for_nothing_unheard_of(data: Path, text: str) -> None:
    data.parent.mkdir(parents=True)
    data.write_text(text)
    assert set(known_efforts(data).values()) <= set(STEPS)
    assert "\n" not in known_efforts(data)
    keep_effort("", STEPS[2])
    assert known_effort("") == STEPS[2]
