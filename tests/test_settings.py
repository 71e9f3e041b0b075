from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from voicecoach.coaching.timing import Timing
from voicecoach.commands import STANDBY, Command
from voicecoach.errors import EXIT_DOCUMENT, DocumentError, Fault, UsageError
from voicecoach.language.pack import load_pack
from voicecoach.listening.decision import ways_to_say
from voicecoach.listening.pocketsphinx_recognizer import PocketSphinxRecognizer
from voicecoach.listening.recognizer import UnknownWordsError
from voicecoach.settings import (
    DEFAULT_SOURCE,
    FILE_VARIABLE,
    Configuration,
    Setting,
    UnreadableSettingsError,
    configuration_from,
    find_file,
    load_configuration,
    user_file,
)
from voicecoach.settings.model import MAX_EXTRA_PHRASES, PhraseSettings
from voicecoach.speech.clip_cache import ClipCache
from voicecoach.speech.pyttsx3_synthesizer import Pyttsx3Engine, Voice
from voicecoach.speech.speech import Speech

FILE = Path("config.yaml")


def configured(content: str | bytes) -> Configuration:
    return configuration_from(content, FILE)


def faults(content: str | bytes) -> list[str]:
    with pytest.raises(DocumentError) as caught:
        configured(content)
    assert caught.value.exit_code == EXIT_DOCUMENT
    return str(caught.value).splitlines()


def setting(configuration: Configuration, key: str) -> Setting:
    (found,) = [setting for setting in configuration.effective() if setting.key == key]
    return found


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return an empty home folder, in an environment that names no settings."""
    for variable in ("XDG_CONFIG_HOME", "XDG_CONFIG_DIRS", FILE_VARIABLE):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr("voicecoach.settings.reader.SYSTEM_FILE", tmp_path / "etc" / "config.yaml")
    return tmp_path


def write(path: Path, content: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8")
    return path


# What holds


def test_without_a_file_everything_is_as_the_program_and_the_language_have_it(home: Path) -> None:
    configuration = load_configuration()
    assert configuration.path is None
    assert configuration.timing == Timing()
    assert configuration.pack() == load_pack("en")
    assert {setting.source for setting in configuration.effective()} == {DEFAULT_SOURCE}
    assert list(home.iterdir()) == []


@pytest.mark.parametrize("content", ["", "\n", "# nothing yet\n\n  # voice: {name: en-gb}\r\n", "\ufeff# x", "{}"])
def test_a_file_of_remarks_changes_nothing(content: str) -> None:
    assert configured(content).settings == configured("format: 1").settings


def test_every_setting_says_its_value_and_the_line_it_comes_from() -> None:
    content = """\
language: en
voice:
  volume_db: -6
timing: {resume_s: 4.5,
  breaths: 2}
phrases:
  next: onward
