"""A web server on this machine that serves one file, and misbehaves in the ways that were asked of it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from enum import StrEnum, auto
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import quote


class Manner(StrEnum):
    """How one request is answered."""

    WELL = auto()
    IGNORE_RANGE = auto()
    NO_SUCH_RANGE = auto()
    ANOTHER_PIECE = auto()
    CUT = auto()
    """Break the connection after `ModelServer.cut_bytes`."""
    CUT_SAME_PLACE = auto()
    """Ignore where the client wants to go on, and break at the same place."""
    STALL = auto()
    """Send `ModelServer.cut_bytes`, and then nothing more."""
    TRICKLE = auto()
    """Send a byte at a time, for as long as the client listens."""
    WITHOUT_LENGTH_TOO_LONG = auto()
    ANOTHER_LENGTH = auto()
    DAMAGED = auto()
    NOT_FOUND = auto()
    BROKEN = auto()
    REDIRECT = auto()
    """To `ModelServer.elsewhere`."""
    NO_HTTP = auto()


@dataclass
class ModelServer:
    """What is served. Each request takes the next manner; the last one stays."""

    content: bytes
    manners: list[Manner] = field(default_factory=lambda: [Manner.WELL])
    cut_bytes: int = 0
    elsewhere: str = ""
    port: int = 0
    ranges: list[str | None] = field(default_factory=list)
    """The `Range` header of each request so far."""
    sent: threading.Event = field(default_factory=threading.Event)
    """Set when a stall begins."""
    closing: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/{quote('model.zip')}"

    def next_manner(self) -> Manner:
        return self.manners.pop(0) if len(self.manners) > 1 else self.manners[0]


@contextmanager
def serving(server: ModelServer) -> Iterator[ModelServer]:
    """Serve until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
            pass

        def do_GET(self) -> None:
            server.ranges.append(self.headers["Range"])
            # A client may have had enough.
            with suppress(BrokenPipeError, ConnectionResetError):
                _answer(self, server, server.next_manner())

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listening:
        server.port = listening.server_port
        thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield server
        finally:
            server.closing.set()
            listening.shutdown()
            thread.join()


def _answer(request: BaseHTTPRequestHandler, server: ModelServer, manner: Manner) -> None:
    content = server.content
    asked = request.headers["Range"]
    begin = int(asked.removeprefix("bytes=").removesuffix("-")) if asked else 0
    match manner:
        case Manner.NOT_FOUND | Manner.BROKEN | Manner.NO_SUCH_RANGE:
            codes = {Manner.NOT_FOUND: 404, Manner.BROKEN: 500, Manner.NO_SUCH_RANGE: 416}
            request.send_error(codes[manner])
            return
        case Manner.REDIRECT:
            request.send_response(302)
            request.send_header("Location", server.elsewhere or server.url)
            request.send_header("Content-Length", "0")
            request.end_headers()
            return
        case Manner.NO_HTTP:
            request.wfile.write(b"SSH-2.0-OpenSSH_9.2\r\n")
            return
        case Manner.IGNORE_RANGE | Manner.CUT_SAME_PLACE:
            begin = 0
        case Manner.DAMAGED:
            content = bytes(byte ^ 0x55 for byte in content)
        case Manner.ANOTHER_LENGTH:
            content = b"<html>Please sign in</html>"
        case Manner.WITHOUT_LENGTH_TOO_LONG:
            content += b"more"
    body = content[begin:]
    request.send_response(206 if begin else 200)
    if begin:
        first = begin + 1 if manner is Manner.ANOTHER_PIECE else begin
        request.send_header("Content-Range", f"bytes {first}-{len(content) - 1}/{len(content)}")
    if manner is not Manner.WITHOUT_LENGTH_TOO_LONG:
        request.send_header("Content-Length", str(len(body)))
    request.end_headers()
    match manner:
        case Manner.CUT | Manner.CUT_SAME_PLACE:
            request.wfile.write(body[: server.cut_bytes])
        case Manner.STALL:
            request.wfile.write(body[: server.cut_bytes])
            server.sent.set()
            server.closing.wait()
        case Manner.TRICKLE:
            for byte in body:
                request.wfile.write(bytes([byte]))
                if server.closing.wait(0.005):
                    return
        case _:
            request.wfile.write(body)
