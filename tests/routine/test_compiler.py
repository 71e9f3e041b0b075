from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from voicecoach.errors import DocumentError
from voicecoach.routine.compiler import (
    MAX_SEGMENTS,
    compile_plan,
)
from voicecoach.routine.model import Routine
from voicecoach.routine.plan import LEAD_IN, WORK, Plan, SegmentKind, Side
from voicecoach.routine.reader import read_routine

HEAD: dict[str, Any] = {
    "format": 1,
    "name": "small",
    "title": "Small",
    "language": "en",
    "about": "A small one.",
    "welcome": "Welcome.",
    "safety": "Be kind.",
    "defaults": {"get_ready_s": 5, "changeover_s": 10, "rest_s": 15, "move_s": 3, "wait_s": 20},
}


def plan_of(*exercises: dict[str, Any], **more: Any) -> Plan:
    named = [
        {"id": f"e{number}", "title": f"E{number}", "setup": "Do it."} | one for number, one in enumerate(exercises)
    ]
    return compile_plan(Routine.model_validate(HEAD | more | {"exercises": named}))


def outline(plan: Plan) -> list[str]:
    """Return a line a segment: kind, side, set, station, seconds, cues."""
    lines = []
    for segment in plan.segments:
        parts = [segment.kind.value]
        if segment.side is not None:
            parts += [segment.side.value, str(segment.set)]
        if segment.station is not None and segment.exercise is not None:
            parts.append(plan.exercises[segment.exercise].stations[segment.station])
        if segment.duration_ms:
            parts.append(f"{segment.duration_ms / 1000:g}s")
        parts += [f"'{cue.full}'" for cue in segment.cues]
        lines.append(" ".join(parts))
    return lines


def test_both_sides_of_a_hold_are_led_into_and_a_wait_comes_first() -> None:
    plan = plan_of({"sides": "each", "hold": 30, "when_ready": True, "reminders": ["Breathe."]}, closing="Bye.")
    assert outline(plan) == [
        "talk 'Welcome.' 'Be kind.'",
        "talk 'Do it.'",
        "wait 20s",
        "get_ready left 1 5s",
        "hold left 1 30s 'Breathe.'",
        "changeover right 1 10s",
        "hold right 1 30s 'Breathe.'",
        "talk 'Bye.'",
    ]


def test_sets_of_both_feet_rest_in_between_and_say_their_cues() -> None:
    exercise = {
        "sides": "both",
        "sets": 2,
        "set_cues": ["Seated", "Now standing"],
        "repetitions": {"count": 4, "out_s": 1.5, "back_s": 2},
    }
    assert outline(plan_of(exercise))[2:] == [
        "get_ready both 1 5s 'Seated'",
        "repetitions both 1 14s",
        "rest both 2 15s 'Now standing'",
        "repetitions both 2 14s",
    ]


def test_stations_are_moved_to_on_each_side_of_each_set() -> None:
    exercise = {
        "sides": "each",
        "sets": 2,
        "set_cues": ["Seated", "Standing"],
        "hold": 20,
        "stations": [{"name": "Heel"}, {"name": "Arch", "cue": "On to the arch", "hold": 25}],
    }
    assert outline(plan_of(exercise))[2:] == [
        "get_ready left 1 Heel 5s 'Seated' 'Heel'",
        "hold left 1 Heel 20s",
        "move left 1 Arch 3s 'On to the arch'",
        "hold left 1 Arch 25s",
        "changeover right 1 Heel 10s 'Heel'",
        "hold right 1 Heel 20s",
        "move right 1 Arch 3s 'On to the arch'",
        "hold right 1 Arch 25s",
        "rest left 2 Heel 15s 'Standing' 'Heel'",
        "hold left 2 Heel 20s",
        "move left 2 Arch 3s 'On to the arch'",
        "hold left 2 Arch 25s",
        "changeover right 2 Heel 10s 'Heel'",
        "hold right 2 Heel 20s",
        "move right 2 Arch 3s 'On to the arch'",
        "hold right 2 Arch 25s",
    ]


def test_a_station_of_repetitions_may_stand_among_holds() -> None:
    exercise = {
        "sides": "both",
        "hold": 20,
        "stations": [{"name": "Heel"}, {"name": "Toe", "repetitions": {"count": 2, "out_s": 1, "back_s": 1}}],
    }
    kinds = [segment.kind for segment in plan_of(exercise).segments if segment.kind in WORK]
    assert kinds == [SegmentKind.HOLD, SegmentKind.REPETITIONS]


def test_a_range_gives_the_easier_and_the_harder_hold() -> None:
    (hold,) = [
        segment
        for segment in plan_of({"sides": "both", "hold": {"least_s": 30, "usual_s": 45, "most_s": 60}}).segments
        if segment.kind is SegmentKind.HOLD
    ]
    assert (hold.least_ms, hold.duration_ms, hold.most_ms) == (30_000, 45_000, 60_000)


