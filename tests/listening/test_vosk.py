"""Vosk, end to end. In Korean; in English where VOICECOACH_TEST_MODEL names a model."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from tests.listening.sounds import Speaker, in_a_quiet_room, silence
from voicecoach.commands import Command
from voicecoach.errors import ModelError
from voicecoach.language.pack import load_pack
from voicecoach.listening.ears import Ears, hear
from voicecoach.listening.factory import open_ears
from voicecoach.listening.model_check import check_model
from voicecoach.listening.models import MODELS_VARIABLE, find_vosk_model
from voicecoach.listening.recognizer import Recognizer, UnknownWordsError
from voicecoach.listening.sensations import Heard
from voicecoach.listening.vosk_recognizer import VoskRecognizer
from voicecoach.settings import configuration_from

COMMANDS = [Command.CRAMP, Command.PREVIOUS, Command.STOP, Command.HELP, Command.RESUME, Command.EASIER, Command.NO]


def test_english_with_vosk_is_tested_where_there_is_a_model() -> None:
    if not os.environ.get("VOICECOACH_TEST_MODEL"):
        pytest.skip("VOICECOACH_TEST_MODEL names no English model, so Vosk is tested in Korean")


def recognizer_of(ears: Ears) -> Recognizer:
    """Return what Vosk hears with: of a language without a scorer all there is."""
    assert ears.engine.recognizer is not None
    return ears.engine.recognizer


@pytest.mark.parametrize("command", COMMANDS)
def test_vosk_hears_commands(vosk_speaker: tuple[Ears, Speaker], command: Command) -> None:
    ears, speaker = vosk_speaker
    pack = load_pack(speaker.language)
    phrase = pack.phrases[command][0]
    heard = list(hear(ears.fresh(), in_a_quiet_room(speaker.says(phrase)), pack.all_phrases))
    assert [(result.command, result.phrase) for result in heard if isinstance(result, Heard)] == [(command, phrase)]


def test_the_words_of_all_parts_are_kept_when_vosk_ends_an_utterance_by_itself(
    vosk_speaker: tuple[Ears, Speaker],
) -> None:
    recognizer, speaker = recognizer_of(vosk_speaker[0]), vosk_speaker[1]
    pack = load_pack(speaker.language)
    one, other = pack.phrases[Command.STOP][0], pack.phrases[Command.PREVIOUS][0]
    recognizer.start([one, other])
    sound = in_a_quiet_room(speaker.says(one), silence(3000), speaker.says(other))
    for start in range(0, len(sound), 320):
        recognizer.feed(sound[start : start + 320])
    hypothesis = recognizer.finish()
    assert [word.text for word in hypothesis.words if word.text != "[unk]"] == [one, other]
    assert hypothesis.words[-1].start_ms > 4000


def test_no_phrases_are_refused_before_vosk_sees_them(vosk_speaker: tuple[Ears, Speaker]) -> None:
    with pytest.raises(ValueError, match="without phrases"):
        recognizer_of(vosk_speaker[0]).start([])


def test_an_utterance_without_sound_has_no_words(vosk_speaker: tuple[Ears, Speaker]) -> None:
    recognizer, speaker = recognizer_of(vosk_speaker[0]), vosk_speaker[1]
    recognizer.start(load_pack(speaker.language).all_phrases)
    assert recognizer.finish().words == ()


@pytest.mark.parametrize("phrase", ["xqzzy", 'a"b', "[unk", "]", "\\"])
def test_a_word_that_the_model_lacks_is_named(vosk_speaker: tuple[Ears, Speaker], phrase: str) -> None:
    folder = recognizer_of(vosk_speaker[0]).folder  # type: ignore[attr-defined]
    with pytest.raises(ModelError, match="does not know the word"):
        VoskRecognizer(folder, [phrase])


def test_every_word_of_the_korean_pack_is_in_the_model(korean_model: Path) -> None:
    if os.environ.get("VOICECOACH_TEST_MODEL"):
        pytest.skip("another model is loaded in this process")
    VoskRecognizer(korean_model, load_pack("ko").all_phrases)


@pytest.fixture
def copy(tmp_path: Path, korean_model: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the model whose files may be damaged; large ones are links until then."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    folder = tmp_path / "model"
    shutil.copytree(korean_model, folder, copy_function=os.symlink)
    return folder


def cut_short(file: Path, part: float) -> None:
    whole = file.resolve()
    file.unlink()
    with whole.open("rb") as source:
        file.write_bytes(source.read(int(whole.stat().st_size * part)))


@pytest.mark.parametrize(
    "path",
    [
        "am/final.mdl",
        "conf/model.conf",
        "conf/mfcc.conf",
        "graph/Gr.fst",
        "graph/HCLr.fst",
        "graph/disambig_tid.int",
        "graph/phones/word_boundary.int",
        "ivector/final.dubm",
        "ivector/final.ie",
        "ivector/final.mat",
        "ivector/global_cmvn.stats",
        "ivector/splice.conf",
    ],
)
@pytest.mark.parametrize("part", [0.0, 0.3])
def test_a_truncated_file_is_named_before_anything_is_loaded(copy: Path, path: str, part: float) -> None:
    cut_short(copy / path, part)
    with pytest.raises(ModelError, match=path):
        check_model(copy)


def test_a_missing_file_is_named(copy: Path) -> None:
    (copy / "ivector" / "final.ie").unlink()
    with pytest.raises(ModelError, match=r"ivector/final\.ie is missing"):
        check_model(copy)


@pytest.mark.parametrize("part", [0.8, 0.99999])
def test_a_graph_that_lacks_only_its_end_is_named(copy: Path, part: float) -> None:
    cut_short(copy / "graph" / "HCLr.fst", part)
    with pytest.raises(ModelError, match=r"graph/HCLr\.fst is cut short"):
        check_model(copy)


def test_a_model_that_kills_the_process_is_found_in_another(copy: Path) -> None:
    cut_short(copy / "graph" / "Gr.fst", 0.9)
    with pytest.raises(ModelError, match=r"graph/Gr\.fst"):
        check_model(copy)


def test_a_file_that_differs_from_the_published_one_is_named(copy: Path) -> None:
    (copy / "SHA256SUMS").write_text(f"{'0' * 64}  conf/mfcc.conf\n", encoding="utf-8")
    with pytest.raises(ModelError, match=r"conf/mfcc\.conf is not what was published"):
        check_model(copy)


def test_a_model_is_found_where_the_environment_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = load_pack("en").recognition.vosk
    monkeypatch.setenv(MODELS_VARIABLE, str(tmp_path))
    assert find_vosk_model(wanted) is None
    (tmp_path / wanted.name).mkdir()
    assert find_vosk_model(wanted) == tmp_path / wanted.name


def test_without_a_model_english_has_its_scorer_and_korean_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(MODELS_VARIABLE, str(tmp_path))
    assert open_ears(load_pack("en")).engine.name == "Moonshine"
    with pytest.raises(ModelError, match="give the folder of one with --model"):
        open_ears(load_pack("ko"))


def test_a_phrase_that_the_model_does_not_know_is_refused_at_the_start_with_its_word(korean_model: Path) -> None:
    if os.environ.get("VOICECOACH_TEST_MODEL"):
        pytest.skip("VOICECOACH_TEST_MODEL names another model, and there can be one in a process")
    configuration = configuration_from("language: ko\nphrases:\n  next: [다음 뷁쉛]\n", Path("config.yaml"))
    with pytest.raises(UnknownWordsError, match="does not know the word '뷁쉛'; choose another phrase") as caught:
        open_ears(configuration.pack(), korean_model)
    assert str(configuration.unknown_words(caught.value.words)) == (
        "config.yaml:3:10: The recognizer has never heard of '뷁쉛'; say it in other words."
    )