"""
    configuration = configured(content)
    from_the_file = {one.key: (one.value, one.source) for one in configuration.effective() if one.source != "default"}
    assert from_the_file == {
        "language": ("en", "config.yaml:1"),
        "voice.volume_db": (-6, "config.yaml:3"),
        "timing.resume_s": (4.5, "config.yaml:4"),
        "timing.breaths": (2, "config.yaml:5"),
        "phrases.next": (["onward"], "config.yaml:7"),
    }
    assert setting(configuration, "voice.name") == Setting("voice.name", "en-us", DEFAULT_SOURCE)
    assert setting(configuration, "voice.words_per_minute").value == load_pack("en").voice.words_per_minute


def test_every_command_can_be_given_phrases() -> None:
    assert set(PhraseSettings.model_fields) == {command.value for command in Command if command not in STANDBY}


def test_durations_are_whole_milliseconds() -> None:
    timing = configured("timing: {resume_s: 2.0005, breath_out_s: 7, breaths: 5}").timing
    assert timing == Timing(resume_ms=2001, breath_out_ms=7000, breaths=5)


def test_extra_phrases_come_after_those_of_the_language() -> None:
    pack = configured("phrases: {next: [onward, keep moving], cramp: yikes}").pack()
    assert pack.phrases[Command.NEXT] == [*load_pack("en").phrases[Command.NEXT], "onward", "keep moving"]
    assert pack.command_of("Onward") is Command.NEXT
    assert "yikes" in pack.urgent_phrases
    assert load_pack("en").command_of("onward") is None


def test_a_phrase_that_the_language_has_already_does_no_harm() -> None:
    assert configured("phrases: {next: [Skip, onward, ONWARD]}").pack().phrases[Command.NEXT][-2:] == [
        "I'm done",
        "onward",
    ]


def test_voice_phrases_and_model_are_only_for_the_language_of_the_settings() -> None:
    configuration = configured("voice: {name: en-gb}\nphrases: {next: onward}\nhearing: {model: /models/en}\n")
    assert configuration.pack("ko") == load_pack("ko")
    assert configuration.model_folder("ko") is None
    assert configuration.pack("en").voice.espeak == "en-gb"
    assert configuration.model_folder("en") == Path("/models/en")


def test_an_address_has_to_be_said_before_all_but_the_alarms() -> None:
    pack = configured("address: coach").pack()
    ways = ways_to_say(pack, ("next", "stop", "cramp back off"))
    alone = {"stop", "stop stop", "stop stop stop", "cramp back off"}
    assert set(ways) == alone | {f"coach {way}" for way in alone} | {"coach next"}
    assert set(ways_to_say(configured("").pack(), ("next", "no"))) == {"next", "no"}
    assert configured("address: coach").pack("ko") == load_pack("ko")


def test_an_address_that_is_a_phrase_or_unknown_is_a_fault() -> None:
    assert faults("address: Stop") == [
        "config.yaml:1:10: 'Stop' is a phrase already; what the coach is called by must be another word."
    ]
    assert "'onward' is a phrase already" in faults("phrases: {next: onward}\naddress: onward")[0]
    assert "cannot be listened for" in faults("address: coach!")[0]
    error = configured("address: blorf").unknown_words(["blorf"])
    assert str(error) == "config.yaml:1:1: The recognizer has never heard of 'blorf'; say it in other words."


def test_the_folder_of_a_model_may_begin_at_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/ada")
    assert configured("hearing: {model: ~/models/en}").model_folder() == Path("/home/ada/models/en")


# What they do


def test_a_slower_voice_takes_longer_over_a_sentence(kept_clips: Path) -> None:
    def frames(content: str) -> int:
        voice = configured(content).pack().voice
        speech = Speech(Pyttsx3Engine(Voice(voice.espeak, voice.words_per_minute)), ClipCache(kept_clips))
        sentence = "Set one foot behind you, heel down."
        return len(speech.clips([sentence])[sentence].samples)

    usual, slow = frames(""), frames("voice: {words_per_minute: 100}")
    assert slow > 1.25 * usual


def test_another_voice_sounds_different(kept_clips: Path) -> None:
    def samples(name: str) -> bytes:
        voice = configured(f"voice: {{name: {name}}}").pack().voice
        speech = Speech(Pyttsx3Engine(Voice(voice.espeak, voice.words_per_minute)), ClipCache(kept_clips))
        return np.asarray(speech.clips(["Bath."])["Bath."].samples).tobytes()

    assert samples("en-us") != samples("en-gb")


def test_a_recognizer_names_all_words_that_nobody_can_pronounce_and_each_is_a_fault_of_its_phrase() -> None:
    configuration = configured("phrases:\n  next:\n    - onward\n    - 다음 on\n  stop: [멈춰 다음]\n")
    pack = configuration.pack()
    with pytest.raises(UnknownWordsError, match="Nobody knows how '다음' is pronounced") as caught:
        PocketSphinxRecognizer(tuple(ways_to_say(pack, pack.all_phrases)))
    error = configuration.unknown_words(caught.value.words)
    assert str(error).splitlines() == [
        "config.yaml:4:7: The recognizer has never heard of '다음'; say it in other words.",
        "config.yaml:5:10: The recognizer has never heard of '멈춰', '다음'; say it in other words.",
    ]
    assert configuration.unknown_words(["somebody", "else"]) is None


# Bad input


def test_ten_faults_are_told_at_once_each_with_what_to_write() -> None:
    content = """\
langauge: en
voise: {}
voice:
  name: "en gb"
  words_per_minute: 500
  volume_db: loud
  pitch: 3
hearing: {engine: pocketsphinx, model: models/x}
phrases:
  nxt: [a]
  next: [stop, "go!", onward]
  switch: [onward]
