"""Whether an OpenFst file, as Vosk's small models have them, is whole. Read as far as lengths are, never loaded."""

from __future__ import annotations

import mmap
import struct
from pathlib import Path

MAGIC = b"\xd6\xfd\xb2\x7e"
"""Each graph begins with this; a lookahead graph has the graph proper inside."""
STATE_BYTES, ARC_BYTES = 20, 16
"""Of a graph of the kind `const`."""
INTERVAL_BYTES = 8
"""A pair of labels in the table that lookahead uses."""
CONST_VERSION = 2
"""Version without padding between its parts, the only one whose length is worked out here."""


def has_plausible_header(file: Path) -> bool:
    """Tell whether it begins like a graph, with room for the states and arcs that it promises. Costs no time."""
    with file.open("rb") as data:
        head = data.read(4096)
    if not head.startswith(MAGIC):
        return False
    kind, version, states, arcs, end = _header(head, max(head.find(MAGIC, len(MAGIC)), 0))
    needed = end + states * STATE_BYTES + arcs * ARC_BYTES if (kind, version) == (b"const", CONST_VERSION) else states
    return states > 0 and file.stat().st_size > needed


def is_whole(file: Path) -> bool:
    """Tell whether a lookahead graph reaches to its end. Takes about a second; other kinds are taken to be whole.

    Vosk loads one that is cut in its last part without a word, and then mishears.
    """
    with file.open("rb") as handle, mmap.mmap(handle.fileno(), 0, access=mmap.ACCESS_READ) as data:
        inner = data.find(MAGIC, len(MAGIC), 4096)
        if inner < 0:
            return True
        kind, version, states, arcs, at = _header(data, inner)
        if (kind, version) != (b"const", CONST_VERSION):
            return True
        at += states * STATE_BYTES + arcs * ARC_BYTES
        try:
            (has_tables,) = struct.unpack_from("<?", data, at)
            at += 1
            # One table for each side of the graph, either may be absent.
            for _ in range(2 if has_tables else 0):
                (present,) = struct.unpack_from("<?", data, at)
                at = _end_of_table(data, at + 1) if present else at + 1
        except struct.error:
            return False
        return at <= len(data)


def _header(data: bytes | mmap.mmap, at: int) -> tuple[bytes, int, int, int, int]:
    """Return the graph's kind, version, number of states and of arcs, and where its header ends."""
    at += len(MAGIC)
    names = []
    for _ in range(2):
        (length,) = struct.unpack_from("<i", data, at)
        names.append(bytes(data[at + 4 : at + 4 + length]))
        at += 4 + length
    version, states, arcs = struct.unpack_from("<i20xqq", data, at)
    return names[0], version, states, arcs, at + 40


def _end_of_table(data: mmap.mmap, at: int) -> int:
    """Return where a table of the labels that can be reached from each state ends."""
    _, has_relabelling = struct.unpack_from("<??", data, at)
    at += 2
    if has_relabelling:
        (pairs,) = struct.unpack_from("<q", data, at)
        at += 8 + pairs * 8
    _, sets = struct.unpack_from("<iq", data, at)
    at += 12
    for _ in range(sets):
        (intervals,) = struct.unpack_from("<q", data, at)
        if intervals < 0:
            raise struct.error("a table of negative length")
        at += 8 + intervals * INTERVAL_BYTES + 4
    return at
