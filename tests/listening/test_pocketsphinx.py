from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.listening.sounds import Speaker, in_a_quiet_room
from voicecoach.language.pack import load_pack
from voicecoach.listening.pocketsphinx_recognizer import PocketSphinxRecognizer
from voicecoach.listening.recognizer import UnknownWordsError

PACK = load_pack("en")
SLT = Speaker("en", "slt")


def test_pocketsphinx_hears_only_what_is_open(pocketsphinx: PocketSphinxRecognizer) -> None:
    sound = in_a_quiet_room(SLT.says("next exercise"))
    for open_phrases in (("next exercise", "stop"), ("stop", "explain"), ("next exercise", "stop")):
        pocketsphinx.start(open_phrases)
        pocketsphinx.feed(sound)
        assert pocketsphinx.finish().text == ("next exercise" if "next exercise" in open_phrases else "stop")


def test_pocketsphinx_hears_the_same_whatever_it_heard_before(pocketsphinx: PocketSphinxRecognizer) -> None:
    noise = np.random.default_rng(1).normal(0.0, 9000.0, 32_000).clip(-32768, 32767).astype(np.int16)
    found = []
    for before in (noise, noise // 100):
        pocketsphinx.start(PACK.all_phrases)
        pocketsphinx.feed(before)
        pocketsphinx.finish()
        pocketsphinx.start(PACK.all_phrases)
        pocketsphinx.feed(in_a_quiet_room(SLT.says("where am I")))
        found.append(pocketsphinx.finish())
    assert found[0] == found[1]
    assert found[0].text == "where am i"


def test_pocketsphinx_gives_words_with_their_times(pocketsphinx: PocketSphinxRecognizer) -> None:
    pocketsphinx.start(PACK.all_phrases)
    pocketsphinx.feed(in_a_quiet_room(SLT.says("what's next")))
    first, second = pocketsphinx.finish().words
    assert 900 < first.start_ms < first.end_ms <= second.start_ms < second.end_ms < 2200


def test_pocketsphinx_without_sound_hears_nothing(pocketsphinx: PocketSphinxRecognizer) -> None:
    pocketsphinx.start(PACK.all_phrases)
    assert pocketsphinx.finish().words == ()


def test_pocketsphinx_forgets_the_phrases_that_were_open_before(pocketsphinx: PocketSphinxRecognizer) -> None:
    sound = in_a_quiet_room(SLT.says("yes"))

    def hear(count: int) -> None:
        pocketsphinx.start(PACK.all_phrases[:count])
        pocketsphinx.feed(sound)
        pocketsphinx.finish()

    hear(40)
    before = own_memory_kb()
    for count in range(2, 40):
        hear(count)
    assert own_memory_kb() - before < 10_000, "each set of phrases takes up to 1.8 MB"


def own_memory_kb() -> int:
    rollup = Path("/proc/self/smaps_rollup").read_text(encoding="ascii")
    return sum(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Private_"))


def test_a_word_without_pronunciation_is_named() -> None:
    with pytest.raises(UnknownWordsError, match="'발'"):
        PocketSphinxRecognizer(["next", "발"])
    given = PocketSphinxRecognizer(["발"], {"발": ["P AA L"]})
    given.start(["발"])
