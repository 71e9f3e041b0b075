"""What recordings of people teach: who teaches is not who is measured, and what is said keeps its name."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from voicecoach.bench.backdrops import Backdrops
from voicecoach.bench.conditions import Noise, Place
from voicecoach.bench.networks import HIDDEN, Network, grown
from voicecoach.bench.people import Clip
from voicecoach.bench.people_lessons import PeopleLesson, as_recorded, divided, examples, people_lessons
from voicecoach.bench.rendering import Renderer
from voicecoach.commands import Command
from voicecoach.language.pack import load_pack
from voicecoach.listening.decision import ways_to_say
from voicecoach.rehearsal.voices import recording

ENGLISH = load_pack("en")
WAYS = ways_to_say(ENGLISH, ENGLISH.all_phrases)


def clips(folder: Path) -> list[Clip]:
    return [
        Clip(folder / f"{text}.wav", text, command, f"person {number}", "some")
        for number in range(40)
        for text, command in (("stop", Command.STOP), ("Yes", Command.YES), ("eight", None), ("up", None))
    ]


def test_people_are_divided_and_not_recordings(tmp_path: Path) -> None:
    taught, kept = divided(clips(tmp_path))
    assert len(taught) + len(kept) == 160
    assert 3 < len({clip.speaker for clip in kept}) < 20
    assert not {clip.speaker for clip in kept} & {clip.speaker for clip in taught}
    assert divided(clips(tmp_path)) == (taught, kept)


def test_every_recording_comes_up_and_some_are_joined(tmp_path: Path) -> None:
    made = people_lessons(clips(tmp_path), WAYS, often=4)
    alone = [lesson for lesson in made if len(lesson.clips) == 1]
    assert sum(lesson.way == "stop" for lesson in alone) == 160
    assert sum(lesson.way is None for lesson in alone) == 160
    joined = [lesson for lesson in made if len(lesson.clips) > 1]
    assert {lesson.way for lesson in joined} == {"stop stop", "stop stop stop", None}
    assert all(len({clip.speaker for clip in lesson.clips}) == 1 for lesson in joined)
    assert made == people_lessons(clips(tmp_path), WAYS, often=4)


def test_a_command_in_other_words_is_not_taught(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="none of the phrases"):
        as_recorded(Clip(tmp_path / "halt.wav", "halt", Command.STOP, "person", "some"), WAYS)


def test_what_is_said_keeps_its_name_in_a_room(tmp_path: Path) -> None:
    backdrops = Backdrops(ENGLISH, (), Renderer(tmp_path), 1)
    said = Clip(recording("en", "slt", "stop"), "stop", Command.STOP, "slt", "some")
    [plainly] = examples(as_recorded(said, WAYS), backdrops)
    assert plainly.way == "stop"
    lesson = PeopleLesson((said, said), "stop stop", Noise.NONE, Place(1.0, 0.35), 0, 3)
    once, again = (list(examples(lesson, backdrops)) for _ in range(2))
    assert "stop stop" in [example.way for example in once]
    for one, other in zip(once, again, strict=True):
        assert np.array_equal(one.utterance.sound, other.utterance.sound)
    [none] = examples(PeopleLesson((said,), None, Noise.NONE, None, 0, None), backdrops)
    assert none.way is None


def test_a_network_that_learns_more_phrases_keeps_what_it_knows() -> None:
    chance = np.random.default_rng(1)
    before: Network = {
        "way": chance.standard_normal((HIDDEN, 3)).astype(np.float32),
        "way_bias": np.array([1.0, 2.0, 3.0], np.float32),
        "other": np.ones(1),
    }
    after = grown(before, ["stop", "go"], ["go", "ouch", "stop"], 1)
    assert after["way"].shape == (HIDDEN, 4)
    assert np.array_equal(after["way"][:, [2, 0, 3]], before["way"])
    assert after["way_bias"].tolist() == [2.0, 1.0, 1.0, 3.0]
    assert after["other"] is before["other"]
