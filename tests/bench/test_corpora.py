"""What is listened to: the same each time, as loud as is said, and never a command by accident."""

from __future__ import annotations

import math
import shutil
from dataclasses import replace
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from voicecoach.audio.clip import Samples
from voicecoach.bench.conditions import CONDITIONS, QUICK, Noise, Place
from voicecoach.bench.corpora import NEAR_MISSES, SAME_SOUNDING, Corpora
from voicecoach.bench.noises import STEADY, UNSTEADY, noise
from voicecoach.bench.rendering import Renderer
from voicecoach.bench.scenes import LEAD_MS, scene_frames, stage, voice_bounds
from voicecoach.bench.speakers import Cast, Group, Speaker, Synthesizer, cast
from voicecoach.bench.texts import near_misses, plain, sentences
from voicecoach.language.pack import load_pack
from voicecoach.rehearsal.room import loudest_frame_dbfs

ENGLISH = load_pack("en")
RECORDED = Speaker("slt", Group.TUNING, Synthesizer.RECORDED, "en/slt")
ESPEAK = Speaker("radio", Group.TALKING, Synthesizer.ESPEAK, "en-us")
CAST = Cast((RECORDED, ESPEAK), ())


@pytest.fixture(scope="module")
def renderer(tmp_path_factory: pytest.TempPathFactory) -> Renderer:
    return Renderer(tmp_path_factory.mktemp("rendered"))


def corpora(renderer: Renderer, seed: int = 1) -> Corpora:
    return Corpora(ENGLISH, seed=seed, renderer=renderer, who=CAST)


def level(sound: Samples) -> float:
    return loudest_frame_dbfs(sound.astype(np.float32) / np.float32(32768))


class TestScenes:
    @pytest.mark.parametrize("snr_db", [6, 24])
    @pytest.mark.parametrize("place", [None, Place(1.0, 0.3)])
    def test_have_the_signal_to_noise_ratio_that_they_are_named_after(
        self, renderer: Renderer, place: Place | None, snr_db: int
    ) -> None:
        said = renderer.say(RECORDED, "switch foot")
        hum = noise("hood", scene_frames(said) / 16_000, seed=3)
        with_noise = stage(said, place, hum, snr_db, seat=0).sound.astype(np.float32)
        without = stage(said, place, None, 0, seat=0).sound.astype(np.float32)
        # What the two do not share is the noise; what the clean one holds is the speech, from the first frame of it on.
        assert level(without[LEAD_MS * 16 :]) - level(with_noise - without) == pytest.approx(snr_db, abs=0.2)
        assert np.abs(with_noise[: LEAD_MS * 16]).max() > 0, "the noise is there before the phrase"

    def test_say_where_the_phrase_begins_and_ends(self, renderer: Renderer) -> None:
        said = renderer.say(RECORDED, "pause")
        scene = stage(said, Place(2.0, 0.3), None, 0, seat=1)
        first, last = voice_bounds(said)
        assert scene.said_to_ms - scene.said_from_ms == pytest.approx((last - first) / 16, abs=1)
        sound = scene.sound.astype(np.float32)
        before = sound[(scene.said_from_ms - 400) * 16 : (scene.said_from_ms - 100) * 16]
        within = sound[scene.said_from_ms * 16 : scene.said_to_ms * 16]
        assert level(within) > level(before) + 30

    def test_are_louder_near_by(self, renderer: Renderer) -> None:
        said = renderer.say(RECORDED, "next")
        scenes = (stage(said, Place(metres, 0.3), None, 0, seat=0) for metres in (1.0, 2.0))
        near, far = (level(scene.sound[LEAD_MS * 16 :].astype(np.float32)) for scene in scenes)
        assert near - far == pytest.approx(20 * math.log10(2), abs=0.1)


