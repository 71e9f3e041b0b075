from __future__ import annotations

from unittest.mock import Mock

import numpy as np
import pytest

from tests.listening.sounds import Speaker, in_a_quiet_room, silence
from voicecoach.audio.clip import Samples
from voicecoach.bench.noises import noise
from voicecoach.bench.scenes import at_level, pcm
from voicecoach.listening.background import SILENT_POWER, STANDS_OUT
from voicecoach.listening.bands import Bands
from voicecoach.listening.recognizer import Pcm
from voicecoach.listening.segmenter import FRAME_FRAMES, Change, Segmenter, Utterance
from voicecoach.units import INPUT_RATE_HZ

RANDOM_SEED = 31


def tone(hertz: float, rms: float, frames: int = 1) -> Samples:
    time = np.arange(frames * FRAME_FRAMES) / INPUT_RATE_HZ
    sound = rms * np.sqrt(2) * np.sin(2 * np.pi * hertz * time)
    return np.asarray(sound.reshape(frames, FRAME_FRAMES), np.float32)


def rumble(rms: float, frames: int = 150) -> Samples:
    """Noise below 300 Hz, next to nothing above."""
    spectrum = np.fft.rfft(np.random.default_rng(RANDOM_SEED).standard_normal(frames * FRAME_FRAMES))
    spectrum[np.fft.rfftfreq(frames * FRAME_FRAMES, 1 / INPUT_RATE_HZ) > 300] *= 1e-3
    sound = np.fft.irfft(spectrum, frames * FRAME_FRAMES)
    return np.asarray((sound * (rms / sound.std())).reshape(frames, FRAME_FRAMES), np.float32)


def having_heard(*sounds: Samples) -> Bands:
    bands = Bands()
    for frame in np.concatenate(sounds):
        bands.stands_out(frame, False)
    return bands


@pytest.mark.parametrize("hertz", [250, 600, 1200, 2000, 3200])
def test_a_tone_stands_out_from_a_softer_one_in_its_band(hertz: float) -> None:
    bands = having_heard(tone(hertz, 50.0, frames=150))
    [frame] = tone(hertz, 100.0)
    # The threshold is 3 dB above what is usual.
    assert 10 * np.log10(bands.stands_out(frame, False)) == pytest.approx(6 - 3, abs=0.3)


@pytest.mark.parametrize("hertz", [250, 600, 1200, 2000, 3200])
def test_in_silence_a_tone_stands_out_by_its_mean_square(hertz: float) -> None:
    bands = having_heard(np.zeros((150, FRAME_FRAMES), np.float32))
    [frame] = tone(hertz, 100.0)
    assert bands.stands_out(frame, False) == pytest.approx(100.0**2 / (SILENT_POWER * STANDS_OUT), rel=0.05)


def test_what_a_rumble_drowns_as_a_whole_stands_out_in_a_band() -> None:
    background = rumble(1000.0)
    bands = having_heard(background)
    quiet = background[7]
    assert bands.stands_out(quiet, False) < 2.0
    assert bands.stands_out(quiet + tone(2000, 100.0)[0], False) > 5.0
    assert np.square(quiet + tone(2000, 100.0)[0]).mean() < 1.05 * np.square(quiet).mean()


def test_nothing_stands_out_where_the_background_comes_and_goes() -> None:
    background = np.random.default_rng(RANDOM_SEED).normal(0.0, 500.0, (150, FRAME_FRAMES)).astype(np.float32)
    comes_and_goes = np.repeat([[1.0], [0.1]], 10, axis=0)[np.arange(150) % 20].astype(np.float32)
    [whistle] = tone(2000, 3000.0)
    assert having_heard(background).stands_out(whistle, False) > 10.0
    assert having_heard(background * comes_and_goes).stands_out(whistle, False) == 0.0


