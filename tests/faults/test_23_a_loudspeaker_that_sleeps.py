"""A loudspeaker that swallows what wakes it: it is measured, given time, and kept awake by what nobody hears."""

from __future__ import annotations

import sys
from types import SimpleNamespace

import numpy as np
import pytest
import soxr
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fakes.sound_card import SoundCard, fine, times
from voicecoach.audio.clip import Samples
from voicecoach.audio.tones import tone_samples
from voicecoach.coaching.messages import Tone
from voicecoach.doctor import waking
from voicecoach.doctor.finding import Standing
from voicecoach.doctor.measuring import WAKING_MS, swallowed_ms, waking_sound
from voicecoach.doctor.sound import WakingFacts
from voicecoach.live.children import SOUND_LIMITS, Names
from voicecoach.live.keeper import NS_PER_S, Keeper
from voicecoach.live.live_session import LiveSession
from voicecoach.live.microphone_watch import MicrophoneWatch
from voicecoach.live.streams import Output
from voicecoach.live.wakening import Wakening
from voicecoach.live.wire import Place, RestLoudspeaker
from voicecoach.settings.model import DeviceSettings
from voicecoach.units import INPUT_RATE_HZ, OUTPUT_RATE_HZ

SECOND = OUTPUT_RATE_HZ


