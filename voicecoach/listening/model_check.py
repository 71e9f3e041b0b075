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
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import platformdirs

from voicecoach.errors import ModelError
from voicecoach.isolation import python_command
from voicecoach.listening.fst_file import has_plausible_header, is_whole
from voicecoach.listening.models import how_to_mend

TRIAL_LIMIT_S = 90
"""The trial takes about 5 s with the Korean model on a desktop; the rest is room for slow machines and SD cards."""
LOOKAHEAD_GRAPH = "graph/HCLr.fst"
MANIFEST = "SHA256SUMS"
"""Lines of `<sha256>  <path>`, as `sha256sum` writes them."""


class _DamageError(Exception):
    """The model is damaged; the text says which file, and how."""


def check_model(folder: Path) -> None:
    """Raise `ModelError`, naming the file, unless the folder holds a whole Vosk model that loads and decodes."""
    if not folder.is_dir():
        raise ModelError(f"There is no speech model in {folder}; {how_to_mend(folder)}.")
    damage = find_damage(folder)
    if damage is not None:
        raise ModelError(f"Speech model {folder} cannot be used: {damage}; {how_to_mend(folder)}.")


def find_damage(folder: Path, *, anew: bool = False) -> str | None:
    """Return what is wrong with the model in a folder, naming the file; none if it is whole, loads and decodes.

    What was found to be in order once is not tried again until a file changes, unless `anew` asks for it.
    """
    try:
        _check_files(folder)
        stamp = _stamp(folder)
        if stamp.exists() and not anew:
            return None
        _check_manifest(folder)
        if not is_whole(folder / LOOKAHEAD_GRAPH):
            raise _DamageError(f"{LOOKAHEAD_GRAPH} is cut short")
        _try_in_child(folder)
    except _DamageError as damage:
        return str(damage)
    except (OSError, ValueError, OverflowError, struct.error) as error:
        return f"something in it cannot be read ({error})"
    # Where that cannot be noted, the model is tried each time.
    with suppress(OSError):
        stamp.parent.mkdir(parents=True, exist_ok=True)
        stamp.touch()
    return None


def _check_files(folder: Path) -> None:
    for path, plausible in _files(folder):
        file = folder / path
        if not file.is_file():
            raise _DamageError(f"{path} is missing")
        if file.stat().st_size == 0:
            raise _DamageError(f"{path} is empty")
        try:
            whole = plausible(file)
        except (OSError, ValueError, OverflowError, struct.error) as error:
            raise _DamageError(f"{path} cannot be read ({error})") from error
        if not whole:
            raise _DamageError(f"{path} is damaged or cut short")


def _files(folder: Path) -> Iterator[tuple[str, Callable[[Path], bool]]]:
    yield "conf/model.conf", _is_text
    yield "conf/mfcc.conf", _is_text
    yield "am/final.mdl", _is_acoustic_model
    yield "graph/phones/word_boundary.int", _is_text
    if (folder / "graph" / "HCLG.fst").exists():
        raise _DamageError("graph/HCLG.fst makes it a model of fixed sentences, where one named `small` is needed")
    yield LOOKAHEAD_GRAPH, has_plausible_header
    yield "graph/Gr.fst", has_plausible_header
    yield "graph/disambig_tid.int", _is_text
    if (folder / "ivector").exists():
        yield "ivector/final.dubm", lambda file: _begins_and_ends(file, b"\0B<DiagGMM>", b"</DiagGMM>")
        yield "ivector/final.ie", lambda file: _begins_and_ends(file, b"\0B<IvectorExtractor>", b"</IvectorExtractor>")
        yield "ivector/final.mat", _is_matrix
        yield "ivector/global_cmvn.stats", lambda file: file.read_bytes().rstrip().endswith(b"]")
        yield "ivector/online_cmvn.conf", _is_text
        yield "ivector/splice.conf", _is_text


def _is_text(file: Path) -> bool:
    content = file.read_text(encoding="utf-8")
    return "\0" not in content and content.endswith("\n")


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
            raise _DamageError(f"{path} is missing")
        with file.open("rb") as data:
            if hashlib.file_digest(data, "sha256").hexdigest() != wanted:
                raise _DamageError(f"{path} is not what was published")


def _try_in_child(folder: Path) -> None:
    command = python_command("-m", "voicecoach.listening.vosk_trial", str(folder))
    try:
        trial = subprocess.run(command, capture_output=True, timeout=TRIAL_LIMIT_S, check=False)
    except subprocess.TimeoutExpired:
        raise _DamageError(f"with {LOOKAHEAD_GRAPH} nothing was decoded within {TRIAL_LIMIT_S} s") from None
    if trial.returncode:
        # Every other file has been seen to its end.
        raise _DamageError(f"graph/Gr.fst or {LOOKAHEAD_GRAPH} is damaged: decoding with it crashes")