def test_nothing_stands_out_where_the_background_comes_and_goes_in_most_bands() -> None:
    steady = sum(tone(hertz, 100.0, 150) for hertz in (250, 600))
    comes_and_goes = np.repeat([[1.0], [0.1]], 10, axis=0)[np.arange(150) % 20].astype(np.float32)
    restless = [tone(hertz, 100.0, 150) for hertz in (1200, 2000, 3200)]
    [whistle] = tone(600, 3000.0)
    assert having_heard(steady + sum(restless[1:]) * comes_and_goes).stands_out(whistle, False) > 10.0
    assert having_heard(steady + sum(restless) * comes_and_goes).stands_out(whistle, False) == 0.0


@pytest.mark.parametrize(("frames", "is_learned"), [(38, False), (40, True)])
def test_what_was_forgotten_is_learned_in_eight_tenths_of_a_second(frames: int, is_learned: bool) -> None:
    background = rumble(1000.0)
    bands = having_heard(background)
    bands.forget()
    for frame in background[:frames]:
        bands.stands_out(frame, False)
    assert (bands.stands_out(background[7] + tone(2000, 100.0)[0], True) > 5.0) == is_learned


def test_what_is_said_is_no_background() -> None:
    background = rumble(1000.0)
    bands, plain = having_heard(background), having_heard(background)
    frame = background[7] + tone(2000, 100.0)[0]
    for number in range(30):
        bands.stands_out(frame + rumble(300.0)[number % 2] * (number % 2), True)
        plain.stands_out(background[number], False)
    assert bands.stands_out(frame, True) == pytest.approx(plain.stands_out(frame, False), rel=0.1)


def over_a_hood(phrase: str, voice: str, snr_db: float) -> Pcm:
    said = in_a_quiet_room(silence(3000), Speaker("en", voice).says(phrase), noise=0.0).astype(np.float32)
    hood = noise("hood", len(said) / INPUT_RATE_HZ, RANDOM_SEED)
    return pcm(at_level(said, -26.0) + at_level(hood, -26.0 - snr_db)[: len(said)])


def utterances(sound: Pcm, *, at_once: bool = False, echo_power: float = 0.0) -> list[Utterance]:
    segmenter = Segmenter()
    frames = sound[: len(sound) - len(sound) % FRAME_FRAMES].reshape(-1, FRAME_FRAMES)
    changes = (segmenter.feed(frame, at_once=at_once, echo_power=echo_power) for frame in frames)
    return [segmenter.utterance for change in changes if change is Change.ENDED]


@pytest.mark.parametrize(("voice", "phrase"), [("slt", "finish"), ("slt", "next exercise"), ("rms", "switch foot")])
def test_who_speaks_over_a_hood_is_heard_whole(voice: str, phrase: str, monkeypatch: pytest.MonkeyPatch) -> None:
    sound = over_a_hood(phrase, voice, 3)
    length_ms = len(Speaker("en", voice).says(phrase)) / 16
    [utterance] = [each for each in utterances(sound) if each.start_ms > 3500]
    assert utterance.end_ms - utterance.start_ms > 0.6 * length_ms
    monkeypatch.setattr(Bands, "stands_out", Mock(return_value=0.0))
    without = sum(each.end_ms - each.start_ms for each in utterances(sound) if each.start_ms > 3500)
    assert without < utterance.end_ms - utterance.start_ms


@pytest.mark.parametrize(("at_once", "echo_power"), [(True, 0.0), (False, 1.0)])
def test_no_band_counts_while_the_coach_may_be_heard_in_it(
    at_once: bool, echo_power: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    sound = over_a_hood("finish", "slt", 3)
    heard = [(each.start_ms, each.end_ms) for each in utterances(sound, at_once=at_once, echo_power=echo_power)]
    monkeypatch.setattr(Bands, "stands_out", Mock(return_value=0.0))
    assert heard == [(each.start_ms, each.end_ms) for each in utterances(sound, at_once=at_once, echo_power=echo_power)]
