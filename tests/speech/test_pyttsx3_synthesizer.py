from __future__ import annotations

import socket
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from voicecoach.errors import VoiceError
from voicecoach.speech.espeak_library import EspeakSource, find_espeak
from voicecoach.speech.pyttsx3_synthesizer import Pyttsx3Engine, Pyttsx3Synthesizer, Voice

ENGLISH = Voice("en-gb", 150)
LONG = (
    "Put the ball of your right foot on the rolled towel, with the heel down, and both feet straight ahead. Inch the"
    " other foot forward until you feel the stretch, breathe slowly, and hold it there, without forcing anything."
)


def is_there(source: EspeakSource) -> bool:
    try:
        find_espeak(source)
    except VoiceError:
        return False
    return True


sources = pytest.mark.parametrize(
    "source",
    [
        pytest.param(source, marks=pytest.mark.skipif(not is_there(source), reason=f"no {source} espeak-ng here"))
        for source in (EspeakSource.SYSTEM, EspeakSource.BUNDLED)
    ],
)


@pytest.fixture(scope="module")
def english() -> Iterator[Pyttsx3Synthesizer]:
    with Pyttsx3Engine(ENGLISH).open() as synthesizer:
        yield synthesizer


def failure(render: Callable[[], object]) -> str:
    with pytest.raises(VoiceError) as caught:
        render()
    message = str(caught.value)
    assert "\n" not in message
    assert message.startswith("the coach has no voice: ")
    assert ";" in message, "it says what to do"
    return message


@sources
@pytest.mark.parametrize(("voice", "text"), [("en-gb", "Hold it there."), ("en-us", "Stop."), ("ko", "쥐 났어")])
def test_every_espeak_speaks_every_language_we_need(source: EspeakSource, voice: str, text: str) -> None:
    with Pyttsx3Engine(Voice(voice, 150), source).open() as synthesizer:
        clip = synthesizer.render(text)
    assert 300 < clip.timing.length_ms < 2000
    assert np.abs(clip.samples).max() > 0.2


@sources
def test_a_long_sentence_is_rendered_to_its_end(source: EspeakSource) -> None:
    with Pyttsx3Engine(ENGLISH, source).open() as synthesizer:
        clip = synthesizer.render(LONG)
    assert 12_000 < clip.timing.length_ms < 20_000
    assert 30 <= len(clip.breaks_ms) <= LONG.count(" ")
    assert clip.breaks_ms[-1] > clip.timing.length_ms - 2000


def test_the_same_sentence_always_sounds_the_same() -> None:
    def first_of_a_process() -> object:
        with Pyttsx3Engine(ENGLISH).open() as synthesizer:
            return synthesizer.render("Hold it there.").samples.tobytes()

    assert len({first_of_a_process() for _ in range(3)}) == 1


def test_a_sentence_sounds_the_same_whatever_was_rendered_before_it(english: Pyttsx3Synthesizer) -> None:
    alone = english.render("Stop.")
    english.render(LONG)
    after = english.render("Stop.")
    assert np.array_equal(after.samples, alone.samples)
    assert after.breaks_ms == alone.breaks_ms


def test_breaks_fall_between_words(english: Pyttsx3Synthesizer) -> None:
    clip = english.render("Heel, arch, ball: hold.")
    assert len(clip.breaks_ms) == 3
    for at in clip.breaks_ms:
        assert np.sqrt(np.mean(clip.samples[at * 48 : at * 48 + 240] ** 2)) < 0.02


def test_more_words_a_minute_take_less_time() -> None:
    lengths = []
    for words_per_minute in (80, 150, 300):
        with Pyttsx3Engine(Voice("en-gb", words_per_minute)).open() as synthesizer:
            lengths.append(synthesizer.render("Breathe slowly, and hold it there.").timing.length_ms)
    assert lengths[0] > 1.5 * lengths[1] > 2 * lengths[2]


@pytest.mark.parametrize("words_per_minute", [79, 301])
def test_an_absurd_speed_is_refused(words_per_minute: int) -> None:
    with pytest.raises(ValueError, match="80 to 300"):
        Voice("en-gb", words_per_minute)


def test_long_numbers_are_no_mistake(english: Pyttsx3Synthesizer) -> None:
    assert english.render("1234567890").timing.length_ms > 4000


@pytest.mark.parametrize("text", ["", "<break time='3600s'/>", "nul\0"])
def test_what_must_not_be_spoken_never_reaches_the_engine(text: str) -> None:
    nowhere = Pyttsx3Engine(ENGLISH, command=("/nonexistent",))
    with pytest.raises(ValueError, match="spoken"):
        nowhere.open().render(text)


