from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

from tests.listening.sounds import Speaker, in_a_quiet_room, silence
from voicecoach.commands import Command
from voicecoach.errors import UsageError
from voicecoach.language.pack import load_pack
from voicecoach.listening.ears import Ears, as_json, hear
from voicecoach.listening.factory import open_ears
from voicecoach.listening.files import hear_file
from voicecoach.listening.recognizer import Pcm
from voicecoach.listening.sensations import Heard, Ignored, Reason, VoiceBegan

PACK = load_pack("en")
SLT, RMS, AWB = (Speaker("en", voice) for voice in ("slt", "rms", "awb"))
BLOCK = 1600


def listen(
    ears: Ears, sound: Pcm, open_phrases: tuple[str, ...] = PACK.all_phrases, saying: str | None = None
) -> list[VoiceBegan | Heard | Ignored]:
    whole = sound[: len(sound) // BLOCK * BLOCK].reshape(-1, BLOCK)
    return [sensation for block in whole for sensation in ears.feed(block, open_phrases, saying)]


def phrases(sensations: list[VoiceBegan | Heard | Ignored]) -> list[str]:
    """What was made of it: the phrases heard, and in brackets why the rest was ignored."""
    return [
        sensation.phrase if isinstance(sensation, Heard) else f"({sensation.reason})"
        for sensation in sensations
        if not isinstance(sensation, VoiceBegan)
    ]


@pytest.mark.parametrize("speaker", [SLT, RMS, AWB], ids=lambda speaker: speaker.voice)
@pytest.mark.parametrize(
    "phrase", ["next", "switch side", "cramp", "that hurts", "more time", "stop", "what can I say"]
)
def test_every_voice_is_understood(ears: Ears, speaker: Speaker, phrase: str) -> None:
    assert phrases(listen(ears, in_a_quiet_room(speaker.says(phrase)))) == [phrase]


def test_voice_is_announced_before_it_is_understood(ears: Ears) -> None:
    began, heard = listen(ears, in_a_quiet_room(SLT.says("other foot")))
    assert isinstance(began, VoiceBegan)
    assert isinstance(heard, Heard)
    assert began.at_ms == heard.start_ms < heard.end_ms < heard.decided_ms <= heard.end_ms + 420


@pytest.mark.parametrize(
    ("phrase", "at_most_ms"), [("stop", 240), ("next", 240), ("where am I", 340), ("how long", 340), ("go", 420)]
)
def test_what_is_sure_is_decided_in_a_lull_unless_a_longer_phrase_begins_so(
    ears: Ears, phrase: str, at_most_ms: int
) -> None:
    heard = listen(ears, in_a_quiet_room(RMS.says(phrase)))[-1]
    assert isinstance(heard, Heard)
    assert at_most_ms - 60 <= heard.decided_ms - heard.end_ms <= at_most_ms


@pytest.mark.parametrize(("phrase", "is_heard"), [("what's next", False), ("where am I", False), ("skip", True)])
def test_the_beginning_of_a_sentence_is_no_question(ears: Ears, phrase: str, is_heard: bool) -> None:
    said = in_a_quiet_room(SLT.says(phrase))
    heard = listen(ears, said)[-1]
    assert isinstance(heard, Heard)
    rest = SLT.says("explain")
    begins = int(np.flatnonzero(np.abs(rest) > 1000)[0])
    goes_on = (heard.end_ms + 270) * 16 - begins
    said[goes_on : goes_on + len(rest)] += rest[: len(said) - goes_on]
    assert (phrase in phrases(listen(ears.fresh(), said))) == is_heard


def test_what_is_said_again_at_once_counts_once(ears: Ears) -> None:
    sound = in_a_quiet_room(RMS.says("next"), silence(150), RMS.says("next"))
    assert phrases(listen(ears, sound)) == ["next", "(repeated)"]


@pytest.mark.parametrize("speaker", [SLT, RMS], ids=lambda speaker: speaker.voice)
@pytest.mark.parametrize("gap_ms", [50, 150, 300])
def test_cramp_back_off_with_a_gap_is_one_command(ears: Ears, speaker: Speaker, gap_ms: int) -> None:
    # The recordings have 50 ms of silence at each end, so the gap is 100 ms longer.
    sound = in_a_quiet_room(speaker.says("cramp"), silence(gap_ms), speaker.says("back off"))
    heard = [sensation for sensation in listen(ears, sound) if isinstance(sensation, Heard)]
    assert [sensation.command for sensation in heard] == [Command.CRAMP]


def test_two_commands_after_one_another_are_two(ears: Ears) -> None:
    sound = in_a_quiet_room(SLT.says("pause"), silence(1500), SLT.says("continue"))
    assert phrases(listen(ears, sound)) == ["pause", "continue"]


def test_stop_said_three_times_is_stop(ears: Ears) -> None:
    stop = SLT.says("stop")[640:-640]
    heard = [s for s in listen(ears, in_a_quiet_room(stop, stop, stop)) if isinstance(s, Heard)]
    assert [sensation.command for sensation in heard] == [Command.STOP]


def test_only_open_phrases_are_heard(ears: Ears) -> None:
    sound = in_a_quiet_room(SLT.says("explain"))
    assert phrases(listen(ears, sound, ("next", "stop", "cramp"))) == ["(not_a_phrase)"]
    assert phrases(listen(ears.fresh(), sound, ())) == ["(not_a_phrase)"]


def test_what_the_coach_is_saying_is_not_a_command(ears: Ears) -> None:
    sound = in_a_quiet_room(SLT.says("switch foot"))
    saying = "Now, switch foot, and sit up."
    assert phrases(listen(ears, sound, saying=saying)) == ["(own_voice)"]


def test_a_command_is_heard_while_the_coach_says_something_else(ears: Ears) -> None:
    sound = in_a_quiet_room(SLT.says("stop"))
    assert phrases(listen(ears, sound, saying="Never stopped, nonstop, unstoppable.")) == ["stop"]


def test_where_the_coach_must_be_addressed_only_alarms_count_without() -> None:
    pack = PACK.model_copy(update={"must_be_addressed": True})
    ears = open_ears(pack, engine="moonshine")
    for called in ("next", "stop", "pause"):
        assert phrases(listen(ears, in_a_quiet_room(RMS.says("coach"), RMS.says(called)))) == [called]
    for alarm in ("stop", "cramp"):
        assert phrases(listen(ears, in_a_quiet_room(RMS.says(alarm)))) == [alarm]
    for unaddressed in ("next", "pause", "go back", "louder"):
        assert not any(isinstance(s, Heard) for s in listen(ears, in_a_quiet_room(RMS.says(unaddressed))))


def test_talk_is_ignored_as_speech(ears: Ears) -> None:
    sound = in_a_quiet_room(*(SLT.says(phrase)[800:-800] for phrase in ("how do I do it", "what can I say") * 4))
    [ignored] = [s for s in listen(ears, sound) if isinstance(s, Ignored)]
    assert (ignored.reason, ignored.like_speech) == (Reason.TOO_LONG, True)


def test_words_backwards_are_speech_but_no_command(ears: Ears) -> None:
    backwards = np.ascontiguousarray(RMS.says("say that again")[::-1])
    [ignored] = [s for s in listen(ears, in_a_quiet_room(backwards)) if not isinstance(s, VoiceBegan)]
    assert isinstance(ignored, Ignored)
    assert ignored.like_speech


def test_a_command_is_understood_over_a_fan(ears: Ears) -> None:
    rng = np.random.default_rng(4)
    sound = np.concatenate([silence(4000), SLT.says("next exercise"), silence(1000)]).astype(np.float64)
    rumble = np.zeros(len(sound))
    white = rng.normal(0.0, 1.0, len(sound))
    for index in range(1, len(sound)):
        rumble[index] = 0.95 * rumble[index - 1] + white[index]
    sound += rumble * (600.0 / rumble.std())
    assert phrases(listen(ears, np.clip(sound, -32768, 32767).astype(np.int16)))[-1] == "next exercise"


def test_the_same_sound_is_heard_the_same_however_it_is_cut(ears: Ears) -> None:
    sound = in_a_quiet_room(AWB.says("louder"), silence(700), AWB.says("stop"))
    sound = sound[: len(sound) // 3200 * 3200]
    heard = []
    for size in (320, 1600, 3200):
        listener = ears.fresh()
        heard.append([s for block in sound.reshape(-1, size) for s in listener.feed(block, PACK.all_phrases, None)])
    assert heard[0] == heard[1] == heard[2]


def test_a_block_of_another_length_is_refused(ears: Ears) -> None:
    with pytest.raises(ValueError, match="multiple of 320"):
        ears.feed(np.zeros(100, dtype=np.int16), PACK.all_phrases, None)


def test_a_command_at_the_very_end_of_a_recording_is_heard(ears: Ears) -> None:
    sound = in_a_quiet_room(SLT.says("finish"))[: -15_000 - 333]
    assert [r.phrase for r in hear(ears, sound, PACK.all_phrases) if isinstance(r, Heard)] == ["finish"]


def test_a_file_of_any_rate_is_listened_to(ears: Ears, tmp_path: Path) -> None:
    sound = np.repeat(in_a_quiet_room(RMS.says("faster")), 3)
    soundfile.write(tmp_path / "clip.wav", np.stack([sound, sound], axis=1), 48_000)
    [result] = hear_file(ears, PACK, tmp_path / "clip.wav")
    line = as_json(result)
    assert list(line) == ["start_ms", "end_ms", "command", "phrase", "reason", "confidence", "decided_ms"]
    assert (line["command"], line["phrase"], line["reason"]) == ("faster", "faster", "accepted")
    json.dumps(line)


def test_an_ignored_result_names_no_words() -> None:
    line = as_json(Ignored(1000, 1500, 1900, Reason.POOR_FIT, 0.2, like_speech=True))
    assert (line["command"], line["phrase"], line["reason"]) == (None, None, "poor_fit")


def test_a_file_that_is_no_sound_is_refused(ears: Ears, tmp_path: Path) -> None:
    (tmp_path / "clip.wav").write_bytes(b"RIFF")
    with pytest.raises(UsageError):
        list(hear_file(ears, PACK, tmp_path / "clip.wav"))
