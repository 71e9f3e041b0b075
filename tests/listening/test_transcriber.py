"""The third witness: Moonshine's tokens, and which phrase it would write down."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from tests.listening.sounds import Speaker, in_a_quiet_room
from voicecoach.errors import ModelError
from voicecoach.language.pack import load_pack
from voicecoach.listening import transcriber
from voicecoach.listening.decision import Accepted, Rejected, is_in_doubt, ways_to_say
from voicecoach.listening.ears import Ears, hear
from voicecoach.listening.moonshine import Tokens, model_folder
from voicecoach.listening.phoneme_verifier import PhonemeVerifier
from voicecoach.listening.pocketsphinx_recognizer import PocketSphinxRecognizer
from voicecoach.listening.recognizer import Pcm
from voicecoach.listening.sensations import Heard, Reason
from voicecoach.listening.transcriber import MoonshineTranscriber, open_transcriber

PACK = load_pack("en")
WAYS = tuple(ways_to_say(PACK, PACK.all_phrases))
RMS = Speaker("en", "rms")


@pytest.fixture(scope="module")
def moonshine() -> MoonshineTranscriber:
    return MoonshineTranscriber(WAYS)


@pytest.fixture(scope="module")
def tokens() -> Tokens:
    folder = model_folder()
    assert folder is not None
    return Tokens(folder / "tokenizer.bin")


def test_a_common_word_is_one_token_and_a_made_up_one_is_several(tokens: Tokens) -> None:
    assert len(tokens.of("Next")) == 1
    assert len(tokens.of("Next.")) == 2
    assert tokens.of("Next.")[:1] == tokens.of("Next")
    assert len(tokens.of("wibblefoot")) > 1


def test_a_letter_without_a_piece_is_written_as_its_bytes(tokens: Tokens) -> None:
    assert tokens.of("\u1234")[-3:] == [3 + byte for byte in "\u1234".encode()]


@pytest.mark.parametrize("cut", [1, 2, 1000])
def test_a_damaged_file_of_tokens_is_refused(tmp_path: Path, cut: int) -> None:
    folder = model_folder()
    assert folder is not None
    damaged = tmp_path / "tokenizer.bin"
    damaged.write_bytes((folder / "tokenizer.bin").read_bytes()[:-cut])
    with pytest.raises(ModelError, match="damaged"):
        Tokens(damaged)


@pytest.mark.parametrize("phrase", ["next exercise", "more time", "explain", "switch foot", "what's next"])
def test_the_sound_speaks_most_for_what_was_said(moonshine: MoonshineTranscriber, phrase: str) -> None:
    ratios = moonshine.log_ratios(in_a_quiet_room(RMS.says(phrase)), WAYS)
    assert WAYS[int(np.argmax(ratios))] == phrase
    assert max(ratios) > 5.0


def test_it_tells_phrases_apart_that_sound_alike() -> None:
    alike = ["continue", "can you", "can't argue", "contain you"]
    ratios = MoonshineTranscriber(alike).log_ratios(in_a_quiet_room(RMS.says("continue")), alike)
    assert ratios[0] > max(ratios[1:]) + 1.5


def test_silence_and_nothing_speak_for_no_phrase(moonshine: MoonshineTranscriber) -> None:
    for sound in (np.zeros(16_000, dtype=np.int16), np.zeros(0, dtype=np.int16)):
        assert max(moonshine.log_ratios(sound, WAYS)) < 4.0


def test_the_ratios_of_some_phrases_are_those_among_all(moonshine: MoonshineTranscriber) -> None:
    sound = in_a_quiet_room(RMS.says("go back"))
    among_all = dict(zip(WAYS, moonshine.log_ratios(sound, WAYS), strict=True))
    some = ("stop", "go back")
    assert moonshine.log_ratios(sound, some) == pytest.approx([among_all[phrase] for phrase in some], abs=0.02)


def test_a_small_or_slow_machine_does_without(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as small:
        small.setattr(transcriber, "memory_mb", lambda: 512)
        assert open_transcriber(WAYS) is None
    monkeypatch.setattr(transcriber, "LONGEST_S", 0.0)
    assert open_transcriber(WAYS) is None


def test_only_what_two_witnesses_leave_in_doubt_is_in_doubt() -> None:
    command = PACK.command_of("next")
    urgent = PACK.command_of("stop")
    assert command is not None
    assert urgent is not None
    assert is_in_doubt(Accepted(command, "next", 0.5, sure=False))
    assert is_in_doubt(Accepted(command, "next", 0.85, sure=True))
    assert not is_in_doubt(Accepted(command, "next", 0.9, sure=True))
    assert is_in_doubt(Accepted(urgent, "stop", 0.3, sure=False))
    assert is_in_doubt(Rejected(Reason.AMBIGUOUS, 0.3))
    assert not is_in_doubt(Rejected(Reason.POOR_FIT, 0.001))


class _Asked:
    """A third witness that takes everything for one phrase, and counts how often it is asked."""

    def __init__(self, phrase: str) -> None:
        self._phrase = phrase
        self.times = 0

    def log_ratios(self, _utterance: Pcm, phrases: Sequence[str]) -> list[float]:
        self.times += 1
        return [30.0 if phrase == self._phrase else -10.0 for phrase in phrases]


def _ears(pocketsphinx: PocketSphinxRecognizer, verifier: PhonemeVerifier, third: _Asked) -> Ears:
    return Ears(pocketsphinx, verifier, PACK, transcriber=lambda: third)


def test_it_is_not_asked_what_two_witnesses_are_sure_of(
    pocketsphinx: PocketSphinxRecognizer, verifier: PhonemeVerifier
) -> None:
    third = _Asked("stop")
    ears = _ears(pocketsphinx, verifier, third)
    heard = [*hear(ears, in_a_quiet_room(RMS.says("next exercise")), PACK.all_phrases)]
    assert [one.phrase for one in heard if isinstance(one, Heard)] == ["next exercise"]
    assert third.times == 0


def test_what_two_witnesses_doubt_it_can_decide_either_way(
    pocketsphinx: PocketSphinxRecognizer, verifier: PhonemeVerifier
) -> None:
    sound = in_a_quiet_room(RMS.says("longer"))
    hiss = np.random.default_rng(1).normal(0.0, float(np.abs(sound).max()) / 16, len(sound))
    noisy = (sound + hiss).clip(-32768, 32767).astype(np.int16)
    found = {}
    for phrase in ("longer", "stop"):
        third = _Asked(phrase)
        heard = [*hear(_ears(pocketsphinx, verifier, third), noisy, PACK.all_phrases)]
        assert third.times == 1
        found[phrase] = [one.phrase for one in heard if isinstance(one, Heard)]
    assert found == {"longer": ["longer"], "stop": []}