def test_an_unknown_voice_is_told_in_one_line() -> None:
    with Pyttsx3Engine(Voice("xx-yy", 150)).open() as synthesizer:
        assert "there is no voice 'xx-yy'" in failure(lambda: synthesizer.render("Hold."))


def test_a_worker_answers_the_next_sentence_after_a_refused_one() -> None:
    with Pyttsx3Engine(Voice("xx-yy", 150)).open() as synthesizer:
        for _ in range(2):
            assert "there is no voice" in failure(lambda: synthesizer.render("Hold."))


def test_a_worker_that_hangs_is_ended_and_told() -> None:
    hanging = Pyttsx3Engine(ENGLISH, limit_s=0.2, command=(sys.executable, "-m", "tests.fakes.hanging_worker"))
    with hanging.open() as synthesizer:
        assert "did not answer within 0.2 s (twice) with 'Hold.'" in failure(lambda: synthesizer.render("Hold."))


def test_a_worker_that_crashes_is_started_again_once_and_told(tmp_path: Path) -> None:
    starts = tmp_path / "starts"
    crashing = Pyttsx3Engine(ENGLISH, command=(sys.executable, "-m", "tests.fakes.crashing_worker", str(starts)))
    with crashing.open() as synthesizer:
        assert "was ended by SIGSEGV (twice)" in failure(lambda: synthesizer.render("Hold."))
    assert starts.read_text() == "started\n" * 2


def test_a_worker_that_crashes_once_is_not_noticed(tmp_path: Path) -> None:
    real = (sys.executable, "-m", "voicecoach.speech.pyttsx3_worker")
    command = (sys.executable, "-m", "tests.fakes.crashing_worker", str(tmp_path / "starts"), *real)
    with Pyttsx3Engine(ENGLISH, command=command).open() as synthesizer:
        assert synthesizer.render("Hold it there.").timing.length_ms > 300


@pytest.mark.parametrize("answer", ["hello", "[]", "{}", '{"ok": true, "bytes": -1}', '{"ok": true, "bytes": 1e99}'])
def test_a_worker_that_talks_nonsense_is_told(answer: str) -> None:
    command = (sys.executable, "-m", "tests.fakes.babbling_worker", answer)
    with Pyttsx3Engine(ENGLISH, limit_s=1, command=command).open() as synthesizer:
        assert "makes no sense (twice)" in failure(lambda: synthesizer.render("Hold."))


@pytest.mark.parametrize("answer", ['{"ok": true}', '{"ok": true, "bytes": 2, "words_ms": "x"}\nab'])
def test_what_is_no_sound_is_told(answer: str) -> None:
    command = (sys.executable, "-m", "tests.fakes.babbling_worker", answer)
    with Pyttsx3Engine(ENGLISH, command=command).open() as synthesizer:
        assert "was not spoken properly" in failure(lambda: synthesizer.render("Hold."))


def test_a_worker_that_cannot_be_started_is_told() -> None:
    with Pyttsx3Engine(ENGLISH, command=("/nonexistent",)).open() as synthesizer:
        assert "could not be started" in failure(lambda: synthesizer.render("Hold."))


def test_nothing_is_left_in_the_directory_for_temporary_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    synthesizer = Pyttsx3Engine(ENGLISH).open()
    synthesizer.render("Hold.")
    assert list(tmp_path.iterdir()) == []
    synthesizer.close()
    assert list(tmp_path.iterdir()) == []


@sources
def test_rendering_does_not_call_on_the_sound_server(
    source: EspeakSource, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A server that takes calls and never answers: whoever calls waits.
    with tempfile.TemporaryDirectory(prefix="vc") as folder, socket.socket(socket.AF_UNIX) as server:
        server.bind(f"{folder}/native")
        server.listen()
        server.setblocking(False)
        monkeypatch.setenv("PULSE_SERVER", f"unix:{folder}/native")
        monkeypatch.setenv("PULSE_RUNTIME_PATH", folder)
        monkeypatch.setenv("HOME", str(tmp_path))
        monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
        with Pyttsx3Engine(ENGLISH, source).open() as synthesizer:
            assert synthesizer.render("Hold it there.").timing.length_ms > 300
        with pytest.raises(BlockingIOError):
            server.accept()
    assert list(tmp_path.iterdir()) == [], "nor leaves anything for its next visit"


def test_the_identity_names_everything_that_changes_the_sound() -> None:
    identity = Pyttsx3Engine(ENGLISH).identity()
    assert "pyttsx3 2" in identity
    assert "espeak-ng 1" in identity
    assert identity != Pyttsx3Engine(Voice("en-gb", 151)).identity()
    assert identity != Pyttsx3Engine(Voice("en-us", 150)).identity()
