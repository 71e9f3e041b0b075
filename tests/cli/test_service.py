"""The service: put in place below a root with the real tools of systemd; a stand-in answers for one that runs."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from tests.cli.conftest import CommandLine, Outcome, assert_one_message
from tests.fakes.systemctl import calls, standing_in
from voicecoach.errors import EXIT_DONE, EXIT_USAGE, UsageError
from voicecoach.service import installing, systemd
from voicecoach.service.installing import check_program, this_program
from voicecoach.service.unit import NAME, SERVICE_ENVIRONMENT, UNIT, Kind

PROGRAM = "/opt/voicecoach/run"

with_systemd = pytest.mark.skipif(
    shutil.which("systemctl") is None or shutil.which("systemd-sysusers") is None,
    reason="systemctl and systemd-sysusers are not here: the Debian package systemd has them",
)


def files_below(folder: Path) -> dict[str, str]:
    found = [path for path in sorted(folder.rglob("*")) if path.is_file() or path.is_symlink()]
    return {str(path.relative_to(folder)): "link" if path.is_symlink() else path.read_text() for path in found}


@pytest.fixture
def image(tmp_path: Path) -> Path:
    """Return the root of a system that does not run."""
    root = tmp_path / "image"
    (root / "etc").mkdir(parents=True)
    return root


@with_systemd
def test_below_a_root_it_makes_the_user_and_enables_the_unit(voicecoach: CommandLine, image: Path) -> None:
    outcome = voicecoach("service", "install", "--root", str(image), "--program", PROGRAM)
    assert (outcome.code, outcome.err) == (EXIT_DONE, "")
    assert outcome.out.splitlines()[-1] == "It is not started: systemd does not run here."
    found = files_below(image)
    assert f"ExecStart={PROGRAM} standby" in found[f"etc/systemd/system/{UNIT}"]
    assert found[f"etc/systemd/system/multi-user.target.wants/{UNIT}"] == "link"
    [user] = [line for line in found["etc/passwd"].splitlines() if line.startswith(f"{NAME}:")]
    assert user.endswith(f":/var/lib/{NAME}:/usr/sbin/nologin")
    assert any(line.startswith("audio:") and line.endswith(f":{NAME}") for line in found["etc/group"].splitlines())
    assert (image / "etc" / NAME).is_dir()


@with_systemd
def test_done_twice_it_changes_nothing_and_says_so(voicecoach: CommandLine, image: Path) -> None:
    words = ("service", "install", "--root", str(image), "--program", PROGRAM)
    voicecoach(*words)
    before = files_below(image)
    again = voicecoach(*words)
    assert files_below(image) == before
    assert again.out.count("is there already.") == 2
    assert "Wrote" not in again.out


@with_systemd
def test_a_new_program_takes_the_place_of_the_old_one(voicecoach: CommandLine, image: Path) -> None:
    voicecoach("service", "install", "--root", str(image), "--program", PROGRAM)
    voicecoach("service", "install", "--root", str(image), "--program", "/opt/newer/run")
    assert "ExecStart=/opt/newer/run standby" in files_below(image)[f"etc/systemd/system/{UNIT}"]


@with_systemd
def test_taken_away_it_leaves_what_belongs_to_people(voicecoach: CommandLine, image: Path) -> None:
    voicecoach("service", "install", "--root", str(image), "--program", PROGRAM)
    settings = image / "etc" / NAME / "config.yaml"
    settings.write_text("language: en\n")
    outcome = voicecoach("service", "uninstall", "--root", str(image))
    assert outcome.code == EXIT_DONE
    assert f"Kept: /etc/{NAME}" in outcome.out
    left = files_below(image)
    assert not [name for name in left if name.endswith((UNIT, f"{NAME}.conf"))]
    assert settings.exists()
    assert voicecoach("service", "uninstall", "--root", str(image)).out == "It is not installed.\n"


def test_printing_the_unit_changes_nothing(voicecoach: CommandLine, home: Path) -> None:
    outcome = voicecoach("service", "install", "--print", "--program", PROGRAM)
    assert outcome.code == EXIT_DONE
    assert f"\nExecStart={PROGRAM} standby\n" in outcome.out
    assert "\nUser=voicecoach\n" in outcome.out
    own = voicecoach("service", "install", "--print", "--user")
    assert "\nUser=" not in own.out
    assert " -I -m voicecoach standby\n" in own.out
    assert not list(home.iterdir())


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["--program", "voicecoach"], "write it in full"),
        (["--root", "missing"], "there is no such folder"),
        (["--root", ".", "--user"], "leave out --user or --root"),
        (["--root", ".", "--program", "/home/pi/venv/bin/voicecoach"], "may not look into /home"),
        (["--root", ".", "--program", "/tmp/venv/bin/voicecoach"], "may not look into /tmp"),
    ],
)
def test_what_cannot_be_installed_is_refused_in_a_line(words: list[str], why: str, voicecoach: CommandLine) -> None:
    assert_one_message(voicecoach("service", "install", *words), EXIT_USAGE, why)
    assert not files_below(Path())


@pytest.mark.parametrize("action", ["install", "uninstall"])
def test_who_may_not_change_the_system_is_told_what_to_type(
    action: str, voicecoach: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    monkeypatch.setattr("sys.argv", ["voicecoach", "service", action])
    assert_one_message(voicecoach("service", action), EXIT_USAGE, "type: sudo /", f"service {action}")


def test_what_the_program_consists_of_must_be_readable_for_the_service(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(installing, "_HIDDEN_FROM_SERVICE", (tmp_path,))
    check_program(this_program(), Kind.SYSTEM)
    monkeypatch.setattr("sys.base_prefix", str(tmp_path / "python"))
    check_program(this_program(), Kind.USER)
    with pytest.raises(UsageError, match="install voicecoach elsewhere"):
        check_program(this_program(), Kind.SYSTEM)


# With a systemd that runs; what it would do is written down by a stand-in.


@pytest.fixture
def manager(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = standing_in(tmp_path / "manager")
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    monkeypatch.setattr(systemd, "_BOOTED", tmp_path)
    return folder


def shown(manager: Path, **properties: str | int) -> None:
    (manager / "show.txt").write_text("".join(f"{name}={value}\n" for name, value in properties.items()))


def test_a_service_of_ones_own_is_enabled_and_started(voicecoach: CommandLine, manager: Path, tmp_path: Path) -> None:
    outcome = voicecoach("service", "install", "--user")
    assert outcome.code == EXIT_DONE
    assert calls(manager) == [
        "--user daemon-reload",
        "--user enable voicecoach.service",
        "--user restart voicecoach.service",
    ]
    assert "RestartSteps" in (tmp_path / "home/config/systemd/user" / UNIT).read_text()
    assert "sudo loginctl enable-linger" in outcome.out


def test_nobody_is_told_to_linger_who_lingers_already(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "somebody").touch()
    monkeypatch.setattr("getpass.getuser", lambda: "somebody")
    assert not installing.lingers(tmp_path / "elsewhere")
    assert installing.lingers(tmp_path)


def test_a_service_of_ones_own_is_stopped_and_removed(voicecoach: CommandLine, manager: Path) -> None:
    voicecoach("service", "install", "--user")
    (manager / "calls.txt").unlink()
    assert voicecoach("service", "uninstall", "--user").code == EXIT_DONE
    assert calls(manager) == [
        "--user stop voicecoach.service",
        "--user disable voicecoach.service",
        "--user daemon-reload",
    ]


RUNNING: dict[str, str | int] = {
    "LoadState": "loaded",
    "ActiveState": "active",
    "SubState": "running",
    "UnitFileState": "enabled",
    "StatusText": "Waiting to be called.",
    "Result": "success",
    "NRestarts": 0,
    "ActiveEnterTimestamp": "Wed 2026-11-25 15:01:41 UTC",
    "ExecMainStatus": 0,
}


def status_of(voicecoach: CommandLine, manager: Path, **changed: str | int) -> Outcome:
    shown(manager, **(RUNNING | changed))
    outcome = voicecoach("service", "status")
    assert (outcome.code, outcome.err) == (EXIT_DONE, "")
    return outcome


def test_the_status_says_since_when_it_runs_and_what_it_does(voicecoach: CommandLine, manager: Path) -> None:
    assert status_of(voicecoach, manager).out.splitlines() == [
        "The service runs since Wed 2026-11-25 15:01:41 UTC.",
        "It says: Waiting to be called.",
        "It starts by itself.",
    ]


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"LoadState": "not-found", "ActiveState": "inactive"}, "The service is not installed."),
        ({"ActiveState": "inactive", "SubState": "dead"}, "The service is installed and does not run."),
        ({"ActiveState": "failed", "Result": "watchdog"}, "does not run: it hung, and was killed."),
        (
            {"ActiveState": "activating", "SubState": "auto-restart", "Result": "exit-code", "ExecMainStatus": 70},
            "does not run: it ended with an error (code 70).",
        ),
        ({"ActiveState": "failed", "Result": "something-new"}, "does not run: something-new."),
        ({"NRestarts": 1}, "It had to be started again once;"),
        ({"NRestarts": 12}, "It had to be started again 12 times;"),
        ({"UnitFileState": "disabled"}, "It does not start by itself."),
    ],
)
def test_the_status_says_what_is_wrong(
    changed: dict[str, str | int], sentence: str, voicecoach: CommandLine, manager: Path
) -> None:
    assert sentence in status_of(voicecoach, manager, **changed).out


def test_the_status_can_be_read_by_a_program(voicecoach: CommandLine, manager: Path) -> None:
    shown(manager, **RUNNING)
    status = json.loads(voicecoach("service", "status", "--json").out)
    assert (status["is_running"], status["restarts"], status["says"]) == (True, 0, "Waiting to be called.")


@pytest.mark.parametrize("action", ["status", "logs"])
def test_without_systemd_that_is_said(
    action: str, voicecoach: CommandLine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(systemd, "_BOOTED", tmp_path / "none")
    # It would put another program in the place of these tests.
    monkeypatch.delattr(os, "execvp")
    assert_one_message(voicecoach("service", action), EXIT_USAGE, "systemd does not run here", "voicecoach standby")


def test_a_manager_that_refuses_is_quoted(voicecoach: CommandLine, manager: Path) -> None:
    (manager / "systemctl").write_text("#!/bin/sh\necho 'Failed to connect to bus' >&2\nexit 1\n")
    assert_one_message(
        voicecoach("service", "status"), EXIT_USAGE, "failed: Failed to connect to bus", "start `voicecoach standby`"
    )
    assert_one_message(voicecoach("service", "status", "--user"), EXIT_USAGE, "a log-in of your own")


@pytest.mark.parametrize("lines", ["-3", "x", "1.5", "٣"])
def test_a_number_of_lines_that_is_none_is_refused_before_the_journal_is_asked(
    lines: str, voicecoach: CommandLine, manager: Path
) -> None:
    outcome = voicecoach("service", "logs", f"--lines={lines}")
    assert (outcome.code, outcome.out) == (EXIT_USAGE, "")
    assert "cannot be; give a whole number from 0" in outcome.err
    assert not calls(manager)


def test_a_verb_for_the_service_needs_root_and_its_user(
    voicecoach: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    assert_one_message(voicecoach("service", "do", "setup"), EXIT_USAGE, "This needs root; type: sudo ")
    monkeypatch.setattr("os.geteuid", lambda: 0)

    def unknown(name: str) -> None:
        raise KeyError(name)

    monkeypatch.setattr("pwd.getpwnam", unknown)
    assert_one_message(voicecoach("service", "do", "setup"), EXIT_USAGE, "install the service first")


def test_a_verb_for_the_service_gets_nothing_of_the_persons_own() -> None:
    from voicecoach.service.impersonating import service_environment

    own = {"HOME": "/home/pi", "PATH": "/usr/bin", "XDG_CONFIG_HOME": "/home/pi/.config", "VOICECOACH_CONFIG": "x"}
    assert service_environment(own) == {**SERVICE_ENVIRONMENT, "HOME": "/var/lib/voicecoach", "PATH": "/usr/bin"}
