from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest

import voicecoach.routine
from voicecoach.cli.voicing import script_of
from voicecoach.coaching.dry_run import dry_run, estimated
from voicecoach.errors import UsageError
from voicecoach.language.pack import load_pack
from voicecoach.routine.compiler import compile_plan
from voicecoach.routine.library import find_routine, load_file, load_routine, shipped_names
from voicecoach.routine.model import AuthoredCue, Routine, phrases_in, words_of
from voicecoach.routine.plan import CrampPolicy, SegmentKind
from voicecoach.routine.reader import read_routine
from voicecoach.routine.schema import SCHEMA_FILE, schema_text
from voicecoach.routine.template import new_routine

FOLDER = Path(voicecoach.routine.__file__).parent
NAMES = ("after-run", "before-run", "feet", "feet-quick")

PHRASES = tuple(words_of(phrase) for phrase in load_pack("en").all_phrases)


def spoken_texts(part: Any) -> list[str]:
    """Return every text of a routine that the coach may say."""
    match part:
        case AuthoredCue(full=full, short=short):
            return [full] if short is None else [full, short]
        case list():
            return [text for item in part for text in spoken_texts(item)]
        case Routine() | voicecoach.routine.model.Exercise() | voicecoach.routine.model.Station():
            names = [name for name in ("title", "name") if name in type(part).model_fields]
            own = [getattr(part, name) for name in names if not (name == "name" and isinstance(part, Routine))]
            own += getattr(part, "kit", [])
            return own + [text for name in type(part).model_fields for text in spoken_texts(getattr(part, name))]
        case _:
            return []


def test_these_routines_are_shipped() -> None:
    assert shipped_names() == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_a_shipped_routine_is_called_as_its_file_and_points_to_the_schema(name: str) -> None:
    routine = load_routine(name)
    assert routine.name == name
    first_line = (FOLDER / "routines" / f"{name}.yaml").read_text().splitlines()[0]
    assert first_line == f"# yaml-language-server: $schema=../{SCHEMA_FILE}"


@pytest.mark.parametrize("name", NAMES)
def test_the_coach_never_says_a_command(name: str) -> None:
    texts = spoken_texts(load_routine(name))
    assert len(texts) > 20
    said = {text: found for text in texts if (found := phrases_in(text, PHRASES))}
    assert said == {}


@pytest.mark.parametrize("name", NAMES)
def test_short_forms_are_short_and_stations_fit_into_a_move(name: str) -> None:
    for exercise in load_routine(name).exercises:
        assert len(exercise.setup.short or "") <= 60
        assert exercise.tip or exercise.easier is not None
        for station in exercise.stations or []:
            assert len(station.cue.full if station.cue else station.name) <= 30


@pytest.mark.parametrize(
    ("name", "least", "most"), [("feet", 20, 31), ("feet-quick", 5, 7), ("before-run", 5, 8), ("after-run", 8, 12)]
)
def test_a_shipped_routine_takes_about_as_long_as_it_says(name: str, least: int, most: int) -> None:
    plan, script = compile_plan(load_routine(name)), script_of(load_pack("en"))
    assert least * 60_000 <= dry_run(plan, script, estimated(script.texts(plan))).ends_ms <= most * 60_000


def seconds_a_side(name: str, exercise_id: str) -> float:
    plan = compile_plan(load_routine(name))
    (index,) = [number for number, exercise in enumerate(plan.exercises) if exercise.id == exercise_id]
    work = [segment for segment in plan.segments if segment.exercise == index and segment.side is not None]
    sides = {segment.side for segment in work}
    return sum(segment.duration_ms for segment in work) / len(sides) / 1000


