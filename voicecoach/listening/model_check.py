"""Whether a Vosk model is whole, found out before it is loaded: loading a damaged one kills the process.

First, each time, the cheap part: the files that must be there, with plausible beginnings and ends. Then, once for each
state of the files, their checksums, where the model has a list of them (`SHA256SUMS`), and a trial in a process of its
own, which may crash.
"""

from __future__ import annotations

import hashlib
import os
import struct
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import platformdirs

from voicecoach.errors import ModelError

TRIAL_LIMIT_S = 90
"""The trial takes 5 s for a large model on a laptop, a minute from an SD card."""
MANIFEST = "SHA256SUMS"
"""Lines of `<sha256>  <path>`, as `sha256sum` writes them."""

_FST_MAGIC = b"\xd6\xfd\xb2\x7e"
_CONST_STATE_BYTES, _ARC_BYTES = 20, 16


def check_model(folder: Path) -> None:
    """Raise `ModelError`, naming the file, unless the folder holds a whole Vosk model that loads and decodes."""
    if not folder.is_dir():
        raise ModelError(f"There is no speech model in {folder}; run `voicecoach setup`.")
    for path, plausible in _files(folder):
        file = folder / path
        if not file.is_file():
            raise _damaged(folder, path, "is missing")
        if file.stat().st_size == 0:
            raise _damaged(folder, path, "is empty")
        try:
            whole = plausible(file)
        except (OSError, struct.error) as error:
            raise _damaged(folder, path, f"cannot be read ({error})") from error
        if not whole:
            raise _damaged(folder, path, "is damaged or cut short")
    stamp = _stamp(folder)
    if stamp.exists():
        return
    _check_manifest(folder)
    _try_in_child(folder)
    stamp.parent.mkdir(parents=True, exist_ok=True)
    stamp.touch()


def _files(folder: Path) -> Iterator[tuple[str, Callable[[Path], bool]]]:
    yield "conf/model.conf", _is_text
    yield "conf/mfcc.conf", _is_text
    yield "am/final.mdl", _is_acoustic_model
    yield "graph/phones/word_boundary.int", _is_text
    if (folder / "graph" / "HCLG.fst").exists():
        raise ModelError(f"The model in {folder} has a fixed vocabulary of sentences; install one named `small`.")
    yield "graph/HCLr.fst", _is_fst
    yield "graph/Gr.fst", _is_fst
    yield "graph/disambig_tid.int", _is_text
    if (folder / "ivector").exists():
        yield "ivector/final.dubm", lambda file: _begins_and_ends(file, b"\0B<DiagGMM>", b"</DiagGMM>")
        yield "ivector/final.ie", lambda file: _begins_and_ends(file, b"\0B<IvectorExtractor>", b"</IvectorExtractor>")
        yield "ivector/final.mat", _is_matrix
        yield "ivector/global_cmvn.stats", lambda file: file.read_bytes().rstrip().endswith(b"]")
        yield "ivector/online_cmvn.conf", _is_text
        yield "ivector/splice.conf", _is_text


def _is_text(file: Path) -> bool:
    content = file.read_bytes()
    return b"\0" not in content and content.endswith(b"\n")


def _begins_and_ends(file: Path, begin: bytes, end: bytes) -> bool:
    with file.open("rb") as data:
        start = data.read(len(begin))
        data.seek(-min(64, file.stat().st_size), os.SEEK_END)
        return start == begin and data.read().rstrip().endswith(end)


def _is_acoustic_model(file: Path) -> bool:
    with file.open("rb") as data:
        begins = data.read(19) == b"\0B<TransitionModel>"
        data.seek(-min(65_536, file.stat().st_size), os.SEEK_END)
        return begins and b"<Priors>" in data.read()


def _is_matrix(file: Path) -> bool:
    """Check Kaldi's binary matrix of floats: its size follows from its header."""
    with file.open("rb") as data:
        header = data.read(15)
    rows, columns = struct.unpack_from("<xi", header, 5)[0], struct.unpack_from("<xi", header, 10)[0]
    return header.startswith(b"\0BFM ") and file.stat().st_size == len(header) + 4 * rows * columns


def _is_fst(file: Path) -> bool:
    """Check the header of an OpenFst file, and that there is room for the states and arcs that it promises."""
    with file.open("rb") as data:
        head = data.read(4096)
    if not head.startswith(_FST_MAGIC):
        return False
    # A lookahead graph has the graph proper inside.
    inner = head.find(_FST_MAGIC, 4)
    kind, states, arcs = _fst_header(head, max(inner, 0))
    needed = states * _CONST_STATE_BYTES + arcs * _ARC_BYTES if kind == b"const" else states
    return states > 0 and file.stat().st_size > needed


def _fst_header(head: bytes, at: int) -> tuple[bytes, int, int]:
    """Return kind, number of states and number of arcs."""
    at += len(_FST_MAGIC)
    names = []
    for _ in range(2):
        (length,) = struct.unpack_from("<i", head, at)
        names.append(head[at + 4 : at + 4 + length])
        at += 4 + length
    states, arcs = struct.unpack_from("<qq", head, at + 24)
    return names[0], states, arcs


def _stamp(folder: Path) -> Path:
    """Return the file that says that this very state of the model has been tried."""
    state = hashlib.sha256()
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        facts = file.stat()
        state.update(f"{file.relative_to(folder)}\0{facts.st_size}\0{facts.st_mtime_ns}\0".encode())
    return Path(platformdirs.user_cache_dir("voicecoach")) / "models-tried" / state.hexdigest()


def _check_manifest(folder: Path) -> None:
    manifest = folder / MANIFEST
    if not manifest.is_file():
        return
    for line in manifest.read_text(encoding="utf-8").splitlines():
        wanted, _, path = line.partition("  ")
        file = folder / path
        if ".." in Path(path).parts or not file.is_file():
            raise _damaged(folder, path, "is missing")
        with file.open("rb") as data:
            if hashlib.file_digest(data, "sha256").hexdigest() != wanted:
                raise _damaged(folder, path, "is not what was published")


def _try_in_child(folder: Path) -> None:
    command = [sys.executable, "-m", "voicecoach.listening.vosk_trial", str(folder)]
    try:
        trial = subprocess.run(command, capture_output=True, timeout=TRIAL_LIMIT_S, check=False)
    except subprocess.TimeoutExpired:
        raise _damaged(folder, "graph/HCLr.fst", f"did not decode anything within {TRIAL_LIMIT_S} s") from None
    if trial.returncode:
        # All files but the two graphs have been seen to their ends, so it is one of those.
        raise _damaged(folder, "graph/HCLr.fst", "or graph/Gr.fst is damaged or cut short: decoding with it crashes")


def _damaged(folder: Path, path: str, what: str) -> ModelError:
    return ModelError(f"Speech model {folder} cannot be used: {path} {what}; run `voicecoach setup` to fetch it again.")

