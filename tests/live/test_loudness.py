from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicecoach.live.loudness import (
    GATED_PATIENCE_NS,
    PATIENCE_NS,
    QUIETEST_DB,
    Loudness,
    Silence,
    SilenceWatch,
    loudness,
)

ZEROS = Loudness(QUIETEST_DB, QUIETEST_DB)
FAINT = Loudness(-75.0, -70.0)
VOICE = Loudness(-30.0, -20.0)
MOMENT_NS = 20_000_000


def told(*moments: tuple[Loudness | None, int]) -> list[Silence]:
    """Return what is told while the microphone gives each of these for so long."""
    now_ns, found = 7, []
    watch = SilenceWatch(now_ns)
    for loud, length_ns in moments:
        for _ in range(length_ns // MOMENT_NS + 1):
            now_ns += MOMENT_NS
            if loud is not None:
                watch.hear(now_ns, loud)
            silence = watch.see(now_ns)
            if silence is not None:
                found.append(silence)
    return found


SHORT, LONG, VERY_LONG = PATIENCE_NS - 2 * MOMENT_NS, 2 * PATIENCE_NS, 2 * GATED_PATIENCE_NS


def test_a_microphone_that_gives_nothing_is_noticed_once_and_so_is_its_return() -> None:
    assert told((None, SHORT)) == []
    assert told((None, LONG)) == [Silence.NOTHING]
    assert told((VOICE, LONG), (None, LONG), (VOICE, LONG)) == [Silence.NOTHING, Silence.OVER]


def test_zeros_are_no_silence_of_a_room() -> None:
    assert told((ZEROS, LONG)) == [Silence.ZEROS]
    assert told((FAINT, SHORT), (ZEROS, LONG)) == [Silence.ZEROS]


def test_a_microphone_that_gives_zeros_whenever_it_is_quiet_is_not_reported_each_time() -> None:
    assert told((ZEROS, LONG), *[(VOICE, SHORT), (ZEROS, LONG)] * 3) == [Silence.ZEROS, Silence.OVER]
    assert told((ZEROS, LONG), (VOICE, SHORT), (ZEROS, VERY_LONG)) == [Silence.ZEROS, Silence.OVER, Silence.ZEROS]


def test_a_microphone_that_is_set_too_low_is_noticed_until_it_has_been_heard_once() -> None:
    assert told((FAINT, VERY_LONG)) == [Silence.FAINT]
    assert told((ZEROS, LONG), (FAINT, SHORT), (VOICE, SHORT)) == [Silence.ZEROS, Silence.OVER]
    assert told((VOICE, SHORT), (FAINT, VERY_LONG)) == [], "nobody speaks all the time"


@given(st.binary(max_size=640).map(lambda data: data[: len(data) // 2 * 2]))
def test_any_samples_have_a_loudness(data: bytes) -> None:
    loud = loudness(data)
    assert QUIETEST_DB <= loud.level_db <= loud.peak_db + 1e-9 <= 1e-6
    assert loud.is_zero == (not any(data))


def test_loudness_is_against_full_scale() -> None:
    seconds = np.arange(320) / 16_000
    tone = (32_767 * 0.1 * np.sin(2 * np.pi * 500 * seconds)).astype(np.int16)
    loud = loudness(tone.tobytes())
    assert loud.level_db == pytest.approx(-23.0, abs=0.1)
    assert loud.peak_db == pytest.approx(-20.0, abs=0.1)
