"""A microphone with a clock of its own hears the coach as loud as it is: the coach obeys a person, and not itself."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import numpy as np
import pytest
import soxr

from tests.listening.gates import AskedGate
from tests.listening.sounds import Speaker
from voicecoach.audio.clip import Samples
from voicecoach.audio.echo_removal import EchoRemoval
from voicecoach.audio.pcm import int16_from_float
from voicecoach.audio.resample import Downsampler
from voicecoach.audio.tones import tone_samples
from voicecoach.coaching.messages import Tone
from voicecoach.commands import URGENT, Command
from voicecoach.language.pack import load_pack
from voicecoach.listening import ears as ears_module
from voicecoach.listening.detector import OVER_NOISE_SPEECH, SPEECH, Detectors, WebRtcDetector
from voicecoach.listening.ears import Ears, Engine
from voicecoach.listening.pocketsphinx_recognizer import PocketSphinxRecognizer
from voicecoach.listening.recognizer import Pcm
from voicecoach.listening.sensations import Heard, Sensation, VoiceBegan
from voicecoach.speech.pyttsx3_synthesizer import Pyttsx3Engine, Voice

PACK = load_pack("en")
RATE = 16_000
BLOCK = 320
SENTENCES = (
    "Put the ball of your right foot on the rolled towel, heel down. Inch the other foot forward until it stretches."
    " Breathe slowly, and hold it there."
)
PARTS_PER_MILLION = pytest.mark.parametrize("ppm", [-80, 80])
"""By how much faster the microphone's clock is: cheap crystals differ by this, and a sound server's loopback by 80."""


@pytest.fixture(scope="module")
def speech() -> Samples:
    with Pyttsx3Engine(Voice("en-us", 150)).open() as synthesizer:
        clip = synthesizer.render(SENTENCES)
    return at_16_khz(clip.samples)


def alone_in_silence(voice: str, phrase: str) -> Pcm:
    said = np.concatenate([np.zeros(RATE, np.int16), Speaker("en", voice).says(phrase), np.zeros(RATE, np.int16)])
    # The hiss of a usual microphone: one without any would be made louder where nothing of the coach is in it.
    said = said + np.random.default_rng(4).normal(0.0, 5.0, len(said)).astype(np.int16)
    return said[: len(said) // BLOCK * BLOCK]


def at_16_khz(sound: Samples) -> Samples:
    return Downsampler().process(np.pad(sound, (0, -len(sound) % 48)))


def silence(seconds: float) -> Samples:
    return np.zeros(round(seconds * RATE), np.float32)


def looped(played: Samples, ppm: int) -> Samples:
    """What a microphone hears of it by a wire: 79 ms later, and on the way for longer and longer, or less and less."""
    heard = soxr.resample(played.astype(np.float64), 1e6, 1e6 + ppm, quality="VHQ").astype(np.float32)
    late = np.concatenate((silence(0.079), heard, silence(1)))
    return late[: len(played)]


def listen(ears: Ears, played: Samples, microphone: Samples) -> list[Sensation]:
    return [sensation for _, sensation in noticed(ears, played, microphone, None)]


def noticed(ears: Ears, played: Samples, microphone: Samples, saying: str | None) -> Iterator[tuple[int, Sensation]]:
    """What is heard, each with the time at which it is known."""
    removal = EchoRemoval()
    for at in range(0, len(played) - BLOCK + 1, BLOCK):
        heard, given = (int16_from_float(sound[at : at + BLOCK]) for sound in (microphone, played))
        block = removal.process(heard, given)
        for sensation in ears.feed(block.sound, PACK.all_phrases, saying, block.echo_power):
            yield ears.now_ms, sensation


@PARTS_PER_MILLION
def test_the_coachs_own_sentences_and_tones_are_nobodys_voice(ears: Ears, speech: Samples, ppm: int) -> None:
    tones = [part for tone in Tone for part in (at_16_khz(tone_samples(tone)), silence(0.7))] * 2
    played = np.concatenate((silence(1), speech, silence(1.5), *tones, speech, silence(1)))
    assert listen(ears, played, looped(played, ppm)) == []


def test_what_jumps_on_its_way_is_still_nobodys_command(ears: Ears, speech: Samples) -> None:
    played = np.concatenate((silence(1), speech, silence(1), speech, silence(1)))
    heard = looped(played, 80)
    # Each 2 s the microphone loses 40 ms, or has 40 ms of silence too many: a sound server runs dry, and catches up.
    pieces = [heard[at : at + 2 * RATE] for at in range(0, len(heard), 2 * RATE)]
    gap = silence(0.04)
    jumping = [part for number, piece in enumerate(pieces) for part in ((piece[len(gap) :],), (gap, piece))[number % 2]]
    microphone = np.pad(np.concatenate(jumping), (0, len(gap)))[: len(played)]
    assert not any(isinstance(sensation, Heard) for sensation in listen(ears, played, microphone))


@PARTS_PER_MILLION
def test_a_person_is_noticed_over_it_soon_enough_for_the_coach_to_fall_silent_and_understood(
    ears: Ears, speech: Samples, ppm: int
) -> None:
    person = Speaker("en", "slt").says("next").astype(np.float32) / 32768
    begins = len(speech) + 3 * RATE
    # The coach falls silent 150 ms after the person's first sound.
    first = int(np.flatnonzero(np.abs(person) > 0.02)[0])
    played = np.concatenate((silence(1), speech, silence(0.5), speech, silence(2)))
    played[begins + first + 3 * RATE // 20 :] = 0.0
    microphone = looped(played, ppm)
    microphone[begins : begins + len(person)] += person
    (known_ms, began), (_, heard) = noticed(ears, played, np.clip(microphone, -1.0, 1.0), SENTENCES)
    assert isinstance(began, VoiceBegan)
    assert known_ms - (begins + first) * 1000 / RATE < 120
    assert isinstance(heard, Heard)
    assert heard.command is Command.NEXT


@pytest.mark.parametrize(("louder_frames", "constant"), [(0, "SURE_UNDER_ECHO"), (4, "SURE_IN_ECHO")])
def test_what_may_be_its_own_voice_is_obeyed_only_where_there_is_next_to_no_doubt(
    ears: Ears, louder_frames: int, constant: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    obeyed = []
    for voice, phrase in product(("awb", "rms", "slt"), ("pause", "stop", "hold on", "next", "cramp", "how long")):
        said = alone_in_silence(voice, phrase)
        [(plain, began_ms)] = heard_in(ears.fresh(), said, range(len(said)))
        louder = range(began_ms * 16, began_ms * 16 + louder_frames * BLOCK)
        monkeypatch.setattr(ears_module, constant, 0.0)
        found = heard_in(ears.fresh(), said, louder)
        assert [heard.command for heard, _ in found] == (
            [plain.command] if louder_frames > 0 or plain.command in URGENT else []
        )
        for sure, _ in found:
            for needed, is_enough in around(sure.confidence):
                monkeypatch.setattr(ears_module, constant, needed)
                in_echo = heard_in(ears.fresh(), said, louder)
                assert [heard.command for heard, _ in in_echo] == ([plain.command] if is_enough else [])
                obeyed.append(is_enough)
    assert any(obeyed)


@pytest.mark.parametrize(("coach_power", "believed"), [(0.0, False), (1.0, True), (1e9, False)])
def test_what_the_coach_is_saying_is_obeyed_where_it_is_plain_and_plainly_a_persons(
    ears: Ears, coach_power: float, believed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    noise = np.random.default_rng(6).normal(0.0, 1500.0, 3 * RATE)
    for voice, phrase in product(("awb", "slt"), ("continue", "finish", "no", "ready", "explain")):
        said = alone_in_silence(voice, phrase)
        said = (said + noise[: len(said)]).astype(np.int16)
        monkeypatch.setattr(ears_module, "SURE_OF_OWN_WORDS", 0.0)
        heard = heard_in(ears.fresh(), said, range(0), saying=f"Say {phrase}.", coach_power=coach_power)
        assert bool(heard) == believed
        for sure, _ in heard:
            for needed, is_enough in around(sure.confidence):
                monkeypatch.setattr(ears_module, "SURE_OF_OWN_WORDS", needed)
                again = heard_in(ears.fresh(), said, range(0), saying=f"Say {phrase}.", coach_power=coach_power)
                assert [other.command for other, _ in again] == ([sure.command] if is_enough else [])


@pytest.mark.parametrize(("has_scorer", "expected"), [(True, ["finish"]), (False, [])])
def test_what_the_coach_is_saying_is_not_believed_without_a_scorer(
    pocketsphinx: PocketSphinxRecognizer, engine: Engine, has_scorer: bool, expected: list[str]
) -> None:
    ears = Ears(engine if has_scorer else Engine("", recognizer=pocketsphinx), PACK)
    said = alone_in_silence("slt", "finish")
    assert [heard.phrase for heard, _ in heard_in(ears.fresh(), said, range(len(said)))] == ["finish"]
    in_prompt = heard_in(ears.fresh(), said, range(0), saying="Say continue, or finish.", coach_power=1.0)
    assert [heard.phrase for heard, _ in in_prompt] == expected


def test_who_answers_a_prompt_before_it_is_over_is_understood(ears: Ears, speech: Samples) -> None:
    prompt = "Say continue, or finish."
    with Pyttsx3Engine(Voice("en-us", 150)).open() as synthesizer:
        said = at_16_khz(synthesizer.render(prompt).samples)
    alone = np.concatenate((silence(1), speech, silence(1), said, silence(2)))
    assert list(noticed(ears.fresh(), alone, looped(alone, 0), prompt)) == []
    person = Speaker("en", "slt").says("continue").astype(np.float32) / 32768
    begins = len(speech) + 2 * RATE + RATE
    played = alone.copy()
    played[begins + 3 * RATE // 20 :] = 0.0
    microphone = looped(played, 0)
    microphone[begins : begins + len(person)] += person
    (_, began), (_, heard) = noticed(ears.fresh(), played, np.clip(microphone, -1.0, 1.0), prompt)
    assert isinstance(began, VoiceBegan)
    assert isinstance(heard, Heard)
    assert heard.phrase == "continue"


def around(confidence: float) -> list[tuple[float, bool]]:
    """What may be asked for, and whether this is enough for it."""
    return [(confidence, True), (confidence + 0.001, False)]


def heard_in(
    ears: Ears, sound: Pcm, louder: range, saying: str | None = None, coach_power: float = 1e9
) -> list[tuple[Heard, int]]:
    """What is obeyed where the sound, but for some of its frames, may all be the coach's; and when each began."""
    found = []
    began_ms = 0
    for at in range(0, len(sound), BLOCK):
        echo_power = 0.0 if at in louder else coach_power
        for sensation in ears.feed(sound[at : at + BLOCK], PACK.all_phrases, saying, echo_power):
            match sensation:
                case VoiceBegan(at_ms=at_ms):
                    began_ms = at_ms
                case Heard():
                    found.append((sensation, began_ms))
    return found


def test_the_ears_know_a_silent_room_by_what_is_heard_without_the_coach(engine: Engine) -> None:
    noise = np.random.default_rng(3).normal(0.0, 100.0, RATE).astype(np.int16)
    for before, needed in ((np.zeros(RATE, np.int16), SPEECH), (noise, OVER_NOISE_SPEECH)):
        gate = AskedGate()
        ears = Ears(engine, PACK, Detectors(WebRtcDetector(), gate))
        ears.feed(before, PACK.all_phrases, None)
        ears.feed(noise, PACK.all_phrases, SENTENCES, 100.0**2)
        gate.asked.clear()
        ears.feed(noise[:BLOCK], PACK.all_phrases, SENTENCES, 100.0**2)
        assert gate.asked == [needed]
