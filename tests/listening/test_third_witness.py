"""The third witness: the classifier of phrases, the transcriber for all others, and what the ears make of both."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from tests.listening.sounds import Speaker, in_a_quiet_room, silence
from voicecoach.errors import ModelError
from voicecoach.language.pack import load_pack
from voicecoach.listening import decision, third_witness
from voicecoach.listening.decision import (
    AMONG_TALK,
    BELIEVED_BY_THREE,
    TALK_MS,
    URGENT_BELIEVED_BY_THREE,
    Accepted,
    Evidence,
    Rejected,
    Verdict,
    decide,
    is_beyond_doubt,
    ways_to_say,
)
from voicecoach.listening.ears import Ears, hear
from voicecoach.listening.phoneme_verifier import PhonemeVerifier
from voicecoach.listening.phrase_classifier import PhraseClassifier, classifier_file
from voicecoach.listening.pocketsphinx_recognizer import PocketSphinxRecognizer
from voicecoach.listening.recognizer import Hypothesis, Opinion, Pcm
from voicecoach.listening.sensations import Heard, Reason
from voicecoach.listening.third_witness import MoonshineWitness, open_third_witness

PACK = load_pack("en")
WAYS = tuple(ways_to_say(PACK, PACK.all_phrases))
OWN = "arnica please"
NAMES = (
    *("frame", "frame_bias", "layer0", "layer0_bias", "layer1", "layer1_bias", "attention"),
    *("summary", "summary_bias", "way", "way_bias"),
)
"""What a network consists of."""
RMS = Speaker("en", "rms")
NEVER = 2.0
"""A share that no command can have."""


@pytest.fixture(scope="module")
def witness() -> MoonshineWitness:
    return MoonshineWitness([*WAYS, OWN])


def test_the_classifier_knows_every_way_to_say_something() -> None:
    assert set(PhraseClassifier(classifier_file("en")).ways) == set(WAYS)


@pytest.mark.parametrize("voice", ["slt", "rms", "awb"])
def test_it_knows_what_was_said(witness: MoonshineWitness, voice: str) -> None:
    speaker = Speaker("en", voice)
    phrases = ("next exercise", "more time", "explain", "switch foot", "what's next", "help", "stop", "no")
    for phrase in phrases:
        odds = witness.hear(in_a_quiet_room(speaker.says(phrase)), None, ()).classified
        assert PACK.command_of(max(odds, key=odds.__getitem__)) is PACK.command_of(phrase)
        assert max(odds.values()) > 0.0


def test_silence_nothing_and_hiss_are_no_phrase(witness: MoonshineWitness) -> None:
    hiss = np.random.default_rng(7).normal(0.0, 900.0, 24_000).astype(np.int16)
    for sound in (np.zeros(16_000, np.int16), np.zeros(0, np.int16), hiss):
        assert max(witness.hear(sound, None, ()).classified.values()) < 0.0


def test_it_does_not_depend_on_how_loud_a_sound_is(witness: MoonshineWitness) -> None:
    sound = in_a_quiet_room(RMS.says("switch foot"))
    loud, faint = (witness.hear(given, None, ()).classified for given in (sound, (sound // 8).astype(np.int16)))
    assert max(loud, key=loud.__getitem__) == max(faint, key=faint.__getitem__) == "switch foot"


def test_what_it_says_of_a_noisy_sound_is_the_mean_with_and_without_the_noise(witness: MoonshineWitness) -> None:
    noisy, cleaned = _noisy("longer"), in_a_quiet_room(RMS.says("longer"))
    with_noise, without, both = (
        witness.hear(sound, other, ()).classified["longer"]
        for sound, other in ((noisy, None), (cleaned, None), (noisy, cleaned))
    )
    assert with_noise != pytest.approx(without)
    assert both == pytest.approx((with_noise + without) / 2, rel=1e-3)


def test_a_phrase_of_the_person_is_left_to_the_transcriber(witness: MoonshineWitness) -> None:
    assert witness.untaught == {OWN}
    sound = in_a_quiet_room(RMS.says("switch foot"))
    assert witness.hear(sound, None, ()).written is None
    opinion = witness.hear(sound, None, [OWN])
    assert opinion.written is not None
    assert opinion.written[OWN] < 4.0
    assert OWN not in opinion.classified


def test_without_phrases_of_the_person_no_transcriber_is_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(third_witness, "Transcriber", None)
    assert not MoonshineWitness(WAYS).untaught


def test_a_small_machine_does_without_the_transcriber(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(third_witness, "memory_mb", lambda: 512)
    monkeypatch.setattr(third_witness, "Transcriber", None)
    assert not MoonshineWitness([*WAYS, OWN]).untaught


def test_a_slow_machine_does_without(monkeypatch: pytest.MonkeyPatch) -> None:
    assert open_third_witness(WAYS) is not None
    monkeypatch.setattr(third_witness, "LONGEST_S", 0.0)
    assert open_third_witness(WAYS) is None


def test_a_classifier_of_another_encoder_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with np.load(classifier_file("en")) as parts:
        other = {name: parts[name] for name in parts.files} | {"encoder": np.array("0" * 64)}
    np.savez(tmp_path / "en.npz", **other)
    monkeypatch.setattr(third_witness, "classifier_file", lambda language: tmp_path / f"{language}.npz")
    with pytest.raises(ModelError, match="another version"):
        MoonshineWitness(WAYS)
    assert open_third_witness(WAYS) is None


@pytest.mark.parametrize("damage", ["missing", "cut", "text", "without a network", "without a part"])
def test_a_damaged_classifier_is_refused(tmp_path: Path, damage: str) -> None:
    file = tmp_path / "en.npz"
    match damage:
        case "cut":
            file.write_bytes(classifier_file("en").read_bytes()[:-1000])
        case "text":
            file.write_text("nothing")
        case "without a network":
            np.savez(file, ways=np.array(["next"]), encoder=np.array(""))
        case "without a part":
            with np.load(classifier_file("en")) as parts:
                others = {name: parts[name] for name in parts.files if name != "network/attention"}
            np.savez(file, **others)
    with pytest.raises(ModelError, match=r"en\.npz is missing or damaged"):
        PhraseClassifier(file)


def test_the_network_is_what_was_taught() -> None:
    classifier = PhraseClassifier(classifier_file("en"))
    with np.load(classifier_file("en")) as parts:
        part = {name: parts[f"network/{name}"].astype(np.float64) for name in NAMES}
    given = np.random.default_rng(3).normal(0.0, 1.0, (2, 9, len(part["frame"])))
    each = [slow_log_odds(part, form) for form in given]
    assert not np.allclose(each[0], each[1], atol=0.5)
    for forms, odds in ((given[:1], each[0]), (given, np.mean(each, axis=0))):
        found = classifier.log_odds(*forms.astype(np.float32))
        assert list(found.values()) == pytest.approx(list(odds), abs=1e-3)


def slow_log_odds(part: Mapping[str, npt.NDArray[np.float64]], given: npt.NDArray[np.float64]) -> Sequence[float]:
    """Over time a network convolves wider from layer to layer, attends, and sums up."""
    frames = np.maximum(given @ part["frame"] + part["frame_bias"], 0.0)
    for number in range(2):
        kernel, bias = part[f"layer{number}"], part[f"layer{number}_bias"]
        new = np.tile(bias, (len(frames), 1))
        for place in range(len(frames)):
            for step in range(-(len(kernel) // 2), len(kernel) // 2 + 1):
                source = place + step * (number + 1)
                if 0 <= source < len(frames):
                    new[place] += frames[source] @ kernel[step + len(kernel) // 2]
        frames = frames + np.maximum(new, 0.0)
    attention = np.exp(frames @ part["attention"])
    attended = (attention / attention.sum(axis=0)).T @ frames
    summary = np.concatenate([attended.reshape(-1), frames.mean(axis=0), frames.max(axis=0)])
    sums = np.maximum(summary @ part["summary"] + part["summary_bias"], 0.0) @ part["way"] + part["way_bias"]
    return list(sums[:-1] - sums[-1])


def test_only_what_is_accepted_with_next_to_no_doubt_is_beyond_doubt() -> None:
    command = PACK.command_of("next")
    assert command is not None
    assert not is_beyond_doubt(Accepted(command, "next", 0.94, sure=True))
    assert is_beyond_doubt(Accepted(command, "next", 0.95, sure=True))
    assert not is_beyond_doubt(Rejected(Reason.AMBIGUOUS, 0.97))
    assert not is_beyond_doubt(Rejected(Reason.POOR_FIT, 0.001))


class _Partial:
    """A third witness that takes everything for one phrase, and notes what it is asked for."""

    def __init__(self, phrase: str, untaught: Collection[str] = ()) -> None:
        self._phrase = phrase
        self.untaught = frozenset(untaught)
        self.asked: list[tuple[str, ...]] = []
        self.cleaned: list[bool] = []

    def hear(self, utterance: Pcm, cleaned: Pcm | None, asked: Sequence[str]) -> Opinion:
        del utterance
        self.asked.append(tuple(asked))
        self.cleaned.append(cleaned is not None)
        classified = {way: 9.0 if way == self._phrase else -9.0 for way in WAYS if way not in self.untaught}
        written = {way: 30.0 if way == self._phrase else -10.0 for way in asked} if asked else None
        return Opinion(classified, written)


def _noisy(phrase: str) -> Pcm:
    sound = in_a_quiet_room(RMS.says(phrase))
    hiss = np.random.default_rng(1).normal(0.0, float(np.abs(sound).max()) / 16, len(sound))
    return (sound + hiss).clip(-32768, 32767).astype(np.int16)


def _heard(ears: Ears, sound: Pcm) -> list[str]:
    return [one.phrase for one in hear(ears, sound, PACK.all_phrases) if isinstance(one, Heard)]


@pytest.mark.parametrize(
    ("believes", "untaught", "heard"),
    [("longer", (), ["longer"]), ("nothing", (), []), ("longer", WAYS, ["longer"]), ("finish", WAYS, [])],
)
def test_it_can_decide_either_way(
    pocketsphinx: PocketSphinxRecognizer,
    verifier: PhonemeVerifier,
    believes: str,
    untaught: Sequence[str],
    heard: list[str],
) -> None:
    third = _Partial(believes, untaught)
    ears = Ears(pocketsphinx, verifier, PACK, third_witness=lambda: third)
    assert _heard(ears, _noisy("longer")) == heard


def test_it_is_asked_for_what_it_was_not_taught_and_only_in_doubt(
    pocketsphinx: PocketSphinxRecognizer, verifier: PhonemeVerifier
) -> None:
    third = _Partial("longer", ["longer", "louder"])
    ears = Ears(pocketsphinx, verifier, PACK, third_witness=lambda: third)
    assert _heard(ears, _noisy("longer")) == ["longer"]
    assert set(third.asked[-1]) == {"longer", "louder"}
    assert third.cleaned[-1]
    third = _Partial("next exercise", ["longer", "louder"])
    ears = Ears(pocketsphinx, verifier, PACK, third_witness=lambda: third)
    assert _heard(ears, in_a_quiet_room(RMS.says("next exercise"))) == ["next exercise"]
    assert third.asked == []


def test_what_others_find_no_phrase_it_is_heard_about_but_not_asked(
    pocketsphinx: PocketSphinxRecognizer, verifier: PhonemeVerifier
) -> None:
    third = _Partial("nothing", ["longer", "louder"])
    ears = Ears(pocketsphinx, verifier, PACK, third_witness=lambda: third)
    sound = in_a_quiet_room(RMS.says("what can I say"))[::-1].copy()
    assert _heard(ears, sound) == []
    assert third.asked
    assert set(third.asked) == {()}
    assert not any(third.cleaned)


@pytest.mark.parametrize(
    ("phrase", "talk_before_ms", "least"),
    [
        ("next", 0, BELIEVED_BY_THREE),
        ("stop", 0, URGENT_BELIEVED_BY_THREE),
        ("next", TALK_MS - 1, BELIEVED_BY_THREE),
        ("next", TALK_MS, AMONG_TALK),
        ("pause", TALK_MS, AMONG_TALK),
        ("stop", TALK_MS, URGENT_BELIEVED_BY_THREE),
        ("cramp", TALK_MS, URGENT_BELIEVED_BY_THREE),
    ],
)
def test_a_command_is_believed_from_the_share_of_three_witnesses_on(
    phrase: str, talk_before_ms: int, least: float
) -> None:
    shares = []
    for odds in np.arange(-6.0, 12.0, 0.05):
        verdict = _judged({way: float(odds) if way == phrase else -9.0 for way in WAYS}, None, talk_before_ms)
        if isinstance(verdict, Accepted):
            shares.append(verdict.confidence)
        else:
            usual = URGENT_BELIEVED_BY_THREE if phrase == "pause" else BELIEVED_BY_THREE
            is_doubtful = least == AMONG_TALK and verdict.confidence >= usual
            assert (verdict.reason is Reason.OTHERS_TALK) == is_doubtful
    assert least <= min(shares) < least + 0.03


def test_talk_makes_no_difference_to_what_the_classifier_was_not_taught() -> None:
    classified = {way: -9.0 for way in WAYS if way != "next"}
    verdicts = [
        _judged(classified, dict.fromkeys(WAYS, -6.0) | {"next": float(written)}, TALK_MS)
        for written in np.arange(-6.0, 12.0, 0.05)
    ]
    shares = [verdict.confidence for verdict in verdicts if isinstance(verdict, Accepted)]
    assert BELIEVED_BY_THREE <= min(shares) < AMONG_TALK - 0.1


def _judged(classified: Mapping[str, float], written: Mapping[str, float] | None, talk_before_ms: int) -> Verdict:
    """Judge what two witnesses make nothing of."""
    fits = dict.fromkeys(WAYS, -3.0)
    evidence = Evidence(
        Hypothesis(()), fits, 400, 300, 5.0, classified=classified, written=written, talk_before_ms=talk_before_ms
    )
    return decide(evidence, PACK, PACK.all_phrases, ())


def test_while_people_talk_what_is_not_plain_is_left_and_what_is_plain_obeyed(
    pocketsphinx: PocketSphinxRecognizer,
    verifier: PhonemeVerifier,
    witness: MoonshineWitness,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    talk, said = [RMS.says("what can I say")[::-1], silence(500)] * 2, RMS.says("next")

    def made_of(*sounds: Pcm) -> list[str]:
        ears = Ears(pocketsphinx, verifier, PACK, third_witness=lambda: witness)
        return _heard(ears, in_a_quiet_room(*sounds))

    assert made_of(*talk) == []
    assert made_of(*talk, said) == ["next"]
    monkeypatch.setattr(decision, "AMONG_TALK", NEVER)
    assert made_of(said) == ["next"]
    assert made_of(*talk, said) == []
    assert made_of(*talk, silence(4000), said) == ["next"]


@pytest.mark.parametrize(("echo_power", "heard"), [(0.0, []), (1e9, ["next"])])
def test_what_may_be_the_coachs_own_voice_is_no_talk(
    pocketsphinx: PocketSphinxRecognizer,
    verifier: PhonemeVerifier,
    witness: MoonshineWitness,
    echo_power: float,
    heard: list[str],
) -> None:
    talk = [RMS.says("what can I say")[::-1], silence(500)] * 2
    sound = in_a_quiet_room(*talk, RMS.says("next"))
    until = 16_000 + sum(map(len, talk))
    ears = Ears(pocketsphinx, verifier, PACK, third_witness=lambda: witness)
    found = []
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(decision, "AMONG_TALK", NEVER)
        for start in range(0, len(sound) - 319, 320):
            power = echo_power if start < until else 0.0
            found += ears.feed(sound[start : start + 320], PACK.all_phrases, None, power)
    assert [sensation.phrase for sensation in found if isinstance(sensation, Heard)] == heard
