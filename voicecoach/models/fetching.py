"""One file from the network, known by its length and its checksum beforehand.

What arrives goes into `TARGET.part`, which stays when the connection breaks, the power goes or a person presses Ctrl-C,
and is continued the next time. Nothing is believed of a server, a proxy or an older part but the checksum of the whole
file: only a part that has it becomes the target.
"""

from __future__ import annotations

import hashlib
import http.client
import ipaddress
import os
import re
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import IO, BinaryIO
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import (
    HTTPHandler,
    HTTPRedirectHandler,
    HTTPSHandler,
    OpenerDirector,
    ProxyHandler,
    Request,
    build_opener,
)

from voicecoach import __version__
from voicecoach.atomic_file import open_ordinary
from voicecoach.errors import ModelError, UsageError
from voicecoach.models.report import Report, Step

_CHUNK_BYTES = 64 * 1024
_CONTENT_RANGE = re.compile(r"bytes (\d{1,15})-\d{1,15}/(\d{1,15}|\*)")
_MAY_PASS = frozenset({408, 425, 429})
"""Refusals that are of the moment, like all from 500 on."""


@dataclass(frozen=True, slots=True)
class Pin:
    """A file as it was published."""

    size_bytes: int
    sha256: str
    """In lower-case hexadecimal."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a slow or broken network is put up with."""

    silence_s: float = 20.0
    """Longest wait for a connection, and for the next byte."""
    window_s: float = 60.0
    """Within this time, `least_bytes` have to arrive: a byte now and then is a stall too."""
    least_bytes: int = 32 * 1024
    tries: int = 4
    """Connections in a row that may bring nothing new."""
    pause_s: float = 2.0
    """Before the next connection; doubled each time that nothing new arrived."""


class _BrokenError(Exception):
    """This connection is of no more use; another may be. The text says why."""


def part_of(target: Path) -> Path:
    """Return the file that grows while `target` is fetched."""
    return target.with_name(f"{target.name}.part")


def fetch(
    url: str,
    target: Path,
    pin: Pin,
    report: Report,
    *,
    plain_http: bool = False,
    patience: Patience | None = None,
) -> None:
    """Fetch what `pin` describes into `target`, continuing an earlier part.

    Addresses are HTTPS, each one that the server redirects to as well; plain HTTP only from this machine itself, or
    from anywhere with `plain_http`, and never after HTTPS. An older part that turns out wrong is thrown away, and all
    is fetched once more. Raises `ModelError` where the file cannot be had, `UsageError` for an address that is none,
    and `OSError` where the disk refuses it.
    """
    check_address(url, plain_http)
    part = part_of(target)
    watchdog = _Watchdog()
    download = _Download(url, pin, report, _opener(url, plain_http, watchdog), watchdog, patience or Patience())
    for second_time in (False, True):
        with os.fdopen(open_ordinary(part, os.O_RDWR | os.O_CREAT | os.O_APPEND), "ab") as file:
            try:
                continued = download.run(file)
                os.fsync(file.fileno())
            finally:
                if os.fstat(file.fileno()).st_size == 0:
                    part.unlink()
        with part.open("rb") as received:
            if matches(received, pin, report):
                part.replace(target)
                return
        part.unlink()
        if second_time or not continued:
            break
        report.note("What had arrived earlier was damaged; fetching all of it again.")
    raise ModelError(
        f"{url} is not the file that was published (its sha256 differs), and was thrown away; "
        "try again on another network, or bring the file by hand with --from FILE."
    )


def matches(file: BinaryIO, pin: Pin, report: Report) -> bool:
    """Tell whether an open file is the one that `pin` describes. It is left at its beginning."""
    if file.seek(0, os.SEEK_END) != pin.size_bytes:
        return False
    file.seek(0)
    hashed, done = hashlib.sha256(), 0
    while chunk := file.read(1024 * 1024):
        hashed.update(chunk)
        done += len(chunk)
        report.progress(Step.VERIFYING, done, pin.size_bytes)
    file.seek(0)
    return hashed.hexdigest() == pin.sha256


