from __future__ import annotations

from voicecoach.coaching.messages import Notice
from voicecoach.live.senses import DEAF_NS, SILENT_NS, Senses


def test_a_silence_is_told_of_when_it_is_over_and_only_once() -> None:
    senses = Senses(0)
    assert senses.see(SILENT_NS, sounds=False, hears=True) is None
    assert senses.see(SILENT_NS + 1, sounds=True, hears=True) is Notice.SOUND_RETURNED
    assert senses.see(SILENT_NS + 2, sounds=True, hears=True) is None


def test_deafness_is_told_of_once_and_its_end_too() -> None:
    senses = Senses(0)
    assert senses.see(DEAF_NS - 1, sounds=True, hears=False) is None
    assert senses.see(DEAF_NS, sounds=True, hears=False) is Notice.HEARING_LOST
    assert senses.see(2 * DEAF_NS, sounds=True, hears=False) is None
    assert senses.see(2 * DEAF_NS + 1, sounds=True, hears=True) is Notice.HEARING_RETURNED


def test_ears_that_still_load_are_waited_for_but_not_those_that_have_died() -> None:
    senses = Senses(0, hears_in_ns=10 * DEAF_NS)
    assert senses.see(9 * DEAF_NS, sounds=True, hears=False) is None
    senses.lose_ears(9 * DEAF_NS)
    assert senses.see(10 * DEAF_NS, sounds=True, hears=False) is Notice.HEARING_LOST


def test_ears_that_have_heard_are_missed_as_soon_as_ever() -> None:
    senses = Senses(0, hears_in_ns=10 * DEAF_NS)
    assert senses.see(1, sounds=True, hears=True) is None
    assert senses.see(DEAF_NS + 1, sounds=True, hears=False) is Notice.HEARING_LOST
