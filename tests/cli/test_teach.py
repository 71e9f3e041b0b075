from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from voicecoach.cli.main import main
from voicecoach.errors import EXIT_DONE, EXIT_NO_MODEL, EXIT_USAGE
from voicecoach.language.pack import load_pack
from voicecoach.listening.person import profile_path, read_profile, teachable
from voicecoach.rehearsal.voices import recording

PACK = load_pack("en")


@pytest.fixture(autouse=True)
def own_data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))


@pytest.fixture
def lessons(tmp_path: Path) -> Path:
    folder = tmp_path / "me"
    folder.mkdir()
    for number, voice in enumerate(("slt", "rms"), 1):
        for phrase in ("repeat", "other foot"):
            shutil.copy(recording("en", voice, phrase), folder / f"{phrase.replace(' ', '-')}-{number}.flac")
    return folder


def test_the_coach_learns_from_recordings_shows_it_and_forgets_it(
    lessons: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = lessons / "repeat-1.flac"
    shutil.copy(recording("en", "awb", "explain"), lessons / "repeat-3.flac")
    assert main(["teach", "--recordings", str(lessons)]) == EXIT_DONE
    told = capsys.readouterr().err
    assert "Left aside, because they do not sound like their phrase: repeat-3.flac." in told
    assert "Learnt how you say 2 of 2 phrases." in told
    path = profile_path("en")
    assert set(read_profile(path, PACK).sayings) == {"repeat", "other foot"}
    assert [file.name for file in path.parent.iterdir()] == [path.name]
    assert path.stat().st_size < 4_000

    assert main(["config"]) == EXIT_DONE
    assert "2 phrases" in capsys.readouterr().out
    assert main(["listen", "--from", str(said), "--json"]) == EXIT_DONE
    assert '"command": "repeat"' in capsys.readouterr().out

    path.write_text("{}")
    assert main(["listen", "--from", str(lessons / "other-foot-1.flac"), "--json"]) == EXIT_DONE
    heard = capsys.readouterr()
    assert '"command": "switch"' in heard.out
    assert "Hearing without what was taught" in heard.err

    assert main(["teach", "--forget"]) == EXIT_DONE
    assert not path.exists()
    assert main(["teach", "--forget"]) == EXIT_DONE
    assert "Nothing was taught yet" in capsys.readouterr().err


def test_one_recording_of_each_phrase_teaches_nothing_and_changes_nothing(
    lessons: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for file in lessons.glob("*-2.flac"):
        file.unlink()
    assert main(["teach", "--recordings", str(lessons)]) == EXIT_USAGE
    assert "two or three recordings of each" in capsys.readouterr().err
    assert not profile_path("en").exists()


def test_two_people_cannot_be_taught_at_once(lessons: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("anna", "ben"):
        (lessons / name).mkdir()
        shutil.copy(lessons / "repeat-1.flac", lessons / name / "repeat.flac")
    assert main(["teach", "--recordings", str(lessons)]) == EXIT_USAGE
    assert "several people" in capsys.readouterr().err


def test_by_voice_only_a_language_that_can_be_taught_is_taught(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["teach", "--language", "ko"]) == EXIT_NO_MODEL
    assert "teach in English" in capsys.readouterr().err


def test_what_is_taught_by_voice_is_every_phrase_that_is_long_enough() -> None:
    phrases = teachable(PACK)
    assert set(PACK.all_phrases) - set(phrases) == {"go", "no"}
    assert phrases == tuple(phrase for phrase in PACK.all_phrases if phrase in phrases)
