"""Fetching from a server on this machine that does all the wrong things."""

from __future__ import annotations

import hashlib
import random
from pathlib import Path

import pytest

from tests.fakes.model_server import Manner, ModelServer, serving
from tests.models.telling import Told
from voicecoach.errors import ModelError, UsageError
from voicecoach.models.fetching import Patience, Pin, check_address, fetch, part_of
from voicecoach.models.report import Step

CONTENT = random.Random(33).randbytes(300_000)
PIN = Pin(len(CONTENT), hashlib.sha256(CONTENT).hexdigest())
IMPATIENT = Patience(silence_s=1.0, window_s=0.5, least_bytes=1000, tries=3, pause_s=0.0)
HALF = len(CONTENT) // 2


def fetched(tmp_path: Path, *manners: Manner, part: bytes = b"") -> tuple[ModelServer, Told]:
    """Fetch, with an older part if one is given; it must succeed."""
    target = tmp_path / "model.zip"
    if part:
        part_of(target).write_bytes(part)
    told = Told()
    with serving(ModelServer(CONTENT, list(manners), cut_bytes=100_000)) as server:
        fetch(server.url, target, PIN, told, patience=IMPATIENT)
    assert target.read_bytes() == CONTENT
    assert not part_of(target).exists()
    return server, told


def refused(
    tmp_path: Path, *manners: Manner, part: bytes = b"", cut_bytes: int = 100_000, elsewhere: str = ""
) -> tuple[str, ModelServer, int]:
    """Fetch; it must fail. Return the message, the server, and how long the part is that is left."""
    target = tmp_path / "model.zip"
    if part:
        part_of(target).write_bytes(part)
    served = ModelServer(CONTENT, list(manners), cut_bytes=cut_bytes, elsewhere=elsewhere)
    with serving(served) as server, pytest.raises(ModelError) as caught:
        fetch(server.url, target, PIN, Told(), patience=IMPATIENT)
    assert not target.exists()
    message = str(caught.value)
    assert "\n" not in message
    left = part_of(target)
    return message, server, left.stat().st_size if left.exists() else 0


def test_a_file_arrives_and_its_progress_is_told(tmp_path: Path) -> None:
    server, told = fetched(tmp_path, Manner.WELL)
    assert server.ranges == [None]
    assert told.done == {
        Step.FETCHING: (PIN.size_bytes, PIN.size_bytes),
        Step.VERIFYING: (PIN.size_bytes, PIN.size_bytes),
    }


def test_an_older_part_is_continued(tmp_path: Path) -> None:
    server, told = fetched(tmp_path, Manner.WELL, part=CONTENT[:HALF])
    assert server.ranges == [f"bytes={HALF}-"]
    assert told.notes == ["Going on where it was left, after 0.1 MB."]


def test_a_part_that_is_complete_needs_no_network(tmp_path: Path) -> None:
    server, _ = fetched(tmp_path, Manner.NOT_FOUND, part=CONTENT)
    assert server.ranges == []


@pytest.mark.parametrize("part", [b"x" * HALF, b"x" * len(CONTENT)])
def test_a_damaged_part_is_thrown_away_and_all_is_fetched_once_more(tmp_path: Path, part: bytes) -> None:
    server, told = fetched(tmp_path, Manner.WELL, part=part)
    assert server.ranges[-1] is None
    assert "damaged" in told.notes[-1]


def test_a_part_that_is_too_long_is_begun_anew(tmp_path: Path) -> None:
    server, _ = fetched(tmp_path, Manner.WELL, part=CONTENT + b"more")
    assert server.ranges == [None]


def test_a_server_that_cannot_continue_sends_all_of_it(tmp_path: Path) -> None:
    server, _ = fetched(tmp_path, Manner.IGNORE_RANGE, part=CONTENT[:HALF])
    assert server.ranges == [f"bytes={HALF}-"]


def test_a_server_that_denies_the_rest_is_asked_for_all(tmp_path: Path) -> None:
    server, _ = fetched(tmp_path, Manner.NO_SUCH_RANGE, Manner.WELL, part=CONTENT[:HALF])
    assert server.ranges == [f"bytes={HALF}-", None]


def test_a_broken_connection_is_continued_as_long_as_something_arrives(tmp_path: Path) -> None:
    server, _ = fetched(tmp_path, Manner.CUT)
    assert server.ranges == [None, "bytes=100000-", "bytes=200000-"]


@pytest.mark.parametrize("manner", [Manner.BROKEN, Manner.STALL, Manner.TRICKLE, Manner.NO_HTTP])
def test_trouble_that_passes_is_waited_for(tmp_path: Path, manner: Manner) -> None:
    _, told = fetched(tmp_path, manner, Manner.WELL)
    assert told.notes[0].startswith("Trying again: ")


