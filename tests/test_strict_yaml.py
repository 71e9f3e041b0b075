from __future__ import annotations

import re
import typing
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field
from pydantic_core import core_schema

from voicecoach.errors import DocumentError, Fault, UsageError
from voicecoach.strict_yaml import (
    MAX_BYTES,
    MAX_DEPTH,
    DecimalNumber,
    Document,
    Flag,
    Location,
    WholeNumber,
    load,
    read,
    read_file,
)
from voicecoach.strict_yaml.sentences import Finding, phrase
from voicecoach.strict_yaml.tree import decode, parse

PARSERS = [yaml.BaseLoader, getattr(yaml, "CBaseLoader", yaml.BaseLoader)]


class Colour(StrEnum):
    RED = "red"
    GREEN = "green"


class Wheel(Document):
    spokes: Annotated[WholeNumber, Field(ge=1, le=40)] = Field(description="How many spokes. All count.", examples=[28])
    colour: Colour = Colour.RED


class Bicycle(Document):
    name: str = Field(min_length=1, max_length=20, description="What it is called.", examples=["Rosinante"])
    gears: WholeNumber = 1
    weight: DecimalNumber = 10.5
    lights: Flag = False
    kind: Literal["town", "race"] = "town"
    wheels: list[Wheel] = Field(default=[], max_length=3)
    notes: dict[str, str] = Field(default={})


def faults(content: str | bytes) -> list[tuple[int, int, str]]:
    with pytest.raises(DocumentError) as caught:
        load(content, "bike.yaml", Bicycle)
    return [(fault.line, fault.column, fault.what) for fault in caught.value.faults]


def faults_if_any(content: str | bytes) -> tuple[Fault, ...]:
    """Return the faults of a file that may have none; every other error is a failure of the test."""
    try:
        load(content, "fuzz", Bicycle)
    except DocumentError as error:
        return error.faults
    return ()


def only_fault(content: str | bytes) -> tuple[int, int, str]:
    (fault,) = faults(content)
    return fault


def test_a_file_becomes_its_model() -> None:
    text = "name: Rosinante\ngears: 21\nweight: 12.5\nlights: true\nwheels:\n  - {spokes: 28, colour: green}\n"
    bicycle = load(text, "bike.yaml", Bicycle)
    assert bicycle == Bicycle(
        name="Rosinante", gears=21, weight=12.5, lights=True, wheels=[Wheel(spokes=28, colour=Colour.GREEN)]
    )


def test_a_byte_order_mark_and_foreign_line_ends_change_nothing() -> None:
    assert load(b"\xef\xbb\xbfname: A\r\ngears: 2\r\n", "bike.yaml", Bicycle) == Bicycle(name="A", gears=2)


@pytest.mark.parametrize("text", ["no", "1:30", "010", "~", "null", "2024-01-01", "0x1F", ".inf", "1e3"])
def test_a_text_stays_as_it_is_written(text: str) -> None:
    assert load(f"name: {text}", "bike.yaml", Bicycle).name == text


@pytest.mark.parametrize("text", ["010", "4_5", "+4", "1:30", "0x1F", "4.0", "1e3", ".inf", "٤", "''", "four", "-0"])
def test_only_plain_digits_are_a_whole_number(text: str) -> None:
    line, column, what = only_fault(f"name: A\ngears: {text}")
    assert (line, column) == (2, 8)
    assert "is not a whole number; write digits only, as in `45`." in what


@pytest.mark.parametrize("text", [".5", "5.", "1,5", "nan", "inf", "1e3", "0x1", "1_0.5"])
def test_only_digits_and_a_point_are_a_number(text: str) -> None:
    assert "is not a number" in only_fault(f"name: A\nweight: {text}")[2]


@pytest.mark.parametrize("text", ["yes", "no", "on", "1", "True", "TRUE", "y"])
def test_only_true_and_false_are_a_switch(text: str) -> None:
    assert "write `true` or `false`" in only_fault(f"name: A\nlights: {text}")[2]


def test_an_unknown_key_is_pointed_at_with_the_one_that_was_probably_meant() -> None:
    assert only_fault("name: A\nwheels:\n  - spokes: 28\n    color: red\n") == (
        4,
        5,
        "There is no key `color` here; did you mean `colour`?",
    )


def test_an_unknown_key_like_no_other_is_answered_with_all_of_them() -> None:
    assert only_fault("name: A\nwheels: [{spokes: 28, xyz: red}]")[2] == (
        "There is no key `xyz` here; take it out, or use one of: spokes, colour."
    )


def test_a_misspelt_key_is_not_missing_as_well() -> None:
    assert only_fault("nmae: A") == (1, 1, "There is no key `nmae` here; did you mean `name`?")


def test_a_missing_key_is_explained_where_it_belongs() -> None:
    assert only_fault("name: A\nwheels:\n  - colour: red\n") == (
        3,
        5,
        "`spokes` is missing (how many spokes); write for example `spokes: 28`.",
    )