timing: {resume_s: 0, breaths: 2.5, more_time: 3}
devices: {loudspeker: x, microphone: [a]}
"""
    found = [line.removeprefix("config.yaml:") for line in faults(content)]
    assert [line.split(": ")[0] for line in found] == [
        "1:1", "2:1", "4:9", "5:21", "6:14", "7:3", "8:40", "8:40", "10:3", "11:10", "11:16", "12:12", "13:20", "13:32",
        "13:37", "14:11", "14:38",
    ]  # fmt: skip
    for line in (
        "1:1: There is no key `langauge` here; did you mean `language`?",
        "5:21: `500` is out of range: `words_per_minute` is 100 to 240; write a number in that range.",
        "8:40: A model is for Vosk; take it out, or write `engine: vosk`.",
        "10:3: There is no key `nxt` here; did you mean `next`?",
        "11:10: 'stop' is a phrase of `stop` already; a phrase can mean one thing only, so choose another.",
        "12:12: 'onward' is here already, for `next`; a phrase can mean one thing only, so choose another.",
        "13:37: There is no key `more_time` here; did you mean `more_time_s`?",
    ):
        assert line in found


def test_settings_of_a_later_version_have_that_one_fault() -> None:
    [fault] = faults("format: 2\nsomething: new\nvoice: {pitch: high}\n")
    assert fault.startswith("config.yaml:1:9: These settings need a newer voicecoach (format 2, and this one reads 1)")


@pytest.mark.parametrize("number", ["0", "-1", "1.0", "one", "''"])
def test_a_format_that_never_was_is_a_fault(number: str) -> None:
    [fault] = faults(f"format: {number}")
    assert "newer" not in fault


def test_a_language_without_a_pack_is_a_fault_with_those_there_are() -> None:
    assert faults("language: xx") == ["config.yaml:1:11: There is no language pack for this; write one of: en, ko."]


@pytest.mark.parametrize("phrase", ["stop stop", "Cramp cramp CRAMP", "wait wait"])
def test_an_urgent_word_said_twice_is_taken_already(phrase: str) -> None:
    [fault] = faults(f"phrases: {{finish: {phrase}}}")
    assert "already" in fault


@pytest.mark.parametrize("phrase", ["breathe in", "rest", "in position"])
def test_an_urgent_phrase_that_the_coach_itself_says_is_refused(phrase: str) -> None:
    [fault] = faults(f"phrases: {{stop: {phrase}}}")
    assert "The coach itself says" in fault
    assert configured(f"phrases: {{next: {phrase}}}").pack().command_of(phrase) is Command.NEXT


@pytest.mark.parametrize("phrase", ["go!", '"go  on"', "go;on", "3 more", "<sil>", '""', "[a]", "x" + " x" * 30])
def test_a_phrase_that_a_grammar_would_trip_over_is_a_fault(phrase: str) -> None:
    assert len(faults(f"phrases: {{harder: [{phrase}]}}")) == 1


def test_there_can_be_too_many_phrases() -> None:
    words = [f"x{'y' * number}" for number in range(MAX_EXTRA_PHRASES + 1)]
    assert configured(f"phrases: {{next: [{', '.join(words[1:])}]}}")
    assert faults(f"phrases: {{next: [{', '.join(words)}]}}")


def test_pocketsphinx_is_refused_for_a_language_that_it_does_not_speak() -> None:
    [fault] = faults("language: ko\nhearing:\n  engine: pocketsphinx\n")
    assert fault.startswith("config.yaml:3:11: PocketSphinx does not speak")


@pytest.mark.parametrize("folder", ["models/en", "../x", "''", "~nobody-at-all/x"])
def test_a_folder_is_written_in_full(folder: str) -> None:
    assert len(faults(f"hearing: {{model: {folder}}}")) == 1


# Where the file is


def test_the_file_is_named_or_the_environments_or_the_persons_or_the_systems(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    system = write(home / "etc" / "config.yaml", "voice: {volume_db: -1}")
    assert find_file() == system
    own = write(home / ".config" / "voicecoach" / "config.yaml", "voice: {volume_db: -2}")
    assert find_file() == own == user_file()
    monkeypatch.setenv(FILE_VARIABLE, str(write(home / "variable.yaml", "voice: {volume_db: -3}")))
    assert load_configuration().settings.voice.volume_db == -3
    assert load_configuration(str(system)).settings.voice.volume_db == -1
    monkeypatch.setenv(FILE_VARIABLE, "")
    assert find_file() == own


def test_a_file_that_was_named_must_be_there(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UsageError, match=r"no settings file 'nowhere\.yaml', which --config names"):
        find_file("nowhere.yaml")
    monkeypatch.setenv(FILE_VARIABLE, str(home / "nowhere.yaml"))
    with pytest.raises(UsageError, match=f"which the environment variable {FILE_VARIABLE} names"):
        find_file()


@pytest.mark.parametrize("kind", ["folder", "dangling", "pipe", "huge"])
def test_what_stands_in_the_files_place_and_cannot_be_read_is_not_passed_over(home: Path, kind: str) -> None:
    path = user_file()
    path.parent.mkdir(parents=True)
    match kind:
        case "folder":
            path.mkdir()
        case "dangling":
            path.symlink_to(home / "gone.yaml")
        case "pipe":
            os.mkfifo(path)
        case _:
            path.write_text("# " + "x" * 70_000)
    with pytest.raises(UnreadableSettingsError, match="The settings cannot be used: ") as caught:
        load_configuration()
    assert caught.value.exit_code == EXIT_DOCUMENT
    assert len(str(caught.value).splitlines()) == 1


# Anything at all

SECONDS = st.integers(4, 15).map(str) | st.integers(40, 150).map(lambda tenths: f"{tenths / 10:.1f}")


@given(
    volume=st.integers(-18, 6),
    speed=st.integers(100, 240),
    resume=SECONDS,
    breath=SECONDS,
    phrases=st.lists(st.from_regex(r"q[a-z]{1,8}( [a-z]{1,8})?", fullmatch=True), max_size=5),
)
def test_what_is_written_is_what_holds(volume: int, speed: int, resume: str, breath: str, phrases: list[str]) -> None:
    content = {
        "voice": {"volume_db": volume, "words_per_minute": speed},
        "timing": {"resume_s": float(resume), "breath_in_s": float(breath)},
        "phrases": {"next": phrases},
    }
    configuration = configured(yaml.safe_dump(content))
    assert configuration.settings.voice.volume_db == volume
    assert configuration.pack().voice.words_per_minute == speed
    assert configuration.timing.resume_ms == round(float(resume) * 1000)
    assert configuration.timing.breath_in_ms == round(float(breath) * 1000)
    pack = configuration.pack()
    assert all(pack.command_of(phrase) is Command.NEXT for phrase in phrases)


KEYS = st.sampled_from(
    ["format", "language", "voice", "hearing", "phrases", "timing", "devices", "next", "stop", "name", "model",
     "engine", "volume_db", "resume_s", "breaths", "microphone", "[key]", ""]
)  # fmt: skip
VALUES = st.recursive(
    st.sampled_from(["1", "2", "en", "ko", "xx", "-6", "4.5", "stop", "onward", "/x", "vosk", "", "pocketsphinx"])
    | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS | st.text(max_size=4), inner, max_size=4),
    max_leaves=12,
)


def faults_if_any(content: str | bytes) -> tuple[Fault, ...]:
    """Return the faults of a file that may have none; every other error is a failure of the test."""
    try:
        configured(content)
    except DocumentError as error:
        return error.faults
    return ()


@given(st.dictionaries(KEYS, VALUES, max_size=6))
def test_settings_of_any_shape_hold_or_have_faults_in_one_line_each(content: dict[str, object]) -> None:
    text = yaml.safe_dump(content, allow_unicode=True)
    found = faults_if_any(text)
    for fault in found:
        assert 1 <= fault.line <= text.count("\n") + 1
        assert len(fault.what.splitlines()) == 1
    if not found:
        configuration = configured(text)
        assert configuration.pack().all_phrases
        assert configuration.timing.breaths
        assert all(one.source.startswith((DEFAULT_SOURCE, "config.yaml:")) for one in configuration.effective())


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_no_bytes_bring_the_reader_down(content: bytes) -> None:
    assert all(fault.what for fault in faults_if_any(content))
