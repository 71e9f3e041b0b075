"""`config`, and what the settings do to the other verbs, with real engines."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from importlib import resources
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
import soundfile

from voicecoach.audio.files import read_audio
from voicecoach.cli import main
from voicecoach.cli.options import ENGINES
from voicecoach.cli.voicing import authors_pack
from voicecoach.errors import EXIT_DOCUMENT, EXIT_DONE, EXIT_NO_MODEL, EXIT_NO_VOICE, EXIT_USAGE
from voicecoach.language.pack import load_pack
from voicecoach.live.known_machine import keep_effort, machine_file
from voicecoach.live.overload import STEPS
from voicecoach.routine.compiler import compile_plan
from voicecoach.routine.reader import read_routine
from voicecoach.settings import FILE_VARIABLE, EngineName, configuration_from

Output = pytest.CaptureFixture[str]

TINY = """\
format: 1
name: tiny
title: Tiny
language: en
about: For tests.
welcome: Hello.
safety: Be kind to yourself.
defaults: {get_ready_s: 3, cramp: retry}
exercises:
  - {id: lean, title: Lean, sides: both, hold: 12, setup: Lean.}
"""


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kept_clips: Path) -> Path:
    """Work in a folder without any settings."""
    monkeypatch.delenv(FILE_VARIABLE, raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(kept_clips))
    monkeypatch.setenv("VOICECOACH_MODELS", str(tmp_path / "models"))
    monkeypatch.setattr("voicecoach.settings.reader.SYSTEM_FILE", tmp_path / "etc" / "config.yaml")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(content: str, name: str = "config.yaml") -> str:
    Path(name).write_text(content, encoding="utf-8")
    return name


def settings_of(out: str) -> dict[str, dict[str, object]]:
    settings: dict[str, dict[str, object]] = json.loads(out)["settings"]
    return settings


# The verb


def test_config_prints_every_setting_with_its_source(capsys: Output) -> None:
    config = write("voice:\n  volume_db: -6\nphrases:\n  cramp: [yikes, oh dear]\n")
    assert main(["config", "--config", config]) == EXIT_DONE
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert ["voice.volume_db", "-6", "config.yaml:2"] in lines
    assert ["voice.name", "en-us", "default"] in lines
    assert ["timing.resume_s", "3", "default"] in lines
    assert ["phrases.cramp", "yikes,", "oh", "dear", "config.yaml:4"] in lines


def test_config_as_json_has_the_same(capsys: Output) -> None:
    config = write("timing: {resume_s: 4.5}\n")
    assert main(["config", "--json", "--config", config]) == EXIT_DONE
    out = capsys.readouterr().out
    assert json.loads(out)["path"] == config
    assert settings_of(out)["timing.resume_s"] == {"value": 4.5, "source": "config.yaml:1"}
    assert settings_of(out)["phrases.next"] == {"value": [], "source": "default"}
    assert settings_of(out)["devices.microphone"] == {"value": None, "source": "default"}


def test_config_works_without_a_file_and_leaves_none_behind(capsys: Output, home: Path) -> None:
    assert main(["config"]) == EXIT_DONE
    assert {line.split()[-1] for line in capsys.readouterr().out.splitlines()} == {"default"}
    assert main(["config", "--path"]) == EXIT_DONE
    captured = capsys.readouterr()
    assert captured.out == ""
    assert str(home / "config" / "voicecoach" / "config.yaml") in captured.err
    assert list(home.iterdir()) == []


def test_config_prints_the_path_even_of_a_faulty_file(capsys: Output, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(FILE_VARIABLE, write("nonsense"))
    assert main(["config", "--path"]) == EXIT_DONE
    assert capsys.readouterr().out == "config.yaml\n"


@pytest.mark.parametrize("verb", [["config"], ["plan"], ["listen", "--from", "x.wav"], ["rehearse"], ["check", "x"]])
def test_a_faulty_file_stops_every_verb_that_uses_it(verb: list[str], capsys: Output) -> None:
    config = write("format: 2\nnew: things\n")
    assert main([*verb, "--config", config]) == EXIT_DOCUMENT
    captured = capsys.readouterr()
    assert captured.out == ""
    assert len(captured.err.splitlines()) == 1
    assert captured.err.startswith("config.yaml:1:9: These settings need a newer voicecoach")


def test_a_named_file_that_is_missing_is_an_error(capsys: Output) -> None:
    assert main(["plan", "--config", "nowhere.yaml"]) == EXIT_USAGE
    assert "no settings file 'nowhere.yaml'" in capsys.readouterr().err


def test_config_finds_words_that_nobody_can_hear(capsys: Output) -> None:
    assert main(["config", "--config", write("phrases: {next: [다음, onward]}")]) == EXIT_DOCUMENT
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == "config.yaml:1:18: The recognizer has never heard of '다음'; say it in other words.\n"


def test_pocketsphinx_cannot_hear_a_word_of_no_dictionary(capsys: Output) -> None:
    config = "phrases: {next: [blorf, onward]}"
    assert main(["config", "--config", write(config)]) == EXIT_DONE
    capsys.readouterr()
    assert main(["config", "--config", write(f"hearing: {{engine: pocketsphinx}}\n{config}")]) == EXIT_DOCUMENT
    assert capsys.readouterr().err == (
        "config.yaml:2:18: The recognizer has never heard of 'blorf'; say it in other words.\n"
    )


ALIKE = "phrases:\n  next: [onward, stomp]\n  stop: necks\n"
TOLD = [
    "config.yaml:2:18: warning: 'stomp' sounds like 'stop', which means `stop`; one may be taken for the other, so"
    " choose another.",
    "config.yaml:3:3: warning: 'necks' sounds like 'next', which means `next`; one may be taken for the other, so"
    " choose another.",
]


def test_config_warns_of_phrases_that_sound_like_another_command(capsys: Output) -> None:
    assert main(["config", "--config", write(ALIKE)]) == EXIT_DONE
    captured = capsys.readouterr()
    assert captured.err.splitlines() == TOLD
    assert "phrases.stop" in captured.out


def test_check_warns_of_them_too_and_fails_for_no_warning(capsys: Output) -> None:
    routine, config = write(TINY, "tiny.yaml"), write(ALIKE)
    assert main(["check", routine, "--config", config]) == EXIT_DONE
    captured = capsys.readouterr()
    assert captured.err.splitlines() == TOLD
    assert captured.out.startswith("tiny.yaml: fine, 1 exercises")
    assert main(["check", config]) == EXIT_DONE
    captured = capsys.readouterr()
    assert (captured.out, captured.err.splitlines()) == ("config.yaml: fine, settings\n", TOLD)


def test_check_finds_the_faults_of_settings_and_of_language_packs(capsys: Output) -> None:
    assert main(["check", write("phrases: {nxt: onward}")]) == EXIT_DOCUMENT
    assert "config.yaml:1:11: " in capsys.readouterr().err
    content = resources.files("voicecoach.language").joinpath("packs", "en.yaml").read_text(encoding="utf-8")
    assert main(["check", write(content, "own.yaml")]) == EXIT_DONE
    captured = capsys.readouterr()
    assert captured.out == "own.yaml: fine, a language pack with 64 phrases for 26 commands\n"
    assert "warning: 'start' sounds like 'stop'" in captured.err
    mistaken = content.replace("previous: [go back,", "previous: [돌아가,")
    assert main(["check", write(mistaken, "own.yaml")]) == EXIT_DOCUMENT
    assert capsys.readouterr().err == (
        "own.yaml:7:14: '돌아가' is not written in Latin letters; choose another phrase.\n"
    )
    assert main(["check", write(mistaken.replace("harder: [harder]", "harder: []"), "own.yaml")]) == EXIT_DOCUMENT
    assert "The command 'harder' has no phrase" in capsys.readouterr().err


# What settings do to the other verbs


def test_the_command_line_knows_the_engines_of_the_settings() -> None:
    assert get_args(EngineName) == ENGINES


def test_settings_need_no_heavy_library() -> None:
    code = "import sys; from voicecoach.cli import main; main(['config']); sys.exit('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False, stdout=subprocess.DEVNULL).returncode == 0


def test_a_routine_must_not_say_an_extra_urgent_phrase(capsys: Output) -> None:
    routine, config = write(TINY, "tiny.yaml"), write("phrases: {cramp: [kind to yourself]}")
    assert main(["plan", f"./{routine}"]) == EXIT_DONE
    for verb in ("plan", "check"):
        assert main([verb, f"./{routine}", "--config", config]) == EXIT_DOCUMENT
        assert 'if it said "kind to yourself"' in capsys.readouterr().err


def spoken_by_flite(text: str) -> str:
    """Return a recording, by the tool that speaks most of the recorded commands."""
    if shutil.which("flite") is None:
        pytest.skip("flite is not installed: nothing can say a phrase that was not recorded")
    subprocess.run(["flite", "-voice", "slt", "-t", text, "-o", "said.wav"], check=True)
    samples, rate = soundfile.read("said.wav", dtype="float32")
    soundfile.write("said.wav", np.concatenate([np.zeros(rate), samples, np.zeros(rate)]), rate)
    return "said.wav"


@pytest.fixture
def spoken() -> str:
    return spoken_by_flite("keep moving")


def test_an_extra_phrase_is_heard(spoken: str, capsys: Output) -> None:
    def command(*options: str) -> object:
        assert main(["listen", "--from", spoken, "--json", *options]) == EXIT_DONE
        (line,) = capsys.readouterr().out.splitlines()
        return json.loads(line)["command"]

    assert command() is None
    assert command("--config", write("phrases: {next: keep moving}")) == "next"


def test_an_extra_phrase_of_words_in_no_dictionary_is_heard(capsys: Output) -> None:
    config = write("phrases: {next: wuzzle blorf}")
    assert main(["listen", "--from", spoken_by_flite("wuzzle blorf"), "--json", "--config", config]) == EXIT_DONE
    (line,) = capsys.readouterr().out.splitlines()
    assert (json.loads(line)["command"], json.loads(line)["phrase"]) == ("next", "wuzzle blorf")


def test_a_verb_that_hears_warns_at_its_start(spoken: str, capsys: Output) -> None:
    assert main(["listen", "--from", spoken, "--config", write(ALIKE)]) == EXIT_DONE
    assert capsys.readouterr().err.splitlines()[-2:] == TOLD


def test_the_engine_that_the_settings_name_is_the_one_that_listens(spoken: str, capsys: Output) -> None:
    config = write("hearing: {engine: vosk}")
    assert main(["listen", "--from", spoken, "--config", config]) == EXIT_NO_MODEL
    assert "There is no Vosk model for English here" in capsys.readouterr().err
    config = write("hearing: {model: /nowhere}")
    assert main(["listen", "--from", spoken, "--config", config]) == EXIT_NO_MODEL
    assert "/nowhere" in capsys.readouterr().err


def test_words_that_nobody_can_hear_stop_the_hearing_verbs(spoken: str, capsys: Output) -> None:
    config = write("phrases: {next: [다음, onward]}")
    assert main(["listen", "--from", spoken, "--config", config]) == EXIT_DOCUMENT
    assert capsys.readouterr().err.startswith("config.yaml:1:18: ")


def test_a_voice_that_is_not_there_is_said_in_one_line(capsys: Output) -> None:
    config = write("voice: {name: xx-nobody}")
    assert main(["rehearse", f"./{write(TINY, 'tiny.yaml')}", "--config", config, "--out", "a.wav"]) == EXIT_NO_VOICE
    assert "there is no voice 'xx-nobody'" in capsys.readouterr().err
    assert not Path("a.wav").exists()


def test_a_routine_is_spoken_by_the_voice_of_the_settings_where_it_has_their_language() -> None:
    plan = compile_plan(read_routine(TINY, "tiny.yaml"))
    configuration = configuration_from("voice: {name: en-gb, words_per_minute: 120}", Path("config.yaml"))
    voice = authors_pack(plan, configuration.pack()).voice
    assert (voice.espeak, voice.words_per_minute) == ("en-gb", 120)
    assert authors_pack(plan, configuration.pack("ko")).voice == load_pack("en").voice


def test_a_rehearsal_has_the_volume_and_the_timings_of_the_settings() -> None:
    config = write("voice: {volume_db: -12}\ntiming: {resume_s: 5, breaths: 1, breath_in_s: 3}\n")
    arguments = ["--config", config, "--say", "0:14 cramp", "--out", "a.wav", "--timeline", "a.jsonl"]
    assert main(["rehearse", f"./{write(TINY, 'tiny.yaml')}", *arguments]) == EXIT_DONE
    events = [json.loads(line) for line in Path("a.jsonl").read_text(encoding="utf-8").splitlines()]
    says = {event["text"]: event for event in events if event["kind"] == "say"}
    assert [event["text"] for event in events if event["kind"] == "say"].count("Breathe in.") == 1
    assert says["And slowly out."]["t_ms"] - says["Breathe in."]["t_ms"] == 3_000
    lead_ins = [event["remaining_ms"] for event in events if event.get("state") == "get_ready"]
    assert lead_ins == [3_000, 5_000]
    # The loudest that is said at the usual volume peaks at -6 dBFS.
    loudest_db = 20 * np.log10(np.abs(read_audio(Path("a.wav"))).max())
    assert -20.5 < loudest_db < -17


def test_what_a_session_found_out_about_the_machine_is_shown(capsys: Output) -> None:
    assert main(["config"]) == EXIT_DONE
    assert "pace" not in capsys.readouterr().out
    keep_effort("", STEPS[3])
    assert main(["config"]) == EXIT_DONE
    row = next(line for line in capsys.readouterr().out.splitlines() if line.startswith("(pace)"))
    assert f"{STEPS[3].buffer_ms} ms kept ready, without the second opinion" in row
    assert row.endswith(str(machine_file()))
    assert main(["config", "--json"]) == EXIT_DONE
    assert json.loads(capsys.readouterr().out)["machine"] == {"": {"buffer_ms": STEPS[3].buffer_ms, "thrift": 1}}
