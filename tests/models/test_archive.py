"""Archives that are made to hurt, or just wrong: refused as a whole, before a byte is written."""

from __future__ import annotations

import hashlib
import io
import random
import stat
import struct
import zipfile
from pathlib import Path

import pytest

from tests.models.telling import Told
from voicecoach.errors import ModelError
from voicecoach.models.archive import MOST_MEMBERS, unpack, unpacked_bytes
from voicecoach.models.report import Step

NAME = "vosk-model-small-xx-0.1"
GOOD = {"README": b"a model", "am/final.mdl": b"acoustics" * 500, "conf/mfcc.conf": b"--rate=16000\n"}


def archive(more: dict[str, bytes] | None = None, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Zip the good files, and more under their whole names."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as made:
        made.mkdir(NAME)
        for path, content in GOOD.items():
            made.writestr(f"{NAME}/{path}", content)
        for path, content in (more or {}).items():
            made.writestr(path, content)
    return buffer.getvalue()


def refusal(content: bytes, tmp_path: Path) -> str:
    into = tmp_path / "new"
    into.mkdir()
    with pytest.raises(ModelError) as caught:
        unpack(io.BytesIO(content), NAME, into, Told())
    message = str(caught.value)
    assert message.startswith("The archive of the speech model is refused: ")
    assert "\n" not in message
    assert [path.name for path in tmp_path.iterdir()] == ["new"]
    return message


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_the_files_of_a_model_are_unpacked_with_their_checksums(tmp_path: Path, method: int) -> None:
    told, content = Told(), archive(method=method)
    sums = unpack(io.BytesIO(content), NAME, tmp_path, told)
    assert sums == {path: hashlib.sha256(expected).hexdigest() for path, expected in GOOD.items()}
    assert {path: (tmp_path / path).read_bytes() for path in GOOD} == GOOD
    total = sum(map(len, GOOD.values()))
    assert told.done == {Step.UNPACKING: (total, total)}
    assert unpacked_bytes(io.BytesIO(content), NAME) == total


def test_files_that_no_model_needs_are_left_out(tmp_path: Path) -> None:
    more = {
        f"{NAME}/{path}": b"x" for path in ("run.sh", "graph/inner.zip", "am/final.mdl.py", "conf/", "graph/Gr.fst/")
    }
    unpack(io.BytesIO(archive(more)), NAME, tmp_path, Told())
    assert sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()) == sorted(GOOD)


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("../escaped", "leads out"),
        (f"{NAME}/../../escaped", "leads out"),
        (f"{NAME}/./README", "leads out"),
        (f"{NAME}//README", "leads out"),
        ("/tmp/escaped", "leads out"),
        ("/", "leads out"),
        ("C:\\escaped", "not a plain name"),
        (f"{NAME}\\..\\escaped", "not a plain name"),
        (f"{NAME}/line\nbreak", "not a plain name"),
        ("another/README", "is not in the folder"),
        ("README", "is not in the folder"),
        (NAME, "is not in the folder"),
        (f"{NAME}.zip", "is not in the folder"),
        (f"{NAME}/readme", "twice"),
    ],
)
def test_a_path_that_does_not_belong_is_refused(tmp_path: Path, path: str, why: str) -> None:
    assert why in refusal(archive({path: b"evil"}), tmp_path)


def test_a_name_with_a_zero_byte_is_refused(tmp_path: Path) -> None:
    content = archive({f"{NAME}/README2?": b"evil"}).replace(b"README2?", b"README\0?")
    assert "not a plain name" in refusal(content, tmp_path)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_name_that_occurs_twice_is_refused(tmp_path: Path) -> None:
    assert "twice" in refusal(archive({f"{NAME}/README": b"another"}), tmp_path)


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR, stat.S_IFSOCK])
@pytest.mark.parametrize("path", ["conf/model.conf", "unneeded"])
def test_links_and_devices_are_refused(tmp_path: Path, kind: int, path: str) -> None:
    buffer = io.BytesIO(archive())
    with zipfile.ZipFile(buffer, "a") as made:
        link = zipfile.ZipInfo(f"{NAME}/{path}")
        link.external_attr = (kind | 0o777) << 16
        made.writestr(link, "/etc/passwd")
    assert "a link or a device" in refusal(buffer.getvalue(), tmp_path)


def test_what_is_encrypted_is_refused(tmp_path: Path) -> None:
    content = bytearray(archive())
    # The flags of the last member in the directory at the archive's end.
    content[content.rindex(b"PK\x01\x02") + 8] |= 1
    assert "is encrypted" in refusal(bytes(content), tmp_path)


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_unusual_compression_is_refused(tmp_path: Path, method: int) -> None:
    assert "compressed in a way" in refusal(archive(method=method), tmp_path)


def test_a_bomb_is_refused(tmp_path: Path) -> None:
    assert "would unpack to" in refusal(archive({f"{NAME}/graph/Gr.fst": b"\0" * 5_000_000}), tmp_path)


def test_a_bomb_that_lies_about_its_size_is_refused(tmp_path: Path) -> None:
    content = bytearray(archive({f"{NAME}/graph/Gr.fst": b"\0" * 5_000_000}))
    struct.pack_into("<I", content, content.rindex(b"PK\x01\x02") + 24, 1000)
    assert "cannot be read" in refusal(bytes(content), tmp_path)
    assert sum(path.stat().st_size for path in tmp_path.rglob("*.fst")) <= 1000


def test_an_archive_of_too_many_files_is_refused(tmp_path: Path) -> None:
    more = {f"{NAME}/{number}": b"" for number in range(MOST_MEMBERS)}
    assert f"holds {MOST_MEMBERS + 4} files" in refusal(archive(more), tmp_path)


@pytest.mark.parametrize("content", [b"", b"PK", b"<html>", archive()[:-30], archive()[:300]])
def test_what_is_no_archive_is_refused(tmp_path: Path, content: bytes) -> None:
    assert "cannot be read" in refusal(content, tmp_path)


def test_a_damaged_member_is_refused(tmp_path: Path) -> None:
    content = archive(method=zipfile.ZIP_STORED).replace(b"--rate=16000", b"--rate=96000")
    assert "cannot be read" in refusal(content, tmp_path)


@pytest.mark.parametrize("seed", range(40))
def test_whatever_is_damaged_in_an_archive_it_is_refused_or_unpacked_right(tmp_path: Path, seed: int) -> None:
    chance, content = random.Random(seed), bytearray(archive())
    for _ in range(3):
        content[chance.randrange(len(content))] = chance.randrange(256)
    try:
        unpack(io.BytesIO(bytes(content)), NAME, tmp_path, Told())
    except ModelError:
        return
    for path in tmp_path.rglob("*"):
        if path.is_file():
            assert path.read_bytes() == GOOD[str(path.relative_to(tmp_path))]
