from __future__ import annotations

from importlib import resources

import pytest

from voicecoach.commands import STANDBY, Command
from voicecoach.errors import DocumentError, UsageError
from voicecoach.language.pack import LanguagePack, languages, load_pack, parse_pack

ENGLISH = resources.files("voicecoach.language").joinpath("packs", "en.yaml").read_text(encoding="utf-8")


def faults(content: str) -> list[str]:
    with pytest.raises(DocumentError) as caught:
        parse_pack(content, "en.yaml")
    return str(caught.value).splitlines()


@pytest.fixture(params=languages())
def pack(request: pytest.FixtureRequest) -> LanguagePack:
    return load_pack(request.param)


def test_there_are_packs_for_english_and_korean() -> None:
    assert languages() == ("en", "ko")


def test_every_command_has_a_phrase_and_every_phrase_one_command(pack: LanguagePack) -> None:
    assert set(pack.phrases) == set(Command) - STANDBY
    for command, phrases in pack.phrases.items():
        assert [pack.command_of(phrase) for phrase in phrases] == [command] * len(phrases)
    assert len(set(pack.all_phrases)) == len(pack.all_phrases)


def test_the_urgent_phrases_are_those_of_urgent_commands() -> None:
    assert load_pack("en").urgent_phrases == {
        "cramp",
        "cramp back off",
        "I have a cramp",
        "stop",
        "stop it",
        "pause",
        "wait",
        "hold on",
    }


def test_phrases_come_in_the_order_of_the_file() -> None:
    pack = load_pack("en")
    assert pack.phrases_of([Command.STOP, Command.NEXT]) == (
        *("next", "next exercise", "skip", "skip this", "I'm done"),
        *("stop", "stop it"),
    )


def test_a_phrase_means_the_same_in_capitals() -> None:
    assert load_pack("en").command_of("HOW DO I do it") is Command.EXPLAIN
    assert load_pack("en").command_of("how do") is None


def test_words_that_yaml_takes_for_truth_values_are_words() -> None:
    assert load_pack("en").phrases[Command.YES] == ["yes"]
    assert load_pack("en").phrases[Command.NO] == ["no", "no thanks"]


def test_the_english_model_is_pinned() -> None:
    model = load_pack("en").recognition.vosk
    assert model.url.endswith(f"/{model.name}.zip")
    assert model.bytes == 41_205_931
    assert model.sha256 is not None


def test_a_missing_language_is_refused_with_those_there_are() -> None:
    with pytest.raises(UsageError, match="no language pack 'xx'; those there are: en, ko"):
        load_pack("xx")


def test_a_phrase_with_two_meanings_is_a_fault_at_its_place() -> None:
    [fault] = faults(ENGLISH.replace("harder: [harder]", "harder: [harder, Easier]"))
    assert "'Easier' is a phrase of 'easier' already" in fault


def test_a_phrase_written_twice_is_a_fault() -> None:
    [fault] = faults(ENGLISH.replace("harder: [harder]", "harder: [harder, harder]"))
    assert "'harder' is a phrase of 'harder' already" in fault


@pytest.mark.parametrize("change", ["  harder: [harder]\n", "[harder]"])
def test_a_command_without_phrases_is_a_fault(change: str) -> None:
    [fault] = faults(ENGLISH.replace(change, "[]" if change.startswith("[") else ""))
    assert "The command 'harder' has no phrase" in fault


@pytest.mark.parametrize("phrase", ["go!", '"go  on"', "go;stop", "3 more", "<sil>", '""'])
def test_a_phrase_that_a_grammar_would_trip_over_is_a_fault(phrase: str) -> None:
    assert len(faults(ENGLISH.replace("harder: [harder]", f"harder: [harder, {phrase}]"))) == 1


def test_an_unknown_command_is_a_fault() -> None:
    assert faults(ENGLISH.replace("  harder:", "  hardest: [hardest]\n  harder:"))


def test_a_line_of_the_script_has_a_full_and_a_short_form() -> None:
    content = (
        ENGLISH.split("\nscript:")[0]
        + "\nscript:\n  rest: Rest.\n  wait:\n    full: Tell me when.\n    short: Ready?\n"
    )
    cues = parse_pack(content, "en.yaml").cues
    assert (cues["rest"].full, cues["rest"].short) == ("Rest.", "Rest.")
    assert (cues["wait"].full, cues["wait"].short) == ("Tell me when.", "Ready?")


def test_what_is_asked_between_sessions_does_not_belong_among_the_commands() -> None:
    [fault] = faults(ENGLISH.replace("  harder: [harder]\n", "  harder: [harder]\n  again: [once more]\n"))
    assert "'again' is asked for between sessions; write it under `calls`." in fault