@pytest.mark.parametrize(
    ("manner", "why", "kept"),
    [
        (Manner.BROKEN, "the server answered 500", 0),
        (Manner.CUT_SAME_PLACE, "ended too early", 100_000),
        (Manner.NO_HTTP, "Cannot fetch", 0),
    ],
)
def test_trouble_that_stays_is_told_and_what_arrived_is_kept(
    tmp_path: Path, manner: Manner, why: str, kept: int
) -> None:
    message, server, left = refused(tmp_path, manner)
    assert why in message
    assert "is kept" in message
    assert left == kept
    assert len(server.ranges) in (IMPATIENT.tries, IMPATIENT.tries + 1)


def test_a_stalling_server_is_given_up_and_its_part_is_kept(tmp_path: Path) -> None:
    message, _, left = refused(tmp_path, Manner.STALL, part=CONTENT[:HALF], cut_bytes=0)
    assert "nothing arrived for too long" in message
    assert left == HALF


def test_a_missing_file_is_told_at_once(tmp_path: Path) -> None:
    message, server, _ = refused(tmp_path, Manner.NOT_FOUND, part=CONTENT[:HALF])
    assert "the server answered 404" in message
    assert len(server.ranges) == 1


def test_a_damaged_file_is_thrown_away_and_not_fetched_again(tmp_path: Path) -> None:
    message, server, left = refused(tmp_path, Manner.DAMAGED)
    assert "its sha256 differs" in message
    assert (len(server.ranges), left) == (1, 0)


def test_a_damaged_end_is_fetched_once_more_and_then_given_up(tmp_path: Path) -> None:
    message, server, left = refused(tmp_path, Manner.DAMAGED, part=CONTENT[:HALF])
    assert "its sha256 differs" in message
    assert (server.ranges, left) == ([f"bytes={HALF}-", None], 0)


@pytest.mark.parametrize("manner", [Manner.ANOTHER_LENGTH, Manner.WITHOUT_LENGTH_TOO_LONG])
def test_another_file_is_noticed_by_its_length(tmp_path: Path, manner: Manner) -> None:
    message, server, left = refused(tmp_path, manner)
    assert f"is not the {len(CONTENT)} bytes that were published" in message
    assert (len(server.ranges), left) == (1, 0)


def test_another_piece_than_asked_for_is_not_appended(tmp_path: Path) -> None:
    message, _, left = refused(tmp_path, Manner.ANOTHER_PIECE, part=CONTENT[:HALF])
    assert "another piece" in message
    assert left == HALF


def test_a_redirect_is_followed_and_the_part_continued(tmp_path: Path) -> None:
    server, _ = fetched(tmp_path, Manner.REDIRECT, Manner.WELL, part=CONTENT[:HALF])
    assert server.ranges == [f"bytes={HALF}-"] * 2


def test_redirects_without_end_are_left(tmp_path: Path) -> None:
    message, _, _ = refused(tmp_path, Manner.REDIRECT)
    assert "the server answered 302" in message


@pytest.mark.parametrize("elsewhere", ["http://models.invalid/x.zip", "file:///etc/passwd", "ftp://127.0.0.1/x"])
def test_a_redirect_to_what_is_not_encrypted_is_not_followed(tmp_path: Path, elsewhere: str) -> None:
    message, server, _ = refused(tmp_path, Manner.REDIRECT, elsewhere=elsewhere)
    assert "which is not encrypted" in message or "the server answered 302" in message
    assert len(server.ranges) == 1


def test_nobody_listening_is_told(tmp_path: Path) -> None:
    with serving(ModelServer(CONTENT)) as gone:
        pass
    with pytest.raises(ModelError, match="Connection refused"):
        fetch(gone.url, tmp_path / "model.zip", PIN, Told(), patience=IMPATIENT)


def test_a_server_without_a_certificate_is_told(tmp_path: Path) -> None:
    with serving(ModelServer(CONTENT)) as plain, pytest.raises(ModelError, match="Cannot fetch"):
        fetch(plain.url.replace("http:", "https:"), tmp_path / "model.zip", PIN, Told(), patience=IMPATIENT)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "x.zip",
        "file:///x.zip",
        "ftp://a/x.zip",
        "https://",
        "https://a b/",
        "https://[",
        "https://a/\n",
        "https://a:b/",
    ],
)
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(UsageError, match="is not an address to fetch from"):
        check_address(url, plain_http=True)


@pytest.mark.parametrize("url", ["http://models.invalid/x", "http://localhost.invalid/x", "http://128.0.0.1/x"])
def test_plain_http_is_only_for_this_machine(url: str) -> None:
    with pytest.raises(UsageError, match="not encrypted"):
        check_address(url, plain_http=False)
    check_address(url, plain_http=True)


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8/x", "http://[::1]/x", "http://localhost/x", "https://models.invalid/x"]
)
def test_encrypted_addresses_and_this_machine_are_taken(url: str) -> None:
    check_address(url, plain_http=False)