class TestTrials:
    def test_and_their_sound_are_the_same_for_the_same_seed(self, renderer: Renderer) -> None:
        one, other = corpora(renderer), corpora(renderer)
        trials = one.commands(quick=True)
        assert trials == other.commands(quick=True)
        some = [trial for trial in trials if trial.condition.name in ("quiet dry", "steady noise 12 dB")][::12]
        for trial in some:
            assert np.array_equal(one.scene(trial).sound, other.scene(trial).sound)

    def test_hold_every_phrase_under_every_condition(self, renderer: Renderer) -> None:
        trials = corpora(renderer).commands()
        for condition in CONDITIONS:
            said = {trial.phrase for trial in trials if trial.condition == condition}
            assert said == set(ENGLISH.all_phrases)
        assert {condition.name for condition in CONDITIONS} >= QUICK

    def test_are_said_by_all_who_say_commands_and_nobody_else(self, renderer: Renderer) -> None:
        everybody = tuple(replace(RECORDED, name=group, group=group) for group in Group)
        trials = Corpora(ENGLISH, renderer=renderer, who=Cast(everybody, ())).commands()
        assert {trial.speaker.group for trial in trials} == {Group.TUNING, Group.HELD_OUT, Group.UNSEEN}

    def test_of_noises_made_of_voices_need_somebody_who_talks(self, renderer: Renderer) -> None:
        alone = Corpora(ENGLISH, renderer=renderer, who=Cast((RECORDED,), ()))
        assert {trial.condition.noise for trial in alone.commands()} == {
            Noise.NONE,
            Noise.STEADY,
            Noise.UNSTEADY,
            Noise.COACH,
        }
        assert alone.talk(5) == []


class TestTalk:
    def test_is_the_same_for_the_same_seed_and_another_for_another(self) -> None:
        first, again, other = (list(islice(sentences(ENGLISH, seed), 200)) for seed in (7, 7, 8))
        assert first == again != other

    def test_never_is_a_phrase_and_nothing_else(self) -> None:
        phrases = {plain(phrase) for phrase in ENGLISH.all_phrases}
        assert phrases.isdisjoint(plain(text) for text in islice(sentences(ENGLISH, 1), 5000))
        assert phrases.isdisjoint(map(plain, near_misses(ENGLISH)))

    def test_has_the_words_of_commands_inside_of_sentences(self) -> None:
        words = {word for text in islice(sentences(ENGLISH, 1), 2000) for word in plain(text).split()}
        assert {"next", "stop", "go", "back", "wait", "start", "help"} <= words

    def test_is_two_thousand_different_sentences_in_three(self) -> None:
        assert len(set(islice(sentences(ENGLISH, 1), 3000))) > 2000

    @pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="espeak-ng is not installed")
    def test_of_a_minute_ends_with_a_whole_sentence_and_is_the_same_each_time(self, renderer: Renderer) -> None:
        spec = corpora(renderer).talk(1)[0]
        one, other = (corpora(renderer).stream(spec).sound for _ in range(2))
        assert 60 * 16_000 <= len(one) < 70 * 16_000
        end = one[-3200:].astype(np.float32)
        assert np.abs(end).max() < np.abs(one.astype(np.float32)).max() / 30
        assert np.array_equal(one, other)


def test_words_that_sound_like_a_phrase_are_kept_apart_from_near_misses(renderer: Renderer) -> None:
    by_corpus: dict[str, set[str]] = {}
    for spec in corpora(renderer).near_misses():
        by_corpus.setdefault(spec.corpus, set()).add(spec.what)
    assert {"paws", "weight", "necks", "know"} <= by_corpus[SAME_SOUNDING]
    assert {"which foot", "don't stop", "text", "cramped", "shop"} <= by_corpus[NEAR_MISSES]
    assert len(by_corpus[NEAR_MISSES]) > 400


@pytest.mark.parametrize("name", [*STEADY, *UNSTEADY])
def test_noises_are_the_same_for_the_same_seed_and_steady_ones_are_steady(name: str) -> None:
    sound = noise(name, 4, seed=5)
    assert np.array_equal(sound, noise(name, 4, seed=5))
    assert not np.array_equal(sound, noise(name, 4, seed=6))
    power = 10 * np.log10(np.mean(np.square(sound.reshape(-1, 1600)), axis=1))
    assert (float(np.percentile(power, 95) - np.percentile(power, 5)) < 6) == (name in STEADY)


def test_who_is_missing_is_said_with_what_would_bring_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    from voicecoach.bench import speakers

    speakers.how_to_bring.cache_clear()
    speakers._flite_voices.cache_clear()
    try:
        without = cast("en")
    finally:
        speakers.how_to_bring.cache_clear()
        speakers._flite_voices.cache_clear()
    assert dict(without.missing)["slt"] == "Debian's flite"
    assert {speaker.synthesizer for speaker in without.of(Group.TUNING)} == {Synthesizer.RECORDED}


def test_a_damaged_file_of_rendered_speech_is_made_anew(tmp_path: Path) -> None:
    renderer = Renderer(tmp_path)
    first = renderer.say(RECORDED, "next")
    (file,) = tmp_path.rglob("*.flac")
    file.write_bytes(b"nothing")
    assert np.array_equal(renderer.say(RECORDED, "next"), first)