def test_a_number_out_of_range_is_told_its_range() -> None:
    assert only_fault("name: A\nwheels: [{spokes: 400}]") == (
        2,
        19,
        "`400` is out of range: `spokes` is 1 to 40; write a number in that range.",
    )


@pytest.mark.parametrize(
    ("content", "what"),
    [
        ("name: A\nkind: twon", "`twon` is not one of the words that are possible here; did you mean `town`?"),
        ("name: A\nkind: boat", "`boat` is not one of the words that are possible here; write `town` or `race`."),
        ("name:", "`name` is empty; write for example `name: Rosinante`, or leave the key out if it is not needed."),
        ("name: [A]", "A text is expected here, not a list; write for example `name: Rosinante`."),
        (
            "name: A\nwheels: round",
            "A list is expected here, not `round`; write each item on a line of its own, after `- `.",
        ),
        (
            "name: A\nwheels: [round]",
            "`round` is not possible here; write a block of keys (spokes, colour), each as `key: value`.",
        ),
        (f"name: {'A' * 21}", "This text is longer than 20 characters; write a shorter one."),
        ("name: A\nwheels: [" + "{spokes: 3}, " * 4 + "]", "This has more than 3 items; take some out."),
    ],
)
def test_a_wrong_value_is_answered_with_what_to_write(content: str, what: str) -> None:
    assert only_fault(content)[2] == what


def test_no_wording_of_the_model_library_reaches_a_person() -> None:
    for kind in typing.get_args(core_schema.ErrorType):
        finding = Finding(kind, ("name",), {}, "what was written", Bicycle)
        sentence = phrase(finding)
        assert sentence.endswith((".", "?"))
        assert not re.search(r"[Ii]nput should|valid |pydantic|_type|NoneType|dictionary|instance", sentence), sentence


@pytest.mark.parametrize(
    ("content", "place", "words"),
    [
        ("name: A\nname: B\n", (2, 1), "`name` is here a second time (first in line 1)"),
        ("name: !!str A\n", (1, 7), "Tags"),
        ("name: !<tag:x> A\n", (1, 7), "Tags"),
        ("name: ! A\n", (1, 7), "Tags"),
        ("name: &a A\n", (1, 7), "Anchors"),
        ("name: A\nnotes: *b\n", (2, 8), "References"),
        ("name: A\n<<: {gears: 3}\n", (2, 1), "Merge keys"),
        ("name: A\n? [a, b]\n: c\n", (2, 3), "A key is one plain word"),
        ("name: A\n--- \nname: B\n", (2, 1), "second document"),
        ("%YAML 1.1\n---\nname: A\n", (1, 1), "Directives"),
        ('name: "A\\0"\n', (1, 7), "U+0000"),
        ('name: "A\\u202E"\n', (1, 7), "U+202E"),
    ],
)
def test_what_no_file_needs_is_refused_where_it_stands(content: str, place: tuple[int, int], words: str) -> None:
    line, column, what = only_fault(content)
    assert ((line, column), words in what) == (place, True), what


def test_invisible_characters_are_all_found() -> None:
    assert [fault[:2] for fault in faults("name: A\x07\x1b\ngears: 1\r\nlights: \u202etrue\n")][:3] == [
        (1, 8),
        (1, 9),
        (3, 9),
    ]


@pytest.mark.parametrize("parser", PARSERS)
@pytest.mark.parametrize(
    ("content", "line", "words"),
    [
        ("name: A\n\tgears: 1\n", 2, "tab"),
        ("name: A: B\n", 1, "colon"),
        ("name: 'A\ngears: 1\n", None, "line 1 is never closed"),
        ('name: "A\ngears: 1\n', None, "line 1 is never closed"),
        ("name: A\ngears\nkind: town\n", None, "add the colon"),
        ("name: A\n  gears: 1\n", 2, "colon"),
        ("name: A\n gears: 1\n", 2, "colon"),
        ("wheels:\n  - spokes: 3\n  colour: red\n", 3, "line up"),
        ("wheels: - spokes\n", 1, "own line"),
        ("wheels: [a, b\nname: A\n", 2, "bracket"),
        ('name: "A\\q"\n', 1, "backslash"),
        ("name: @A\n", 1, "quotes"),
        ("name: %A\n", 1, "quotes"),
        ("name: !x!y A\n", 1, "Tags"),
        ("notes: {a: b}}\n", 1, ""),
    ],
)
def test_broken_yaml_is_explained_in_our_words(parser: type[Any], content: str, line: int | None, words: str) -> None:
    found: list[Fault] = []
    assert parse(content, found, parser) is None
    (fault,) = found
    assert words.casefold() in fault.what.casefold(), fault.what
    assert line in (None, fault.line)


