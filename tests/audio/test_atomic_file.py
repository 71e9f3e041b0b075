from __future__ import annotations

import resource
from pathlib import Path

import pytest

from voicecoach.atomic_file import AtomicFile, AtomicTextFile
from voicecoach.errors import UsageError


def test_a_file_appears_only_when_it_is_complete(tmp_path: Path) -> None:
    path = tmp_path / "session.jsonl"
    file = AtomicTextFile(path)
    file.write("발가락\n")
    assert not path.exists()
    file.close()
    file.close()
    assert path.read_text(encoding="utf-8") == "발가락\n"
    assert list(tmp_path.iterdir()) == [path]


def test_a_discarded_file_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_text("before")
    file = AtomicTextFile(path)
    file.write("after")
    file.discard()
    file.close()
    assert path.read_text() == "before"
    assert list(tmp_path.iterdir()) == [path]


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "real")
    with AtomicTextFile(tmp_path / "link") as file:
        file.write("text")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_text() == "text"


@pytest.mark.parametrize("name", [".", "missing/file", "x" * 250, "nul\0"])
def test_a_path_that_cannot_be_written_is_refused_when_it_is_opened(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError) as caught:
        AtomicFile(tmp_path / name)
    assert "\n" not in str(caught.value)
    assert "; give" in str(caught.value)


def test_a_device_is_never_replaced_by_a_file() -> None:
    with pytest.raises(UsageError, match="not an ordinary file"):
        AtomicFile(Path("/dev/null"))
    assert not Path("/dev/null").is_file()


def test_a_full_disk_is_told_in_one_line_and_nothing_is_left(tmp_path: Path) -> None:
    file = AtomicFile(tmp_path / "a")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, before[1]))
    try:
        with pytest.raises(UsageError, match="File too large; give"):
            file.write(b"x" * 100_000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert list(tmp_path.iterdir()) == []