def test_a_hold_without_a_range_stays_the_same() -> None:
    (hold,) = [segment for segment in plan_of({"sides": "both", "hold": 45}).segments if segment.kind in WORK]
    assert (hold.least_ms, hold.duration_ms, hold.most_ms) == (45_000, 45_000, 45_000)


def test_a_tip_is_only_said() -> None:
    assert outline(plan_of({"tip": True}))[1:] == ["talk 'Do it.'"]


def test_a_plan_that_is_too_large_is_refused_without_a_file_too() -> None:
    too_many = {"sides": "each", "sets": 20, "hold": 1, "stations": [{"name": f"n{number}"} for number in range(50)]}
    with pytest.raises(DocumentError, match=f"more than {MAX_SEGMENTS} parts"):
        plan_of(too_many)
    with pytest.raises(DocumentError, match="more than 4 hours"):
        plan_of({"sides": "each", "sets": 3, "hold": 3600})


HOLDS = st.integers(1, 90) | st.builds(
    lambda least, more, most: {"least_s": least, "usual_s": least + more, "most_s": least + more + most},
    st.integers(1, 60),
    st.integers(0, 60),
    st.integers(0, 60),
)
REPETITIONS = st.fixed_dictionaries(
    {"count": st.integers(1, 12), "out_s": st.sampled_from([0.5, 1, 1.25, 3]), "back_s": st.integers(1, 4)}
)
OWN_WORK = st.fixed_dictionaries({"hold": HOLDS}) | st.fixed_dictionaries({"repetitions": REPETITIONS})
STATIONS = st.lists(
    st.builds(
        lambda name, work: {"name": name} | work, st.sampled_from(["Heel", "Arch", "Toe"]), OWN_WORK | st.just({})
    ),
    min_size=1,
    max_size=4,
)


@st.composite
def exercises(draw: st.DrawFn) -> dict[str, Any]:
    if draw(st.integers(0, 5)) == 0:
        return {"tip": "true"}
    sets = draw(st.integers(1, 3))
    exercise: dict[str, Any] = {"sides": draw(st.sampled_from(["each", "both"])), "sets": sets} | draw(OWN_WORK)
    if draw(st.booleans()):
        exercise["stations"] = draw(STATIONS)
    if draw(st.booleans()):
        exercise["set_cues"] = [f"Set {number}" for number in range(sets)]
    if draw(st.booleans()):
        exercise["when_ready"] = "true"
    return exercise


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    drawn = draw(st.lists(exercises(), min_size=1, max_size=5))
    named = [{"id": f"e{number}", "title": "Some", "setup": "Do it."} | one for number, one in enumerate(drawn)]
    return compile_plan(read_routine(yaml.safe_dump(HEAD | {"exercises": named}), "drawn"))


@given(plans())
def test_both_sides_get_exactly_the_same_work(plan: Plan) -> None:
    for index, exercise in enumerate(plan.exercises):
        done = {
            side: [
                (segment.kind, segment.set, segment.station, segment.duration_ms, segment.least_ms, segment.most_ms)
                for segment in plan.segments
                if segment.exercise == index and segment.side is side and segment.kind in WORK
            ]
            for side in Side
        }
        assert done[Side.LEFT] == done[Side.RIGHT]
        assert bool(done[Side.LEFT]) <= exercise.one_side_at_a_time
        assert bool(done[Side.BOTH]) <= (not exercise.one_side_at_a_time)


@given(plans())
def test_all_work_is_led_into_by_a_segment_of_its_own_place(plan: Plan) -> None:
    for before, segment in pairwise(plan.segments):
        assert (segment.kind in WORK) == (before.kind in LEAD_IN)
        if segment.kind in WORK:
            assert (before.exercise, before.side, before.set, before.station) == (
                segment.exercise,
                segment.side,
                segment.set,
                segment.station,
            )


@given(plans())
def test_the_segments_of_one_exercise_stand_together_in_order(plan: Plan) -> None:
    indexes = [segment.exercise for segment in plan.segments if segment.exercise is not None]
    assert indexes == sorted(indexes)
    assert set(indexes) == set(range(len(plan.exercises)))


@given(plans())
def test_durations_are_what_they_consist_of(plan: Plan) -> None:
    for segment in plan.segments:
        assert (segment.duration_ms == 0) == (segment.kind is SegmentKind.TALK)
        if segment.pace is not None:
            assert segment.duration_ms == segment.pace.count * segment.pace.each_ms
        if segment.kind is SegmentKind.HOLD:
            assert 0 < segment.least_ms <= segment.duration_ms <= segment.most_ms
