from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from voicecoach.audio.clip import Clip
from voicecoach.speech.clip_cache import ClipCache, KeptClip, default_directory


def clip(seed: int = 1, frames: int = 4800) -> Clip:
    samples = np.rint(np.random.default_rng(seed).uniform(-0.5, 0.5, frames) * 32768) / 32768
    return Clip(samples.astype(np.float32), (10, 20))


def same(first: Clip | KeptClip | None, second: Clip) -> bool:
    return (
        first is not None
        and np.array_equal(first.samples, second.samples)
        and first.timing == second.timing
        and first.samples.dtype == np.float32
    )


def only_file(directory: Path) -> Path:
    (path,) = directory.iterdir()
    return path


def test_a_clip_comes_back_exactly_in_another_process_of_the_coach(tmp_path: Path) -> None:
    ClipCache(tmp_path).put("engine", "Hold.", clip())
    assert same(ClipCache(tmp_path).get("engine", "Hold."), clip())


def test_another_text_or_engine_is_another_clip(tmp_path: Path) -> None:
    cache = ClipCache(tmp_path)
    cache.put("engine", "Hold.", clip())
    assert cache.get("engine", "Hold") is None
    assert cache.get("other", "Hold.") is None


def test_what_is_said_cannot_be_read_from_the_files(tmp_path: Path) -> None:
    ClipCache(tmp_path).put("engine", "SECRET", clip())
    assert b"SECRET" not in only_file(tmp_path).read_bytes()


@pytest.mark.parametrize("damage", ["empty", "truncated", "changed", "other"])
def test_a_damaged_file_is_removed_and_counts_as_missing(tmp_path: Path, damage: str) -> None:
    cache = ClipCache(tmp_path)
    cache.put("engine", "Hold.", clip())
    path = only_file(tmp_path)
    data = bytearray(path.read_bytes())
    match damage:
        case "empty":
            data = bytearray()
        case "truncated":
            del data[len(data) // 2 :]
        case "changed":
            data[len(data) // 2] ^= 0x10
        case "other":
            data = bytearray(b"RIFF nothing of ours")
    path.write_bytes(data)
    assert cache.get("engine", "Hold.") is None
    assert not path.exists()


def test_a_file_with_the_sound_of_another_clip_counts_as_missing(tmp_path: Path) -> None:
    cache = ClipCache(tmp_path)
    cache.put("engine", "Hold.", clip(1))
    path = only_file(tmp_path)
    notes = path.read_bytes().partition(b"\n")[0]
    cache.put("engine", "Hold.", clip(2))
    path.write_bytes(notes + b"\n" + path.read_bytes().partition(b"\n")[2])
    assert cache.get("engine", "Hold.") is None


def test_a_clip_that_was_replaced_since_it_was_found_is_not_taken_for_it(tmp_path: Path) -> None:
    cache = ClipCache(tmp_path)
    cache.put("engine", "Hold.", clip(1))
    found = cache.get("engine", "Hold.")
    cache.put("engine", "Hold.", clip(2))
    assert found is not None
    with pytest.raises(ValueError, match="another clip"):
        _ = found.samples


def test_the_clips_not_used_for_longest_make_room(tmp_path: Path) -> None:
    cache = ClipCache(tmp_path, largest_bytes=25_000)
    for age, text in enumerate(["new", "middle", "old"]):
        cache.put("engine", text, clip(age))
        newest = max(tmp_path.iterdir(), key=lambda path: path.stat().st_mtime)
        os.utime(newest, (1_000_000_000 - age, 1_000_000_000 - age))
    assert cache.get("engine", "old") is not None  # used again: no longer the oldest
    cache.prune()
    assert cache.get("engine", "middle") is None
    assert cache.get("engine", "new") is not None
    assert cache.get("engine", "old") is not None


def test_what_a_power_cut_left_is_cleared_away(tmp_path: Path) -> None:
    old, young = tmp_path / ".a.part", tmp_path / ".b.part"
    old.touch()
    young.touch()
    os.utime(old, (1_000_000_000, 1_000_000_000))
    ClipCache(tmp_path).prune()
    assert not old.exists()
    assert young.exists()


def test_without_a_usable_directory_it_works_in_memory_and_says_so_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()
    cache = ClipCache(tmp_path / "file" / "clips")
    cache.put("engine", "a", clip(1))
    cache.put("engine", "b", clip(2))
    cache.prune()
    assert same(cache.get("engine", "a"), clip(1))
    assert same(cache.get("engine", "b"), clip(2))
    message = capsys.readouterr().err
    assert message.count("\n") == 1
    assert "cannot keep the coach's sentences" in message


def test_a_directory_that_goes_away_is_told_once_and_loses_no_clip_of_this_session(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    directory = tmp_path / "clips"
    cache = ClipCache(directory)
    directory.rmdir()
    cache.put("engine", "a", clip(1))
    cache.put("engine", "b", clip(2))
    assert same(cache.get("engine", "a"), clip(1))
    assert capsys.readouterr().err.count("\n") == 1


def test_memory_can_be_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    cache = ClipCache(None)
    cache.put("engine", "a", clip())
    assert same(cache.get("engine", "a"), clip())
    assert capsys.readouterr().err == ""


def test_clips_are_kept_in_the_cache_of_the_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert default_directory() == tmp_path / "voicecoach" / "clips"
