from __future__ import annotations

import numpy as np
import pytest

from voicecoach.audio.clip import Samples
from voicecoach.audio.echo import DELAY_FRAMES, EchoCanceller
from voicecoach.audio.resample import Downsampler
from voicecoach.audio.tones import tone_samples
from voicecoach.coaching.messages import Tone
from voicecoach.speech.pyttsx3_synthesizer import Pyttsx3Engine, Voice

RATE = 16_000
BLOCK = 320


@pytest.fixture(scope="module")
def speech() -> Samples:
    with Pyttsx3Engine(Voice("en-us", 150)).open() as synthesizer:
        clip = synthesizer.render(
            "Put the ball of your right foot on the rolled towel, heel down. Inch the other foot forward until it"
            " stretches. Breathe slowly, and hold it there."
        )
    return whole_blocks(clip.samples)


def whole_blocks(at_48_khz: Samples) -> Samples:
    padded = np.zeros(-(-len(at_48_khz) // 960) * 960, np.float32)
    padded[: len(at_48_khz)] = at_48_khz
    return Downsampler().process(padded)


def silence(seconds: float) -> Samples:
    return np.zeros(int(seconds * RATE), np.float32)


def echo_of(played: Samples) -> Samples:
    """A room: 60 ms later, half as loud, with an echo that falls by 60 dB in 0.3 s, and faint noise."""
    rng = np.random.default_rng(3)
    frames = int(0.3 * RATE)
    response = rng.standard_normal(frames) * 10 ** (-3 * np.arange(frames) / frames)
    response[0] = 6.0
    response *= 0.5 / np.linalg.norm(response)
    size = 1 << (len(played) + frames).bit_length()
    heard = np.fft.irfft(np.fft.rfft(played, size) * np.fft.rfft(response, size))[: len(played)]
    delayed = np.concatenate((np.zeros(960), heard))[: len(played)]
    return (delayed + rng.standard_normal(len(played)) * 1e-4).astype(np.float32)


def cancelled(canceller: EchoCanceller, microphone: Samples, played: Samples) -> Samples:
    blocks = range(0, len(played), BLOCK)
    return np.concatenate([canceller.process(microphone[at : at + BLOCK], played[at : at + BLOCK]) for at in blocks])


def taken_away_db(microphone: Samples, cleaned: Samples, first: int, last: int) -> float:
    before = np.mean(microphone[first:last] ** 2)
    after = np.mean(cleaned[first + DELAY_FRAMES : last + DELAY_FRAMES] ** 2)
    return float(10 * np.log10(before / after))


def test_the_echo_of_speech_is_taken_away_and_resting_does_not_unlearn_it(speech: Samples) -> None:
    played = np.concatenate((speech, silence(5), speech, silence(0.2)))
    microphone = echo_of(played)
    canceller = EchoCanceller()
    cleaned = cancelled(canceller, microphone, played)
    second = len(speech) + 5 * RATE
    assert taken_away_db(microphone, cleaned, 2 * RATE, len(speech)) > 20
    # From its very first half second on.
    assert taken_away_db(microphone, cleaned, second + 960, second + RATE // 2) > 30
    assert taken_away_db(microphone, cleaned, second + 960, second + len(speech)) > 30


def test_it_rests_only_after_a_second_of_silence_and_wakes_with_the_first_sound(speech: Samples) -> None:
    canceller = EchoCanceller()
    sound, quiet = speech[16_000:16_320], silence(0.02)

    def rests_after(played: Samples) -> bool:
        canceller.process(quiet, played)
        return canceller.resting

    assert rests_after(quiet), "nothing was ever played"
    assert not rests_after(sound)
    assert [rests_after(quiet) for _ in range(52)] == [False] * 50 + [True] * 2
    assert not rests_after(sound)


def test_resting_cannot_be_heard(speech: Samples) -> None:
    played = np.concatenate((silence(0.5), speech[:RATE], silence(3), speech[:RATE]))
    person = (np.random.default_rng(8).standard_normal(len(played)) * 0.05).astype(np.float32)
    always = cancelled(EchoCanceller(rests=False), person, played)
    resting = cancelled(EchoCanceller(), person, played)
    asleep = slice(int(2.4 * RATE), int(4.4 * RATE))
    assert np.abs(resting[asleep] - always[asleep]).max() < 1e-4
    # Nor where it wakes: no jump, no hole.
    waking = slice(int(4.5 * RATE) - 160, int(4.5 * RATE) + 160)
    assert np.abs(resting[waking] - always[waking]).max() < 0.02


@pytest.mark.parametrize("tone", [Tone.TICK, Tone.COUNTDOWN, Tone.REP_OUT, Tone.REP_BACK])
def test_a_tone_that_is_repeated_does_not_break_it(tone: Tone, speech: Samples) -> None:
    beat = np.zeros(RATE, np.float32)
    sound = whole_blocks(tone_samples(tone))
    beat[: len(sound)] = sound
    played = np.concatenate((speech, *[beat] * 10, speech))
    microphone = echo_of(played)
    cleaned = cancelled(EchoCanceller(), microphone, played)
    last_beat = len(speech) + 9 * RATE
    assert taken_away_db(microphone, cleaned, last_beat + 960, last_beat + 960 + len(sound)) > 40
    assert taken_away_db(microphone, cleaned, len(speech) + 10 * RATE + 960, len(played) - DELAY_FRAMES) > 25


def test_whole_numbers_stay_whole_numbers() -> None:
    quiet = np.zeros(BLOCK, np.int16)
    sound = np.full(BLOCK, 1000, np.int16)
    canceller = EchoCanceller()
    assert canceller.process(sound, quiet).dtype == np.int16
    assert canceller.process(sound, sound).dtype == np.int16


@pytest.mark.parametrize(("microphone", "reference"), [(320, 160), (100, 100)])
def test_blocks_of_other_lengths_are_refused(microphone: int, reference: int) -> None:
    with pytest.raises(ValueError, match="multiple of 160"):
        EchoCanceller().process(np.zeros(microphone, np.float32), np.zeros(reference, np.float32))
