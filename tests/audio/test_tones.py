from __future__ import annotations

import numpy as np
import pytest

from voicecoach.audio.mixer import FADE_FRAMES
from voicecoach.audio.tones import tone_samples
from voicecoach.coaching.messages import TONE_LENGTH_MS, Tone
from voicecoach.units import OUTPUT_FRAMES_PER_MS, OUTPUT_RATE_HZ

tones = pytest.mark.parametrize("tone", Tone)


def resemblance(first: Tone, second: Tone) -> float:
    """What a matched filter makes of it: the highest normalised cross-correlation, 1 for the same sound."""
    a, b = tone_samples(first), tone_samples(second)
    size = 1 << (len(a) + len(b)).bit_length()
    correlation = np.fft.irfft(np.fft.rfft(a, size) * np.conj(np.fft.rfft(b, size)))
    return float(np.abs(correlation).max() / np.linalg.norm(a) / np.linalg.norm(b))


@tones
def test_a_tone_has_exactly_its_length_and_sounds_from_its_first_frame_to_its_last(tone: Tone) -> None:
    sound = tone_samples(tone)
    assert sound.dtype == np.float32
    assert len(sound) == TONE_LENGTH_MS[tone] * OUTPUT_FRAMES_PER_MS
    assert sound[0] != 0.0
    assert sound[-1] != 0.0


@tones
def test_a_tone_is_loud_within_three_milliseconds_and_does_not_click(tone: Tone) -> None:
    sound = tone_samples(tone)
    peak = np.abs(sound).max()
    assert np.abs(sound[: 3 * OUTPUT_FRAMES_PER_MS]).max() > 0.4 * peak
    assert abs(sound[0]) < 0.01 * peak
    assert abs(sound[-1]) < 0.01 * peak


@tones
def test_a_tone_leaves_room_for_speech(tone: Tone) -> None:
    peak_db = 20 * np.log10(np.abs(tone_samples(tone)).max())
    quiet = tone in {Tone.UNDERSTOOD, Tone.NOT_UNDERSTOOD}
    assert peak_db == pytest.approx(-17 if quiet else -9, abs=0.1)


@tones
def test_a_tone_keeps_to_the_band_of_small_loudspeakers(tone: Tone) -> None:
    power = np.abs(np.fft.rfft(tone_samples(tone), 1 << 17)) ** 2
    hertz = np.fft.rfftfreq(1 << 17, 1 / OUTPUT_RATE_HZ)
    inside = power[(hertz >= 500) & (hertz <= 3500)].sum()
    assert inside / power.sum() > 0.99


@tones
def test_a_tone_is_no_steady_pitch(tone: Tone) -> None:
    power = np.abs(np.fft.rfft(tone_samples(tone), OUTPUT_RATE_HZ)) ** 2
    strongest = int(power.argmax())
    around = power[strongest - 25 : strongest + 26].sum()
    assert around / power.sum() < 0.7


@tones
def test_a_tone_resembles_itself_and_no_other(tone: Tone) -> None:
    assert resemblance(tone, tone) == pytest.approx(1.0, abs=1e-5)
    assert max(resemblance(tone, other) for other in Tone if other is not tone) < 0.5


def test_tones_are_made_once_and_cannot_be_changed() -> None:
    sound = tone_samples(Tone.START)
    assert tone_samples(Tone.START) is sound
    with pytest.raises(ValueError, match="read-only"):
        sound[0] = 1.0


def test_no_tone_is_shorter_than_a_fade() -> None:
    assert min(TONE_LENGTH_MS.values()) * OUTPUT_FRAMES_PER_MS > FADE_FRAMES