@pytest.mark.parametrize("parser", PARSERS)
@pytest.mark.parametrize("opening", ["[", "{a: ", "- ", "? ", "- ? ", "[{a: "])
def test_endless_nesting_is_refused_at_once(parser: type[Any], opening: str) -> None:
    found: list[Fault] = []
    assert parse(opening * (10_000 // len(opening)), found, parser) is None
    assert f"nested more than {MAX_DEPTH} levels" in found[0].what


def test_eight_levels_are_read_and_nine_are_not() -> None:
    found: list[Fault] = []
    assert parse("[" * MAX_DEPTH + "]" * MAX_DEPTH, found) is not None
    assert found == []
    assert parse("[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1), found) is None


@pytest.mark.parametrize(
    "content", [r'name: "\UFFFFFFFF"', "%YAML 1." + "1" * 5000 + "\n---\nname: A", r'name: "\UD800"']
)
@pytest.mark.parametrize("parser", PARSERS)
def test_what_the_parser_itself_chokes_on_is_a_fault_like_any_other(parser: type[Any], content: str) -> None:
    found: list[Fault] = []
    parse(content, found, parser)
    assert found


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"# only a remark\n", "empty"),
        (b"- a\n- b\n", "must consist of keys"),
        (b"name: A" + b" " * MAX_BYTES, "larger than 64 KiB"),
        ("name: \N{GREEK SMALL LETTER ALPHA}".encode("utf-16"), "UTF-8"),
        ("name: A\nnotes: {a: caf\xe9}".encode("latin-1"), "UTF-8"),
        ("name: \ud800", "UTF-8"),
    ],
)
def test_what_is_no_such_file_at_all_is_said_in_one_sentence(content: bytes | str, words: str) -> None:
    assert words in only_fault(content)[2]


def test_the_place_where_the_encoding_breaks_is_pointed_at() -> None:
    assert only_fault("name: A\nkind: t\xe9".encode("latin-1"))[:2] == (2, 8)


def test_what_a_check_finds_stands_in_order_among_the_rest() -> None:
    def check(_plain: object) -> Iterator[tuple[Location, str]]:
        yield ("wheels", 0, "spokes"), "value"
        yield ("wheels", 0, "absent"), "nearest"

    with pytest.raises(DocumentError) as caught:
        load("gears: x\nwheels:\n  - spokes: 3\nname: A\nkind: z\n", "b", Bicycle, check=check)
    assert [(fault.line, fault.column) for fault in caught.value.faults] == [(1, 8), (3, 5), (3, 13), (5, 7)]


def test_the_place_of_a_key_can_be_asked_for_later() -> None:
    place = read("name: A\nwheels:\n  - spokes: 3\n", "b", Bicycle).place(("wheels", 0, "spokes"))
    assert (place.line, place.column) == (3, 5)


def test_thousands_of_faults_are_cut_short() -> None:
    found = faults("".join(f"k{number}: 1\n" for number in range(5000)))
    assert len(found) == 101
    assert "more faults" in found[-1][2]


@given(st.binary(max_size=200) | st.text(max_size=200))
def test_any_bytes_are_either_a_model_or_a_document_error(content: bytes | str) -> None:
    for fault in faults_if_any(content):
        assert "\n" not in fault.what
        assert fault.line >= 1
        assert fault.column >= 1


YAML_PIECES = st.sampled_from(
    [
        "name",
        ": ",
        "\n",
        "  ",
        "- ",
        "[",
        "]",
        "{",
        "}",
        ",",
        "#",
        "&a",
        "*a",
        "!t",
        "|",
        ">",
        "'",
        '"',
        "---",
        "%",
        "\t",
        "?",
        "\\",
    ]
)


@given(
    st.lists(YAML_PIECES | st.sampled_from(["wheels", "gears", "notes", "spokes", "45", "x"]), max_size=60).map("".join)
)
def test_anything_like_yaml_is_a_model_or_gives_its_faults_in_order(content: str) -> None:
    found = faults_if_any(content)
    assert list(found) == sorted(found, key=lambda fault: (fault.line, fault.column))


@given(st.lists(YAML_PIECES, max_size=40).map("".join))
def test_both_parsers_find_the_same_files_readable_or_neither_gives_more_than_text(content: str) -> None:
    text = decode(content, [])
    assert text is not None
    for parser in PARSERS:
        tree = parse(text, [], parser)
        assert tree is None or isinstance(tree.plain(), str | list | dict)


def test_only_a_small_ordinary_file_is_read(tmp_path: Path) -> None:
    good = tmp_path / "good.yaml"
    good.write_bytes(b"name: A")
    assert read_file(good) == b"name: A"
    large = tmp_path / "large.yaml"
    large.write_bytes(b"#" * (MAX_BYTES + 1))
    for path in (tmp_path, large, tmp_path / "absent", Path("/dev/zero"), Path("a\0b"), tmp_path / ("x" * 300)):
        with pytest.raises(UsageError) as caught:
            read_file(path)
        assert "\n" not in str(caught.value)
        assert str(caught.value).endswith(".")
