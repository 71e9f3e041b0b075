"""Hostile routine files: they are read, or all their faults are told; what is read is planned and performed."""

from __future__ import annotations

from random import Random

from tests.cli.conftest import SMALL
from voicecoach.cli.voicing import script_of
from voicecoach.coaching.dry_run import dry_run, estimated
from voicecoach.errors import DocumentError
from voicecoach.language.pack import load_pack
from voicecoach.routine.compiler import compile_plan
from voicecoach.routine.library import read_shipped, shipped_names
from voicecoach.routine.misread import misread
from voicecoach.routine.reader import read_routine

PACK = load_pack("en")
SEEDS = [SMALL.encode(), *(read_shipped(name) for name in shipped_names())]
PIECES = [
    *(b"\0", b"\x1b[31m", b"\xff\xfe", b"\xed\xa0\x80", b"\t", b"\n", b": ", b"- ", b"{", b"}", b"[", b"]", b"#"),
    *(b"&a ", b"*a", b"!!python/object:x ", b"<<: ", b"|", b">", b"'", b'"', b"---\n", b"%YAML 1.1\n", b"? "),
    *(
        b"1_0",
        b"0x1f",
        b"1e9",
        b".inf",
        b"9" * 40,
        b"-1",
        b"no",
        b"null",
        b"~",
        b"12:30",
        b"\xe2\x80\xae",
        b"\xf0\x9f\x98\x80",
    ),
    *(
        b"hold: ",
        b"stations: ",
        b"repetitions: ",
        b"sides: each",
        b"sets: 99",
        b"stop",
        b"x" * 400,
        b"[" * 60,
        b"{a: " * 30,
    ),
]
MOST_FAULTS = 2_000


def try_one(seed: int) -> None:
    """Damage one file, and read it."""
    content = damaged(Random(seed), SEEDS)
    try:
        routine = read_routine(content, "r.yaml", sorted(PACK.urgent_phrases))
    except DocumentError as error:
        look(error, content)
        return
    list(misread(routine))
    plan, script = compile_plan(routine), script_of(PACK)
    run = dry_run(plan, script, estimated(script.texts(plan)))
    assert 0 < run.ends_ms < 24 * 3_600_000


def damaged(chance: Random, seeds: list[bytes]) -> bytes:
    """Return one of some files with pieces put in, taken out, said twice and swapped."""
    content = bytearray(chance.choice(seeds))
    for _ in range(chance.randint(1, 6)):
        at = chance.randrange(len(content) + 1)
        until = min(len(content), at + chance.choice((0, 1, 1, 5, 50, 500)))
        match chance.randrange(4):
            case 0:
                content[at:at] = chance.choice(PIECES)
            case 1:
                del content[at:until]
            case 2:
                content[at:at] = content[at:until] * chance.randint(1, 3)
            case _:
                content[at:until] = chance.choice(PIECES)
    return bytes(content)


def look(error: DocumentError, content: bytes) -> None:
    """Every fault is at a place of the file, in one line that steers nothing."""
    lines = content.count(b"\n") + 2
    assert 0 < len(error.faults) <= MOST_FAULTS
    for fault in error.faults:
        assert (
            1 <= fault.line <= lines + content.count(b"\r") + content.count(b"\xc2\x85") + content.count(b"\xe2\x80")
        ), fault
        assert fault.column >= 1
        assert "\n" not in fault.what
    assert all(line.isprintable() for line in str(error).splitlines())