def test_feet_has_all_exercises_in_their_doses() -> None:
    routine = load_routine("feet")
    assert [exercise.id for exercise in routine.exercises] == [
        "passive-toe-spread",
        "active-toe-spread",
        "toe-lifts",
        "half-ball-arch",
        "ball-work",
        "single-calf-stretch",
        "double-calf-stretch",
        "top-of-foot-stretch",
        "barefoot",
    ]
    by_id = {exercise.id: exercise for exercise in routine.exercises}
    assert routine.cramp_policy(by_id["passive-toe-spread"]) is CrampPolicy.EASE
    assert routine.cramp_policy(by_id["active-toe-spread"]) is CrampPolicy.COME_BACK
    assert routine.cramp_policy(by_id["top-of-foot-stretch"]) is CrampPolicy.RETRY
    assert 120 <= seconds_a_side("feet", "half-ball-arch") <= 300
    assert 120 <= seconds_a_side("feet", "ball-work") <= 300
    assert len(by_id["half-ball-arch"].stations or ()) == 9
    assert by_id["barefoot"].tip
    for exercise_id in ("passive-toe-spread", "single-calf-stretch", "double-calf-stretch"):
        hold = by_id[exercise_id].hold
        assert hold is not None
        assert (hold.least_s, hold.most_s) == (30, 60)


def test_a_name_that_is_nearly_right_is_answered_with_the_right_one() -> None:
    with pytest.raises(UsageError, match=r"^There is no routine 'feets'; did you mean `feet`.*give a file"):
        find_routine("feets")


def test_a_name_like_no_other_is_answered_with_all_of_them() -> None:
    with pytest.raises(UsageError, match="there are `after-run`, `before-run`, `feet`, `feet-quick`"):
        find_routine("xyzzy")


def test_a_routine_is_read_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(new_routine("mine"))
    assert load_routine(str(path)) == load_file(path)


@pytest.mark.parametrize(
    "name", ["", ".", "/", "absent.yaml", "./feet", "a\0b", "a\0b.yaml", "x" * 5000, "/dev/zero", "~"]
)
def test_what_is_no_routine_is_refused_in_one_line(name: str) -> None:
    with pytest.raises(UsageError) as caught:
        load_routine(name)
    assert "\n" not in str(caught.value)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission_is_refused_in_one_line(tmp_path: Path) -> None:
    path = tmp_path / "secret.yaml"
    path.write_text("format: 1")
    path.chmod(0)
    with pytest.raises(UsageError, match="Permission denied"):
        load_file(path)


def test_the_template_is_a_valid_routine() -> None:
    text = new_routine("my-feet", load_pack("en").all_phrases)
    routine = read_routine(text, "my-feet.yaml")
    assert (routine.name, routine.title) == ("my-feet", "My feet")
    kinds = {segment.kind for segment in compile_plan(routine).segments}
    assert kinds == set(SegmentKind)


@pytest.mark.parametrize(
    "name", ["", "My-Feet", "my feet", "../x", "a/b", "-a", "a-", "a--b", "a.yaml", "é", "a\n", "a" * 41, "feet"]
)
def test_a_name_that_no_routine_can_have_is_refused(name: str) -> None:
    with pytest.raises(UsageError):
        new_routine(name)


def test_a_name_that_the_coach_must_not_say_is_refused() -> None:
    with pytest.raises(UsageError, match="order itself about"):
        new_routine("stop", ["stop"])


def test_the_shipped_schema_is_that_of_the_model() -> None:
    shipped = (FOLDER / SCHEMA_FILE).read_text()
    assert shipped == schema_text(), "run scripts/make-schema"


def test_the_schema_describes_every_key_and_hides_how_it_is_made() -> None:
    schema = json.loads(schema_text())
    parts = [schema, *schema["$defs"].values()]
    blocks = [part for whole in parts for part in (whole, *whole.get("anyOf", [])) if "properties" in part]
    assert len(blocks) >= 6
    for block in blocks:
        assert block["additionalProperties"] is False
        for key, value in block["properties"].items():
            assert value.get("description"), key
    assert not re.search(r'"null"|"ge"|"le"', schema_text())
    assert schema["$defs"]["Exercise"]["properties"]["sets"] == {
        "default": 1,
        "description": "How many times.",
        "examples": [2],
        "maximum": 20,
        "minimum": 1,
        "type": "integer",
    }
