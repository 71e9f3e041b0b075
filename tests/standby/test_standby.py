"""The coach between sessions, without sound: what it answers to what, and when it has nothing to do."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicecoach.coaching.messages import (
    Action,
    CommandHeard,
    CueTiming,
    Input,
    MachineChanged,
    Notice,
    PlayTone,
    ReportEnd,
    Say,
    SetVolume,
    SpeechRendered,
    StopSpeech,
    Tone,
    VoiceIgnored,
    VoiceStarted,
)
from voicecoach.commands import Command
from voicecoach.language.pack import LanguagePack, languages, load_pack
from voicecoach.standby.routines import Startable
from voicecoach.standby.script import StandbyScript, faults_of
from voicecoach.standby.standby import Standby

FEET = Startable("feet", "Feet", ("feet",))
QUICK = Startable("feet-quick", "Quick feet", ("feet quick", "quick feet"))
BROKEN = Startable("/etc/voicecoach/routines/my-own.yaml", "my own", ("my own",), is_sound=False)
ROUTINES = (FEET, QUICK, BROKEN)
ENGLISH = load_pack("en")
SCRIPT = StandbyScript(ENGLISH, ROUTINES)
CALLS = {ENGLISH.call_for(spoken): routine for routine in ROUTINES for spoken in routine.spoken}
SENTENCE_MS = 1_000
TABLE = {text: CueTiming(SENTENCE_MS) for text in SCRIPT.texts()}


@dataclass
class Room:
    """A standby, driven, and what it did."""

    last: Startable | None = None
    quiet: bool = False
    greets: bool = False
    actions: list[Action] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.now = 0
        self.standby = Standby(
            SCRIPT,
            TABLE,
            CALLS,
            last=self.last,
            quiet=self.quiet,
            opening=[SCRIPT.here()] if self.greets else (),
        )
        self.actions += self.standby.begin(0)

    def after(self, ms: int, message: Input | None = None) -> list[Action]:
        """Let time pass, then tell it something. Return what it did since."""
        until = self.now + ms
        did: list[Action] = []
        while (deadline := self.standby.next_deadline()) is not None and deadline <= until:
            did += self.standby.advance(deadline)
        self.now = until
        did += self.standby.advance(until) if message is None else self.standby.receive(message, until)
        self.actions += did
        return did

    def says(self, phrase: str) -> list[Action]:
        command = ENGLISH.called({one.name: one.spoken for one in ROUTINES}).command_of(phrase)
        assert command is not None
        return self.after(5_000, CommandHeard(command, phrase))


def texts(actions: list[Action]) -> list[str]:
    return [action.text for action in actions if isinstance(action, Say)]


def tones(actions: list[Action]) -> list[Tone]:
    return [action.tone for action in actions if isinstance(action, PlayTone)]


def volumes(actions: list[Action]) -> list[int]:
    return [action.decibels for action in actions if isinstance(action, SetVolume)]


def test_while_it_waits_nothing_has_to_be_done() -> None:
    room = Room()
    assert room.standby.next_deadline() is None
    assert room.after(86_400_000) == []


@pytest.mark.parametrize("phrase", ["coach start feet quick", "coach start quick feet"])
def test_called_it_names_the_routine_and_then_ends_for_its_session(phrase: str) -> None:
    room = Room()
    did = room.says(phrase)
    assert (tones(did), texts(did)) == ([Tone.UNDERSTOOD], ["Quick feet."])
    assert room.standby.chosen is None
    room.after(SENTENCE_MS + 500)
    assert room.standby.ended
    assert room.standby.chosen == QUICK


def test_again_begins_what_was_done_last() -> None:
    room = Room(last=FEET)
    assert texts(room.says("coach again")) == ["Feet."]
    room.after(2_000)
    assert room.standby.chosen == FEET


def test_again_without_a_last_time_is_answered() -> None:
    room = Room()
    assert texts(room.says("coach again")) == ["There is nothing to take up from before."]
    room.after(60_000)
    assert not room.standby.ended


def test_a_routine_with_a_mistake_is_not_begun_and_that_is_said() -> None:
    room = Room()
    assert texts(room.says("coach start my own")) == ["my own has a mistake in it, so I cannot lead it."]
    room.after(60_000)
    assert not room.standby.ended


def test_it_tells_what_can_be_asked_but_not_what_cannot_be_done() -> None:
    room = Room()
    said = texts(room.says("coach what can you do"))
    assert said[0] == "Say coach, and then one of these:"
    assert said[1:] == ["start feet.", "start feet quick.", "again.", "good night."]


def test_louder_and_quieter_change_the_volume_within_its_bounds() -> None:
    room = Room()
    assert volumes(room.says("coach louder")) == [3]
    for _ in range(20):
        room.says("coach quieter")
    assert room.standby.volume_db == -18
    assert volumes(room.says("coach quieter")) == [-18]


def test_good_night_makes_it_quiet_until_the_night_has_ended() -> None:
    room = Room()
    did = room.says("coach good night")
    assert (texts(did), volumes(did)) == (["Good night."], [-12])
    assert texts(room.after(1_000, MachineChanged(Notice.HEARING_LOST))) == []
    assert volumes(room.after(1_000, MachineChanged(Notice.NIGHT_ENDED))) == [0]
    assert texts(room.after(1_000, MachineChanged(Notice.HEARING_LOST))) != []


def test_at_night_it_still_does_what_it_is_asked() -> None:
    room = Room(quiet=True, greets=True)
    assert texts(room.actions) == []
    assert texts(room.says("coach start feet")) == ["Feet."]


def test_it_greets_where_it_is_to_and_says_how_it_is_called() -> None:
    assert texts(Room(greets=True).actions) == ["I am here. When you need me, say: coach, start feet."]
    assert texts(Room().actions) == []


def test_speech_that_is_not_meant_for_it_is_not_answered() -> None:
    room = Room()
    for _ in range(50):
        room.after(1_000, VoiceStarted())
        assert room.after(700, VoiceIgnored(like_speech=True)) == []
    assert room.standby.next_deadline() is None


def test_it_falls_silent_for_a_voice_and_says_its_sentence_afterwards() -> None:
    room = Room()
    room.says("coach again")
    did = room.after(400, VoiceStarted())
    assert any(isinstance(action, StopSpeech) for action in did)
    assert texts(room.after(600, VoiceIgnored(like_speech=True))) == ["There is nothing to take up from before."]


def test_a_voice_that_nobody_ends_does_not_keep_the_floor() -> None:
    room = Room()
    room.says("coach again")
    room.after(400, VoiceStarted())
    assert texts(room.after(20_000)) == ["There is nothing to take up from before."]
    assert room.standby.next_deadline() is None


def test_a_call_while_it_speaks_takes_the_place_of_what_it_said() -> None:
    room = Room()
    room.says("coach what can you do")
    room.after(300, VoiceStarted())
    did = room.after(900, CommandHeard(Command.START_ROUTINE, "coach start feet"))
    assert texts(did) == ["Feet."]


def test_a_session_that_begins_is_not_called_off_by_another_call() -> None:
    room = Room()
    room.says("coach start feet")
    assert room.standby.open_commands() == frozenset()
    assert texts(room.after(100, CommandHeard(Command.START_ROUTINE, "coach start feet quick"))) == []
    room.after(5_000)
    assert room.standby.chosen == FEET


def test_asked_to_end_it_ends_for_no_session() -> None:
    room = Room()
    did = room.after(10, CommandHeard(Command.FINISH, ""))
    assert [action.reason for action in did if isinstance(action, ReportEnd)] == ["finished"]
    assert (room.standby.ended, room.standby.chosen) == (True, None)


inputs = st.one_of(
    st.builds(CommandHeard, st.sampled_from(list(Command)), st.sampled_from([*CALLS, "", "coach start nothing"])),
    st.just(VoiceStarted()),
    st.builds(VoiceIgnored, st.booleans()),
    st.builds(MachineChanged, st.sampled_from(list(Notice))),
    st.just(SpeechRendered(TABLE)),
)


@given(st.lists(st.tuples(st.integers(0, 20_000), inputs), max_size=30), st.sampled_from([None, FEET]))
def test_whatever_happens_it_answers_or_waits_and_never_says_what_it_cannot(
    events: list[tuple[int, Input]], last: Startable | None
) -> None:
    room = Room(last=last)
    for ms, message in events:
        before = room.now
        for action in room.after(ms, message):
            if isinstance(action, (Say, PlayTone, StopSpeech)):
                assert action.at_ms >= before
            if isinstance(action, Say):
                assert action.text in TABLE
    room.after(60_000)
    # Either it is over, or it waits and has nothing to do.
    assert room.standby.next_deadline() is None
    assert room.standby.chosen in (None, FEET, QUICK)


# The language packs


@pytest.fixture(params=languages())
def pack(request: pytest.FixtureRequest) -> LanguagePack:
    return load_pack(request.param)


def test_every_language_has_every_sentence_with_its_fields(pack: LanguagePack) -> None:
    assert faults_of(pack.calls.script) == []


def test_a_missing_line_and_a_wrong_field_are_faults() -> None:
    lines = dict(ENGLISH.calls.script)
    del lines["here"]
    lines["starting"] = "{title}."
    lines["more"] = "More."
    assert len(faults_of(lines)) == 3


def test_every_shipped_routine_can_be_called_in_every_language(pack: LanguagePack) -> None:
    from voicecoach.routine.library import shipped_names

    assert set(pack.calls.routines) == set(shipped_names())


def test_every_call_begins_with_the_address_and_means_one_thing(pack: LanguagePack) -> None:
    called = pack.called(pack.calls.routines)
    for command, phrases in called.phrases.items():
        for phrase in phrases:
            assert phrase.startswith(f"{pack.address} ")
            assert called.command_of(phrase) is command
    assert len(set(called.all_phrases)) == len(called.all_phrases)
    both = pack.with_phrases_of(called)
    assert set(both.all_phrases) == {*pack.all_phrases, *called.all_phrases}
    assert all(both.command_of(phrase) is pack.command_of(phrase) for phrase in pack.all_phrases)
