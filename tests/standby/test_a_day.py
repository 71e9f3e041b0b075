"""A day of standing by with a radio on, on a virtual clock: what is kept of it does not grow."""

from __future__ import annotations

import tracemalloc

import pytest

from tests.standby.test_standby import CALLS, ENGLISH, ROUTINES, SCRIPT, TABLE
from voicecoach.audio.clip import Clip
from voicecoach.audio.mixer import Mixer
from voicecoach.audio.tones import tone_samples
from voicecoach.coaching.messages import Notice, Tone
from voicecoach.commands import Command
from voicecoach.listening.sensations import Heard, Ignored, Reason, VoiceBegan
from voicecoach.performance import Performance
from voicecoach.standby.standby import SURE_CALL, Standby
from voicecoach.timeline.timeline import Timeline

HOUR_MS = 3_600_000
VOICE_EVERY_MS = 20_000
GROWTH_BYTES = 100_000


def test_after_a_day_it_holds_no_more_than_after_an_hour() -> None:
    clips = {text: Clip(tone_samples(Tone.UNDERSTOOD)) for text in TABLE}
    standby = Standby(SCRIPT, {text: clip.timing for text, clip in clips.items()}, CALLS)
    mixer = Mixer()
    events: list[str] = []
    with Timeline(lambda event: events.append(event.kind)) as timeline:
        called = ENGLISH.called({one.name: one.spoken for one in ROUTINES})
        performance = Performance(standby, clips, called, mixer=mixer, timeline=timeline, render=lambda _: clips)
        performance.begin(0)

        def live(until_ms: int, now: int) -> int:
            """Have somebody speak every twenty seconds, and call the coach now and then."""
            while now < until_ms:
                performance.sense([VoiceBegan(now)], now)
                heard = {0: Command.LOUDER, 10: Command.QUIETER, 20: Command.AGAIN}.get(now // VOICE_EVERY_MS % 30)
                if heard is None:
                    performance.sense([Ignored(now, now + 700, now + 900, Reason.POOR_FIT, 0.1, True)], now + 900)
                else:
                    performance.sense([Heard(heard, "coach", now, now + 700, now + 900, 1.0)], now + 900)
                if now // VOICE_EVERY_MS % 180 == 0:
                    performance.give_notice(Notice.HEARING_LOST, now + 1_500)
                    performance.give_notice(Notice.HEARING_RETURNED, now + 4_000)
                mixer.render((now + VOICE_EVERY_MS) * 48 - mixer.position)
                now += VOICE_EVERY_MS
                performance.advance(now)
                performance.sounded()
                events.clear()
            return now

        now = live(HOUR_MS, 0)
        tracemalloc.start()
        before = tracemalloc.get_traced_memory()[0]
        live(now + 23 * HOUR_MS, now)
        grown = tracemalloc.get_traced_memory()[0] - before
        tracemalloc.stop()
    assert grown < GROWTH_BYTES
    assert not standby.ended


@pytest.mark.parametrize(("confidence", "is_obeyed"), [(SURE_CALL - 0.01, False), (SURE_CALL, True)])
def test_what_might_have_been_a_call_is_not_obeyed(confidence: float, is_obeyed: bool) -> None:
    clips = {text: Clip(tone_samples(Tone.UNDERSTOOD)) for text in TABLE}
    standby = Standby(SCRIPT, {text: clip.timing for text, clip in clips.items()}, CALLS, last=ROUTINES[0])
    events: list[str] = []
    with Timeline(lambda event: events.append(event.kind)) as timeline:
        performance = Performance(
            standby,
            clips,
            ENGLISH,
            mixer=Mixer(),
            timeline=timeline,
            render=lambda _: clips,
            least_confidence=SURE_CALL,
        )
        performance.begin(0)
        performance.sense([VoiceBegan(0)], 100)
        performance.sense([Heard(Command.AGAIN, "coach again", 0, 700, 900, confidence)], 900)
        performance.advance(60_000)
    assert standby.ended is is_obeyed
    assert ("heard" in events) is is_obeyed
    assert ("ignored" in events) is not is_obeyed