class Played:
    """A loudspeaker's stream, and what its device is given."""

    def __init__(self, patch: pytest.MonkeyPatch, rate_hz: int = 48_000, *, keeps_awake: bool) -> None:
        card = SoundCard(rate_hz, 2)
        patch.setitem(sys.modules, "sounddevice", card)
        self.output = Output(None)
        self.output.keep_awake(keeps_awake)
        self._stream, self._rate_hz = card.streams[0], rate_hz

    def seconds(self, seconds: float) -> Samples:
        blocks = []
        for _ in range(round(seconds * 100)):
            block = bytearray(self._rate_hz // 100 * 2 * 4)
            self._stream.callback(memoryview(block), self._rate_hz // 100, times(), fine())
            blocks.append(np.frombuffer(bytes(block), np.float32).reshape(-1, 2)[:, 0])
        assert self.output.faults == 0
        return np.concatenate(blocks)


def as_heard(sound: Samples, swallows_ms: int, asleep_after_ms: int, rate_hz: int = 48_000) -> Samples:
    """Return what a loudspeaker gives that falls asleep by zeros, and swallows the beginning of what wakes it."""
    heard = sound.copy()
    awake_from = np.flatnonzero(sound)
    gaps = np.flatnonzero(np.diff(awake_from, prepend=-(1 << 40)) > asleep_after_ms * rate_hz // 1000)
    for wakes in awake_from[gaps]:
        heard[wakes : wakes + swallows_ms * rate_hz // 1000] = 0
    return heard


def test_without_the_setting_the_device_is_given_the_mix_bit_for_bit(monkeypatch: pytest.MonkeyPatch) -> None:
    played = Played(monkeypatch, keeps_awake=False)
    tone = tone_samples(Tone.START)
    played.output.commands.append(Place(1, SECOND, 0, False, tone.tobytes()))
    sound = played.seconds(4)
    assert not sound[:SECOND].any()
    assert np.array_equal(sound[SECOND : SECOND + len(tone)], tone)


@pytest.mark.parametrize("rate_hz", [48_000, 44_100])
def test_what_keeps_it_awake_is_in_every_block_and_60_db_below_speech(
    monkeypatch: pytest.MonkeyPatch, rate_hz: int
) -> None:
    sound = Played(monkeypatch, rate_hz, keeps_awake=True).seconds(5)
    moments = sound.reshape(-1, rate_hz // 100)
    levels_db = 20 * np.log10(np.sqrt((moments.astype(np.float64) ** 2).mean(axis=1)))
    assert -82 < levels_db.min() < levels_db.max() < -78
    at_16_bits = np.round(moments * 32_767)
    assert at_16_bits.any(axis=1).all(), "a device of 16 bits is given something, too"
    assert np.abs(sound.mean()) < 1e-5
    repeats = np.correlate(sound[:rate_hz], sound[:rate_hz], "same")
    assert np.sort(repeats)[-2] < 0.1 * repeats.max(), "no pitch"


def test_tones_keep_their_frames_and_the_echo_canceller_is_told_of_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    played = Played(monkeypatch, keeps_awake=True)
    tone = waking_sound()
    for number, at in enumerate((SECOND + 7, 5 * SECOND + 301)):
        played.output.commands.append(Place(number, at, 0, False, tone.tobytes()))
    sound = played.seconds(8)
    reference = np.concatenate(list(played.output.played))
    for at in (SECOND + 7, 5 * SECOND + 301):
        assert np.array_equal(sound[at : at + len(tone)], tone)
    assert not reference[:SECOND].any()
    audible = np.abs(sound) > 1e-3
    assert np.array_equal(np.abs(reference) > 1e-3, audible)


@pytest.mark.parametrize("keeps_awake", [False, True])
def test_a_loudspeaker_that_falls_asleep_by_zeros_plays_whole_tones_where_it_is_kept_awake(
    monkeypatch: pytest.MonkeyPatch, keeps_awake: bool
) -> None:
    played = Played(monkeypatch, keeps_awake=keeps_awake)
    tone = waking_sound()
    starts = (2 * SECOND, 9 * SECOND)
    for number, at in enumerate(starts):
        played.output.commands.append(Place(number, at, 0, False, tone.tobytes()))
    heard = as_heard(played.seconds(12), swallows_ms=1_200, asleep_after_ms=1_500)
    whole = [np.array_equal(heard[at : at + len(tone)], tone) for at in starts]
    assert whole == [keeps_awake, keeps_awake]


def room(tone: Samples, lost_ms: int, delay_ms: float, noise_db: float, seed: int) -> tuple[Samples, Samples]:
    """Return at 16 kHz what a microphone hears of it in a room that rings, and of the room alone."""
    random = np.random.default_rng(seed)
    played = tone.copy()
    played[: lost_ms * OUTPUT_RATE_HZ // 1000] = 0
    at_16k = np.asarray(soxr.resample(played, OUTPUT_RATE_HZ, INPUT_RATE_HZ), np.float32)
    ring = random.normal(0, 0.15, INPUT_RATE_HZ // 4) * np.exp(-np.arange(INPUT_RATE_HZ // 4) / 600)
    ring[0] = 1.0
    heard = np.zeros(4 * INPUT_RATE_HZ)
    at = int((0.4 + delay_ms / 1000) * INPUT_RATE_HZ)
    heard[at : at + len(at_16k)] = at_16k
    heard = 0.05 * np.convolve(heard, ring)[: len(heard)]
    noise = random.normal(0, 10 ** (noise_db / 20), (2, len(heard)))
    return (heard + noise[0]).astype(np.float32), noise[1][: INPUT_RATE_HZ // 2].astype(np.float32)


@given(
    lost_ms=st.integers(0, 1_800),
    delay_ms=st.floats(0, 600),
    noise_db=st.sampled_from([-70.0, -55.0, -45.0]),
    seed=st.integers(0, 99),
)
@settings(max_examples=40, deadline=None)
def test_what_was_swallowed_is_measured_whatever_the_delay_and_the_room(
    lost_ms: int, delay_ms: float, noise_db: float, seed: int
) -> None:
    found = swallowed_ms(*room(waking_sound(), lost_ms, delay_ms, noise_db, seed))
    assert found is not None
    assert abs(found - lost_ms) <= 60


@pytest.mark.parametrize("of", ["nothing", "noise", "no sound"])
def test_where_nothing_came_back_nothing_is_measured(of: str) -> None:
    random = np.random.default_rng(3)
    quiet = random.normal(0, 0.01, INPUT_RATE_HZ).astype(np.float32)
    heard = {"nothing": np.zeros(4 * INPUT_RATE_HZ), "noise": random.normal(0, 0.01, 64_000), "no sound": np.zeros(0)}
    assert swallowed_ms(heard[of].astype(np.float32), quiet if of == "noise" else np.zeros(0, np.float32)) is None


@pytest.mark.parametrize(
    ("lost_ms", "returns", "standing", "wake_s"),
    [
        (0.0, True, Standing.OK, None),
        (75.0, True, Standing.OK, None),
        (850.0, True, Standing.WARNING, 1.5),
        (None, True, Standing.WARNING, 2.6),
        (None, False, Standing.SKIPPED, None),
    ],
)
def test_the_finding_names_the_setting_that_mends_it(
    lost_ms: float | None, returns: bool, standing: Standing, wake_s: float | None
) -> None:
    finding = waking.judge(WakingFacts(400, lost_ms), returns=returns)
    assert (finding.standing, finding.facts["wake_s"]) == (standing, wake_s)
    if wake_s is not None:
        assert f"`wake_s: {wake_s:g}`" in finding.advice
        assert DeviceSettings(wake_s=wake_s).wake_ms == round(wake_s * 1000)
    assert waking.judge(WakingFacts(3_000, float(WAKING_MS)), returns=True).facts["wake_s"] == 3.0


@pytest.mark.parametrize("keep_awake", [False, True])
def test_between_sessions_it_is_let_go_unless_it_is_to_be_kept_awake(keep_awake: bool) -> None:
    sent: list[object] = []
    child = SimpleNamespace(send=sent.append, alive=True)
    names = Names("", "", "", "", "", keep_awake=keep_awake)
    sound = Keeper(lambda: child, SOUND_LIMITS)  # type: ignore[arg-type, return-value]
    sound.attend(1)
    with Wakening() as wakening:
        live = LiveSession(
            names,
            sound=sound,
            hearing=sound,
            wakening=wakening,
            microphone_watch=MicrophoneWatch(""),
            tell=print,
        )
        live._performance, live._sound_since_ns = SimpleNamespace(), 1  # type: ignore[assignment]
        act = SimpleNamespace(rests=True)
        for second in range(1, 30):
            live._let_rest(act, second * NS_PER_S)  # type: ignore[arg-type]
    assert (sent == [RestLoudspeaker()]) is not keep_awake