def check_address(url: str, plain_http: bool) -> None:
    """Raise `UsageError` unless files may be fetched from this address."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host = None
    if not host or not url.isprintable() or " " in url or parts.scheme not in ("http", "https"):
        raise UsageError(f"'{url[:200]}' is not an address to fetch from; give one that begins with https://.")
    if parts.scheme == "http" and not plain_http and not _is_this_machine(host):
        raise UsageError(f"{url} is not encrypted; give an address that begins with https://.")


@dataclass(frozen=True, slots=True)
class _Download:
    url: str
    pin: Pin
    report: Report
    opener: OpenerDirector
    watchdog: _Watchdog
    patience: Patience

    def run(self, file: IO[bytes]) -> bool:
        """Append to `file` until it is as long as it should be. Return whether it has pieces of several connections."""
        best, failures, continued = os.fstat(file.fileno()).st_size, 0, True
        if 0 < best < self.pin.size_bytes:
            self.report.note(f"Going on where it was left, after {best / 1e6:.1f} MB.")
        while True:
            here = os.fstat(file.fileno()).st_size
            if here == self.pin.size_bytes:
                return continued
            if here > self.pin.size_bytes:
                file.truncate(0)
                here = 0
            try:
                continued = self._receive(file, here) > 0
            except _BrokenError as broken:
                reason = str(broken)
            else:
                reason = "the connection ended too early"
            here = os.fstat(file.fileno()).st_size
            if here == self.pin.size_bytes:
                continue
            failures = 1 if here > best else failures + 1
            best = max(best, here)
            if failures >= self.patience.tries:
                raise ModelError(
                    f"Cannot fetch {self.url}: {reason}. What has arrived ({here / 1e6:.1f} MB) is kept: run the "
                    "same command again when the network is better, or bring the file by hand with --from FILE."
                )
            self.report.note(f"Trying again: {reason}.")
            time.sleep(self.patience.pause_s * 2 ** (failures - 1))

    def _receive(self, file: IO[bytes], have: int) -> int:
        """Append what one connection brings. Return the place in the file where that began."""
        headers = {"User-Agent": f"voicecoach/{__version__}", "Accept-Encoding": "identity"}
        if have:
            headers["Range"] = f"bytes={have}-"
        try:
            with self.watchdog.within(self.patience.silence_s):
                answer = self.opener.open(Request(self.url, headers=headers), timeout=self.patience.silence_s)
        except HTTPError as error:
            error.close()
            if error.code == 416 and have:
                file.truncate(0)
                raise _BrokenError("the server does not have the rest of it; starting from the beginning") from None
            if error.code in _MAY_PASS or error.code >= 500:
                raise _BrokenError(f"the server answered {error.code}") from None
            raise ModelError(
                f"Cannot fetch {self.url}: the server answered {error.code}; look whether there is a newer "
                "voicecoach, or bring the file by hand with --from FILE."
            ) from None
        except ValueError:
            raise ModelError(
                f"Cannot fetch {self.url}: the server sends on to what is no address; bring the file by hand with"
                " --from FILE."
            ) from None
        except (OSError, http.client.HTTPException) as error:
            raise self._broken(error) from None
        with answer:
            begin = self._begin(answer, have)
            if begin == 0:
                file.truncate(0)
            self._copy(answer, file, begin)
        return begin

    def _begin(self, answer: http.client.HTTPResponse, have: int) -> int:
        """Return where in the file the answer begins: where the part ends, or at zero if the server sends all of it."""
        if answer.status == 206 and have:
            told = _CONTENT_RANGE.fullmatch(answer.headers.get("Content-Range", ""))
            if not told or int(told[1]) != have:
                raise _BrokenError("the server sends another piece than it was asked for")
            begin, whole = have, told[2]
        elif answer.status == 200:
            begin, whole = 0, answer.headers.get("Content-Length", "*")
        else:
            raise _BrokenError(f"the server answered {answer.status}")
        if whole.isascii() and whole.isdigit() and whole.lstrip("0") != str(self.pin.size_bytes):
            raise _another_file(self.url, self.pin)
        return begin

    def _copy(self, answer: http.client.HTTPResponse, file: IO[bytes], done: int) -> None:
        self.report.progress(Step.FETCHING, done, self.pin.size_bytes)
        window_began, in_window = time.monotonic(), 0
        while True:
            try:
                # read1, not read: what is there now, so that a trickle is noticed.
                with self.watchdog.within(self.patience.window_s + self.patience.silence_s):
                    chunk = answer.read1(_CHUNK_BYTES)
            except (OSError, http.client.HTTPException, ValueError) as error:
                raise self._broken(error) from None
            if not chunk:
                if self.watchdog.has_barked:
                    raise self._broken(EOFError())
                return
            if done + len(chunk) > self.pin.size_bytes:
                file.truncate(0)
                raise _another_file(self.url, self.pin)
            file.write(chunk)
            file.flush()
            done += len(chunk)
            self.report.progress(Step.FETCHING, done, self.pin.size_bytes)
            in_window += len(chunk)
            if time.monotonic() - window_began > self.patience.window_s:
                if in_window < self.patience.least_bytes and done < self.pin.size_bytes:
                    raise _BrokenError("hardly anything arrives")
                window_began, in_window = time.monotonic(), 0

    def _broken(self, error: Exception) -> Exception:
        if self.watchdog.has_barked:
            return _BrokenError("what arrives does not come to an end")
        return _broken(self.url, error)


class _Watchdog:
    """Ends a connection by which a server keeps us waiting, however it does that: a time limit sees only silence."""

    def __init__(self) -> None:
        self._connections: list[socket.socket] = []
        self.has_barked = False

    def watch(self, connection: socket.socket) -> None:
        """Take another connection into account."""
        self._connections.append(connection)

    @contextmanager
    def within(self, limit_s: float) -> Iterator[None]:
        """End all connections where the block takes longer."""
        self.has_barked = False
        timer = threading.Timer(limit_s, self._bark)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()
            self._connections = [one for one in self._connections if one.fileno() >= 0]

    def _bark(self) -> None:
        self.has_barked = True
        for connection in self._connections:
            # By a descriptor of its own: an encrypted connection may not be touched by two threads.
            with suppress(OSError), socket.socket(fileno=os.dup(connection.fileno())) as same:
                same.shutdown(socket.SHUT_RDWR)


def _another_file(url: str, pin: Pin) -> ModelError:
    return ModelError(
        f"{url} is not the {pin.size_bytes} bytes that were published; look whether a sign-in page of the network is "
        "in the way or there is a newer voicecoach, or bring the file by hand with --from FILE."
    )


def _broken(url: str, error: Exception) -> Exception:
    """Return what a failure of the network means: something to try again after, or a `ModelError`."""
    cause = error.reason if isinstance(error, URLError) else error
    if isinstance(cause, ssl.SSLCertVerificationError):
        return ModelError(
            f"Cannot fetch {url}: the server's certificate is not accepted ({cause.verify_message}); see that the "
            "clock of this machine is right and that ca-certificates is installed."
        )
    if isinstance(cause, socket.gaierror):
        return ModelError(
            f"Cannot fetch {url}: its name is not found ({cause.strerror}); connect to the network, or bring the file "
            "by hand with --from FILE."
        )
    if isinstance(cause, TimeoutError):
        return _BrokenError("nothing arrived for too long")
    text = cause.strerror if isinstance(cause, OSError) and cause.strerror else str(cause) or type(cause).__name__
    return _BrokenError(" ".join(text.split())[:200])


@cache
def _certificates() -> ssl.SSLContext:
    return ssl.create_default_context()


def _opener(url: str, plain_http: bool, watchdog: _Watchdog) -> OpenerDirector:
    class Plain(http.client.HTTPConnection):
        def connect(self) -> None:
            super().connect()
            watchdog.watch(self.sock)

    class Encrypted(http.client.HTTPSConnection):
        def connect(self) -> None:
            # Before the handshake, in which a server can keep one waiting as well.
            http.client.HTTPConnection.connect(self)
            watchdog.watch(self.sock)
            self.sock = _certificates().wrap_socket(
                self.sock, server_hostname=getattr(self, "_tunnel_host", None) or self.host
            )

    class PlainHandler(HTTPHandler):
        def http_open(self, req: Request) -> http.client.HTTPResponse:
            return self.do_open(Plain, req)

    class EncryptedHandler(HTTPSHandler):
        def https_open(self, req: Request) -> http.client.HTTPResponse:
            return self.do_open(Encrypted, req)

    # What begins encrypted stays encrypted.
    encrypted = urlsplit(url).scheme == "https"
    # A proxy cannot reach this machine.
    proxies = ProxyHandler({}) if _is_this_machine(urlsplit(url).hostname or "") else ProxyHandler()
    return build_opener(proxies, PlainHandler(), EncryptedHandler(), _Redirects(encrypted, plain_http))


class _Redirects(HTTPRedirectHandler):
    max_redirections = 5

    def __init__(self, encrypted: bool, plain_http: bool) -> None:
        self._encrypted = encrypted
        self._plain_http = plain_http

    def redirect_request(  # noqa: PLR0917 - the library's signature
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: http.client.HTTPMessage, newurl: str
    ) -> Request | None:
        try:
            check_address(newurl, self._plain_http)
            refused = self._encrypted and urlsplit(newurl).scheme != "https"
        except UsageError:
            refused = True
        if refused:
            raise ModelError(
                f"Cannot fetch {req.full_url}: it redirects to {newurl[:200]!r}, which is not encrypted; "
                "bring the file by hand with --from FILE."
            )
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _is_this_machine(host: str) -> bool:
    with suppress(ValueError):
        return ipaddress.ip_address(host).is_loopback
    return host == "localhost"
