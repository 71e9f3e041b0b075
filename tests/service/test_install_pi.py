"""scripts/install-pi, as far as it can be tried without changing the machine: it was run in a fresh Debian by hand."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

TOP = Path(__file__).parents[2]
SCRIPT = TOP / "scripts" / "install-pi"


def ran(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [SCRIPT, *words],
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", **environment},
    )


def with_machine(folder: Path, machine: str) -> str:
    """Return a PATH on which `uname -m` says that."""
    folder.mkdir()
    (folder / "uname").write_text(f'#!/bin/sh\n[ "$1" = -m ] && echo {machine} || echo Linux\n')
    (folder / "uname").chmod(0o755)
    return f"{folder}:/usr/sbin:/usr/bin:/sbin:/bin"


@pytest.mark.parametrize("script", ["install-pi", "setup.sh", "test", "lock", "voicecoach"])
def test_the_shell_can_read_the_scripts(script: str) -> None:
    assert subprocess.run(["bash", "-n", TOP / "scripts" / script], check=False).returncode == 0


def test_a_dry_run_says_what_it_would_do_and_does_nothing() -> None:
    before = sorted(Path("/opt").iterdir())
    done = ran("--dry-run")
    assert (done.returncode, done.stderr) == (0, "")
    assert "-m pip install --require-hashes -r requirements.lock" in done.stdout
    assert "bin/voicecoach service install" in done.stdout
    assert sorted(Path("/opt").iterdir()) == before


def test_nothing_is_fetched_but_what_is_locked() -> None:
    assert "setup" not in ran("--dry-run").stdout


def test_a_raspberry_pi_is_a_machine_for_it(tmp_path: Path) -> None:
    assert ran("--dry-run", PATH=with_machine(tmp_path / "bin", "aarch64")).returncode == 0


def test_a_32_bit_machine_is_told_where_to_read_on(tmp_path: Path) -> None:
    done = ran("--dry-run", PATH=with_machine(tmp_path / "bin", "armv7l"))
    assert (done.returncode, done.stdout) == (2, "")
    assert "Linux on armv7l" in done.stderr
    assert "docs/raspberry-pi.md" in done.stderr


def test_a_word_that_it_does_not_know_is_answered_with_the_usage() -> None:
    done = ran("--dry")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("usage: scripts/install-pi")
