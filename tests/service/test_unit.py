"""The unit as systemd itself judges it, with the Debian package `systemd`."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from voicecoach.errors import UsageError
from voicecoach.service.unit import SERVICE_ENVIRONMENT, UNIT, Kind, unit_text

PROGRAM = ("/usr/bin/env",)
"""Something that there is: `verify` looks whether it can be started."""
MOST_EXPOSED = 2.0

with_systemd = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="systemd-analyze is not here: the Debian package systemd has it"
)


def written(folder: Path, kind: Kind, version: int = 252) -> Path:
    unit = folder / UNIT
    unit.write_text(unit_text(kind, PROGRAM, version))
    return unit


def analyze(*words: str | Path, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["systemd-analyze", *map(str, words)],
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "XDG_RUNTIME_DIR": str(folder), "HOME": str(folder)},
    )


@with_systemd
@pytest.mark.parametrize("kind", Kind)
def test_systemd_finds_nothing_wrong_with_the_unit(kind: Kind, tmp_path: Path) -> None:
    scope = ["--user"] if kind is Kind.USER else []
    judged = analyze("verify", *scope, "--recursive-errors=no", written(tmp_path, kind), folder=tmp_path)
    assert (judged.returncode, judged.stdout, judged.stderr) == (0, "", "")


@with_systemd
def test_systemd_finds_what_is_wrong_with_a_unit(tmp_path: Path) -> None:
    unit = written(tmp_path, Kind.SYSTEM)
    unit.write_text(unit.read_text().replace("WatchdogSec=30", "WatchDog=30"))
    assert "WatchDog" in analyze("verify", "--recursive-errors=no", unit, folder=tmp_path).stderr


@with_systemd
def test_the_system_service_is_hardly_exposed(tmp_path: Path) -> None:
    unit = written(tmp_path, Kind.SYSTEM)
    judged = analyze("security", "--offline=true", f"--threshold={MOST_EXPOSED * 10:.0f}", unit, folder=tmp_path)
    assert judged.returncode == 0, judged.stdout


@with_systemd
def test_a_service_that_may_all_would_be_found_out(tmp_path: Path) -> None:
    unit = tmp_path / UNIT
    unit.write_text("[Service]\nExecStart=/usr/bin/env\n")
    judged = analyze("security", "--offline=true", f"--threshold={MOST_EXPOSED * 10:.0f}", unit, folder=tmp_path)
    assert judged.returncode != 0


@with_systemd
@pytest.mark.parametrize("word", ["/opt/voice coach/run", "/opt/100%/run", "/opt/a;b"])
def test_a_program_with_an_odd_name_is_found(word: str, tmp_path: Path) -> None:
    # Verified below a root, as the folders of the name are made there.
    program = tmp_path / word.lstrip("/")
    program.parent.mkdir(parents=True)
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    unit = tmp_path / UNIT
    unit.write_text(f"[Service]\n{start_line((str(program),))}\n")
    judged = analyze("verify", "--recursive-errors=no", unit, folder=tmp_path)
    assert (judged.returncode, judged.stderr) == (0, "")


@pytest.mark.parametrize("word", ['/opt/a"b', "/opt/$HOME", "/opt/a\\b", "/opt/a\nb"])
def test_a_program_that_systemd_would_not_find_is_refused(word: str) -> None:
    with pytest.raises(UsageError, match="give it a name without"):
        unit_text(Kind.SYSTEM, (word,), 0)


def start_line(program: tuple[str, ...]) -> str:
    lines = unit_text(Kind.SYSTEM, program, 0).splitlines()
    return next(line for line in lines if line.startswith("ExecStart="))


def directives(text: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for line in text.splitlines():
        if line and not line.startswith(("#", "[")):
            name, _, value = line.partition("=")
            found.setdefault(name, []).append(value)
    return found


@pytest.mark.parametrize("kind", Kind)
def test_no_mark_of_the_template_is_left(kind: Kind) -> None:
    assert "@PROGRAM" not in unit_text(kind, PROGRAM, 0)
    assert "@RESTART" not in unit_text(kind, PROGRAM, 0)
    assert "@ENVIRONMENT" not in unit_text(kind, PROGRAM, 0)


@pytest.mark.parametrize("kind", Kind)
def test_it_cannot_reach_a_network_and_is_never_given_up(kind: Kind) -> None:
    found = directives(unit_text(kind, PROGRAM, 252))
    assert found["RestrictAddressFamilies"] == ["AF_UNIX"]
    assert found["StartLimitIntervalSec"] == ["0"]
    assert found["Type"] == ["notify"]


def test_it_waits_longer_after_each_failure_where_systemd_can() -> None:
    assert "RestartMaxDelaySec" not in directives(unit_text(Kind.SYSTEM, PROGRAM, 252))
    assert directives(unit_text(Kind.SYSTEM, PROGRAM, 257))["RestartMaxDelaySec"] == ["300"]


def test_the_service_looks_for_its_files_where_the_documents_say() -> None:
    environment = directives(unit_text(Kind.SYSTEM, PROGRAM, 0))["Environment"]
    assert environment == [f"{name}={value}" for name, value in SERVICE_ENVIRONMENT.items()]


@pytest.mark.parametrize(
    "name", ["PrivateDevices", "ProtectClock", "MemoryDenyWriteExecute", "ProcSubset", "PrivateUsers", "RootDirectory"]
)
def test_what_is_left_out_is_left_out_with_a_reason(name: str) -> None:
    text = unit_text(Kind.SYSTEM, PROGRAM, 0)
    assert name not in directives(text)
    [reason] = [line for line in text.splitlines() if line.startswith(f"# {name}=")]
    assert len(reason.split()) > 5
