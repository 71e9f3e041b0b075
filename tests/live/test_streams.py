from __future__ import annotations

import select
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.fakes.sound_card import PortAudioError, SoundCard, Stream, fine, times
from voicecoach.audio.clip import Samples
from voicecoach.live.streams import Input, Output
from voicecoach.live.wire import Gain, Place


def plugged_in(monkeypatch: pytest.MonkeyPatch, rate_hz: int, channels: int) -> SoundCard:
    card = SoundCard(rate_hz, channels)
    monkeypatch.setitem(sys.modules, "sounddevice", card)
    return card


def sine(rate_hz: int, seconds: float = 1.0) -> Samples:
    return (0.5 * np.sin(0.3 + 2 * np.pi * 500 * np.arange(int(rate_hz * seconds)) / rate_hz)).astype(np.float32)


def rises(sound: Samples) -> int:
    return int(np.count_nonzero(np.diff(np.sign(sound)) > 0))


@pytest.mark.parametrize("rate_hz", [48_000, 44_100, 96_000, 16_000])
def test_a_loudspeaker_plays_at_its_own_rate_whatever_that_is(monkeypatch: pytest.MonkeyPatch, rate_hz: int) -> None:
    card = plugged_in(monkeypatch, rate_hz, 2)
    output = Output(None)
    assert output.rate_hz == rate_hz
    output.commands.append(Place(1, 0, 0, False, sine(48_000).tobytes()))
    played = []
    for _ in range(110):
        block = bytearray(rate_hz // 100 * 2 * 4)
        card.streams[0].callback(memoryview(block), rate_hz // 100, times(), fine())
        played.append(np.frombuffer(bytes(block), np.float32).reshape(-1, 2))
    sound = np.concatenate(played)
    assert np.array_equal(sound[:, 0], sound[:, 1])
    middle = sound[rate_hz // 4 : rate_hz * 3 // 4, 0]
    assert abs(rises(middle) - 250) <= 1
    assert output.faults == 0


@pytest.mark.parametrize("rate_hz", [48_000, 44_100, 96_000, 16_000, 8_000])
def test_a_microphone_is_opened_at_its_own_rate(monkeypatch: pytest.MonkeyPatch, rate_hz: int) -> None:
    card = plugged_in(monkeypatch, rate_hz, 1)
    source = Input(None)
    assert source.rate_hz == rate_hz
    card.streams[0].callback(sine(rate_hz, 0.02).tobytes(), rate_hz // 50, times(), fine())
    (_, data) = source.heard.popleft()
    assert np.array_equal(source.mono(data), sine(rate_hz, 0.02))


def test_a_microphone_wakes_whoever_waits_for_it_until_it_was_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    card = plugged_in(monkeypatch, 48_000, 1)
    source = Input(None)

    def has_something() -> bool:
        return bool(select.select([source.arrived], [], [], 0)[0])

    assert not has_something()
    for _ in range(2):
        card.streams[0].callback(sine(48_000, 0.02).tobytes(), 960, times(), fine())
    assert has_something()
    source.look()
    assert not has_something()
    source.look()
    assert source.faults == 0
    assert len(source.heard) == 2


def test_a_microphone_that_does_not_start_leaves_nothing_open(monkeypatch: pytest.MonkeyPatch) -> None:
    def start(_stream: Stream) -> None:
        raise PortAudioError("Wait timed out [PaErrorCode -9987]")

    card = plugged_in(monkeypatch, 48_000, 1)
    monkeypatch.setattr(Stream, "start", start)
    before = len(list(Path("/proc/self/fd").iterdir()))
    with pytest.raises(PortAudioError):
        Input(None)
    assert card.streams[0].closed
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_a_card_that_takes_nothing_at_all_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    card = plugged_in(monkeypatch, 22_050, 7)
    with pytest.raises(PortAudioError, match="Invalid sample rate"):
        Output(None)
    assert card.streams == []


def test_an_exception_in_a_callback_is_counted_and_sounds_as_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    card = plugged_in(monkeypatch, 48_000, 1)
    output = Output(None)
    output.commands.append(Gain(1e9))
    block = bytearray(b"\x01" * 480 * 4)
    card.streams[0].callback(memoryview(block), 480, times(), fine())
    assert output.faults == 1
    assert not any(block)


@pytest.mark.parametrize("rate_hz", [48_000, 44_100])
def test_a_loudspeaker_that_rests_is_closed_and_counts_its_frames_on_when_it_is_opened_again(
    monkeypatch: pytest.MonkeyPatch, rate_hz: int
) -> None:
    card = plugged_in(monkeypatch, rate_hz, 1)
    output = Output(None)

    def play(stream: int, blocks: int) -> Samples:
        played = []
        for _ in range(blocks):
            block = bytearray(rate_hz // 100 * 4)
            card.streams[stream].callback(memoryview(block), rate_hz // 100, times(), fine())
            played.append(np.frombuffer(bytes(block), np.float32))
        return np.concatenate(played)

    play(0, 100)
    output.rest()
    assert card.streams[0].closed
    position = output.marks[-1][0]
    assert output.wake() is output
    assert len(card.streams) == 2
    assert card.streams[1].active
    assert not output.marks, "what it was at before is out of date"
    output.commands.append(Place(1, position + 4_800, 0, True, sine(48_000, 0.5).tobytes()))
    sound = play(1, 70)
    begins = int(np.flatnonzero(np.abs(sound) > 0.01)[0])
    assert abs(begins / rate_hz - 0.1) < 0.045, "a resampler holds back a little"
    assert abs(rises(sound[np.abs(sound) > 0.01]) - 250) <= 1, "it is whole"
    assert output.late == output.faults == 0
    assert output.callbacks == 170


def test_a_longer_buffer_is_one_gap_and_frames_are_counted_on(monkeypatch: pytest.MonkeyPatch) -> None:
    card = plugged_in(monkeypatch, 48_000, 1)
    output = Output(None)
    block = bytearray(480 * 4)
    card.streams[0].callback(memoryview(block), 480, times(), fine())
    assert output.deepen(200) is output
    assert card.streams[0].closed
    assert [stream.latency_s for stream in card.streams] == [0.04, 0.2]
    assert output.underflows == 1
    card.streams[1].callback(memoryview(block), 480, times(), fine())
    assert [position for position, _ in output.marks] == [960]
    output.rest()
    output.wake()
    assert card.streams[2].latency_s == 0.2, "it stays so"


def test_a_loudspeaker_that_has_gone_meanwhile_says_so_when_it_is_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    card = plugged_in(monkeypatch, 48_000, 1)
    output = Output(None)
    output.rest()
    card.channels = 7
    with pytest.raises(PortAudioError, match="Invalid sample rate"):
        output.wake()


def test_a_microphone_whose_stream_has_ended_does_not_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    card = plugged_in(monkeypatch, 48_000, 1)
    source = Input(None)
    assert source.goes_on
    card.streams[0].abort()
    assert not source.goes_on


@pytest.mark.parametrize("kind", [Output, Input])
def test_a_stream_that_does_not_start_is_closed(monkeypatch: pytest.MonkeyPatch, kind: type[Output | Input]) -> None:
    def too_busy(_stream: Stream) -> None:
        raise PortAudioError("Error starting stream: Wait timed out [PaErrorCode -9987]")

    card = plugged_in(monkeypatch, 48_000, 1)
    monkeypatch.setattr(Stream, "start", too_busy)
    with pytest.raises(PortAudioError):
        kind(None)
    assert [stream.closed for stream in card.streams] == [True]
