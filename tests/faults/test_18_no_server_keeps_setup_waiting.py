"""Whatever a server or an address is like, `setup` ends with one line, and nothing of a server steers a terminal."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.cli.conftest import CommandLine, assert_one_message, home, voicecoach
from tests.models.telling import Told
from voicecoach.errors import EXIT_NO_MODEL, EXIT_USAGE, ModelError, UsageError, VoicecoachError
from voicecoach.models.fetching import Patience, Pin, check_address, fetch, part_of

__all__ = ["home", "voicecoach"]

PIN = Pin(100_000, "0" * 64)
IMPATIENT = Patience(silence_s=0.3, window_s=0.3, least_bytes=1_000, tries=2, pause_s=0.01)
OK = b"HTTP/1.1 200 OK\r\n"

Answer = Callable[[socket.socket], None]


def endless(begin: bytes, again: bytes) -> Answer:
    """Answer with something, and then with the same little thing again and again."""

    def answer(connection: socket.socket) -> None:
        connection.sendall(begin)
        while not ENDED.wait(0.02):
            connection.sendall(again)

    return answer


def at_once(everything: bytes) -> Answer:
    return lambda connection: connection.sendall(everything)


ENDED = threading.Event()
SLOW = {
    "headers, a letter at a time": endless(OK + b"X: ", b"x"),
    "headers without end": endless(OK, b"X: y\r\n"),
    "a status line without end": endless(b"HTTP/1.1 200 ", b"x"),
    "continue, again and again": endless(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "the size of a chunk without end": endless(OK + b"Transfer-Encoding: chunked\r\n\r\n", b"0"),
    "chunks of a byte": endless(OK + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
    "trailers without end": endless(OK + b"Transfer-Encoding: chunked\r\n\r\n0\r\n", b"X: y\r\n"),
    "nothing at all": endless(b"", b""),
}
ODD = {
    "a length of 5,000 digits": at_once(OK + b"Content-Length: " + b"9" * 5_000 + b"\r\n\r\nx"),
    "a negative length": at_once(OK + b"Content-Length: -5\r\n\r\nx"),
    "two lengths": at_once(OK + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello"),
    "an odd length": at_once(OK + b"Content-Length: \xff\x00\r\n\r\nx"),
    "a bad chunk": at_once(OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nhello"),
    "a negative chunk": at_once(OK + b"Transfer-Encoding: chunked\r\n\r\n-5\r\nhello"),
    "a huge chunk": at_once(OK + b"Transfer-Encoding: chunked\r\n\r\n" + b"f" * 40 + b"\r\nhello"),
    "no status": at_once(b"\x1b[31mred\r\n\r\n"),
    "an odd status": at_once(b"HTTP/1.1 \x1b[2J what\r\n\r\n"),
    "a status of many digits": at_once(b"HTTP/1.1 " + b"2" * 5_000 + b" OK\r\n\r\n"),
    "letters that steer": at_once(b"HTTP/1.1 404 \x1b]0;title\x07\x9b31m\r\n\r\n"),
    "an address that is none": at_once(b"HTTP/1.1 302 Found\r\nLocation: http://[::1/x\r\n\r\n"),
    "an address that steers": at_once(b"HTTP/1.1 302 Found\r\nLocation: http://\x1b[31m/x\r\n\r\n"),
    "an address on the disk": at_once(b"HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd\r\n\r\n"),
    "a port out of range": at_once(b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:99999/x\r\n\r\n"),
    "packed": at_once(OK + b"Content-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello"),
    "the end": at_once(b""),
    "a header of a megabyte": at_once(OK + b"X: " + b"x" * 1_000_000 + b"\r\n\r\n"),
    "a thousand headers": at_once(OK + b"X: y\r\n" * 1_000 + b"\r\n"),
}


@contextmanager
def served(answer: Answer) -> Iterator[str]:
    """Serve on this machine, and give the address."""
    ENDED.clear()

    def serve() -> None:
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            with connection, suppress(OSError):
                connection.recv(4096)
                answer(connection)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}/model.zip"
        finally:
            ENDED.set()
            listening.shutdown(socket.SHUT_RDWR)
    thread.join()


def failure(answer: Answer, folder: Path) -> str:
    with served(answer) as url, pytest.raises(ModelError) as caught:
        fetch(url, folder / "model.zip", PIN, Told(), patience=IMPATIENT)
    assert not (folder / "model.zip").exists()
    return str(caught.value)


@pytest.mark.parametrize("manner", SLOW)
def test_a_server_that_keeps_one_waiting_is_given_up(manner: str, tmp_path: Path) -> None:
    assert "Cannot fetch" in failure(SLOW[manner], tmp_path)


@pytest.mark.parametrize("manner", ODD)
def test_an_odd_answer_is_one_line_without_a_character_that_steers(manner: str, tmp_path: Path) -> None:
    message = failure(ODD[manner], tmp_path)
    assert "\n" not in message
    assert message.isprintable()


@pytest.mark.parametrize(
    "url",
    ["http://[::1/x", "https://", "https:///x", "http://a:99999/", "https://a b/", "https://a\0b/", "ftp://a/x",
     "https://" + "a" * 5_000, "https://user:word@/x", "//x/y", "https://[v1.x]/", "https://\u202ea/"],
)  # fmt: skip
def test_an_address_that_is_none_is_refused_in_one_line(url: str, voicecoach: CommandLine) -> None:
    if "\0" not in url and "://" in url:
        outcome = voicecoach("setup", "--from", url)
        assert outcome.code in (EXIT_USAGE, EXIT_NO_MODEL)
        assert len(outcome.err.splitlines()) <= 2
        assert "our bug" not in outcome.err


@given(st.text(max_size=30))
def test_whatever_the_address_it_is_one_or_refused(text: str) -> None:
    with suppress(UsageError):
        check_address(f"http://{text}", plain_http=True)


@settings(max_examples=20)
@given(st.binary(max_size=80))
def test_whatever_a_server_sends_it_is_refused(tmp_path_factory: pytest.TempPathFactory, sent: bytes) -> None:
    folder = tmp_path_factory.mktemp("fetched")
    patience = Patience(silence_s=0.2, window_s=0.2, least_bytes=1, tries=1, pause_s=0.0)
    with served(at_once(b"HTTP/1.1 " + sent)) as url, pytest.raises(VoicecoachError):
        fetch(url, folder / "model.zip", PIN, Told(), patience=patience)


def test_a_fifo_in_place_of_what_has_arrived_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(part_of(tmp_path / "model.zip"))
    with served(at_once(b"")) as url, pytest.raises(OSError, match="not an ordinary file"):
        fetch(url, tmp_path / "model.zip", PIN, Told(), patience=IMPATIENT)


def test_a_name_that_is_not_found_is_told(voicecoach: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody(*_: object, **__: object) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", nobody)
    assert_one_message(
        voicecoach("setup", "--from", "https://model.invalid/x.zip"), EXIT_NO_MODEL, "its name is not found"
    )
