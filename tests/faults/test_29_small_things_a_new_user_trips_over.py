"""Usage of the verb, near words, versions, help, completion, commas in braces, and other small things."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.cli.conftest import SMALL, CommandLine, home, voicecoach
from tests.faults.verbs import VERBS
from voicecoach import __version__
from voicecoach.errors import EXIT_DOCUMENT, EXIT_DONE, EXIT_USAGE
from voicecoach.service.installing import Place, uninstall
from voicecoach.service.systemd import Systemd
from voicecoach.service.unit import Kind

__all__ = ["home", "voicecoach"]


@pytest.mark.parametrize("verb", [verb for verb in VERBS if verb not in ("service", "bench")])
def test_a_wrong_option_is_answered_with_the_usage_of_its_verb(verb: str, voicecoach: CommandLine) -> None:
    needed = {"new": ["x"], "check": ["feet"], "completion": ["bash"]}.get(verb, [])
    outcome = voicecoach(verb, *needed, "--dance")
    assert (outcome.code, outcome.out) == (EXIT_USAGE, "")
    assert outcome.err.startswith(f"usage: voicecoach {verb} ")
    assert "there is no option '--dance' here" in outcome.err


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        (["rehears"], "rehearse"),
        (["lisen"], "listen"),
        (["servise", "status"], "service"),
        (["service", "instal"], "install"),
        (["bench", "heering"], "hearing"),
        (["rehearse", "--pictur-e", "x.svg"], "--picture"),
        (["plan", "--jsonn"], "--json"),
        (["help", "plann"], "plan"),
        (["completion", "bsh"], "bash"),
    ],
)
def test_nearly_the_right_word_is_answered_with_it(words: list[str], meant: str, voicecoach: CommandLine) -> None:
    outcome = voicecoach(*words)
    assert outcome.code == EXIT_USAGE
    assert f"did you mean {meant}" in outcome.err


def test_too_many_words_are_told_of(voicecoach: CommandLine) -> None:
    outcome = voicecoach("plan", "feet", "quick")
    assert outcome.code == EXIT_USAGE
    assert "nothing is done with 'quick'" in outcome.err


@pytest.mark.parametrize("word", ["-V", "--version"])
def test_the_version_is_told(word: str, voicecoach: CommandLine) -> None:
    assert voicecoach(word).out == f"voicecoach {__version__}\n"


@pytest.mark.parametrize("verb", VERBS)
def test_help_explains_a_verb(verb: str, voicecoach: CommandLine) -> None:
    assert voicecoach("help", verb).out == voicecoach(verb, "--help").out
    assert voicecoach("help").out == voicecoach("--help").out


def test_bash_completes_verbs_options_and_routines(voicecoach: CommandLine) -> None:
    script = voicecoach("completion", "bash").out

    def completed(*words: str) -> list[str]:
        given = f"COMP_WORDS=({' '.join(words)}); COMP_CWORD={len(words) - 1}"
        asked = f"{script}\n{given}; _voicecoach; echo ${{COMPREPLY[@]}}"
        return subprocess.run(["bash", "-c", asked], capture_output=True, text=True, check=True).stdout.split()

    assert completed("voicecoach", "reh") == ["rehearse"]
    assert completed("voicecoach", "rehearse", "--tim") == ["--timeline"]
    assert completed("voicecoach", "plan", "feet-") == ["feet-quick"]


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_other_shells_take_theirs(shell: str, voicecoach: CommandLine) -> None:
    script = voicecoach("completion", shell).out
    assert "rehearse" in script
    if (program := shutil.which(shell)) is not None:
        subprocess.run([program, "-n"], input=script, text=True, check=True)


@pytest.mark.parametrize("text", ["{name: Half, cue: Half lift, in.}", "{name: Half, cue: Up, down, up}"])
def test_a_comma_within_braces_is_explained(text: str, home: Path, voicecoach: CommandLine) -> None:
    (home / "r.yaml").write_text(SMALL.replace("setup: Lean.", f"setup: Lean., stations: [{text}]"))
    outcome = voicecoach("check", "r.yaml")
    assert outcome.code == EXIT_DOCUMENT
    assert "A comma ends a text within braces; put the whole text" in outcome.err
    assert "There is no key" not in outcome.err


def test_a_comma_in_quotes_is_fine(home: Path, voicecoach: CommandLine) -> None:
    (home / "r.yaml").write_text(SMALL.replace("setup: Lean.", 'setup: "Lean, softly."'))
    assert voicecoach("check", "r.yaml").code == EXIT_DONE


def test_uninstall_sees_a_service_of_ones_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    unit = Place(Kind.USER).unit
    unit.parent.mkdir(parents=True)
    unit.write_text("[Unit]\n")
    told: list[str] = []
    uninstall(Place(Kind.SYSTEM), Systemd(Kind.SYSTEM), told.append)
    assert told == ["It is not installed, but your own is; type: voicecoach service uninstall --user"]
    assert unit.exists()


def test_what_new_writes_names_no_place_of_this_machine(home: Path, voicecoach: CommandLine) -> None:
    assert voicecoach("new", "my-feet").code == EXIT_DONE
    text = (home / "my-feet.yaml").read_text()
    assert "file:" not in text
    assert not re.search(r"(?<![.\w])/(home|root|usr|tmp|work|opt|var)", text)
    for verb in ("check", "plan", "rehearse"):
        assert voicecoach(verb, "my-feet").code == EXIT_DONE
