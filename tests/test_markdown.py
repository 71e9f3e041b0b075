"""The pages for people: they are the Markdown that they look like, and their commands are ones that exist."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

from voicecoach.cli.options import build_parser

TOP = Path(__file__).parents[1]
PAGES = sorted([*TOP.glob("*.md"), *TOP.glob("docs/*.md")])
OURS = ("voicecoach", "scripts/voicecoach")

pages = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(TOP)))


def tokens(page: Path) -> list[Token]:
    return MarkdownIt("commonmark").enable("table").parse(page.read_text(encoding="utf-8"))


def commands(page: Path) -> Iterator[list[str]]:
    """Yield the words of every line of a shell example that calls us, its continued lines joined."""
    for token in tokens(page):
        if token.type == "fence" and token.info.strip() == "sh":
            for line in token.content.replace("\\\n", " ").splitlines():
                words = shlex.split(line, comments=True)
                if words and words[0] in OURS:
                    yield words[1:]


@pages
def test_tables_and_lists_are_tables_and_lists(page: Path) -> None:
    for token in tokens(page):
        if token.type == "inline":
            assert "|---" not in token.content, f"line {token.map}: a table that is none"
            assert "| |" not in token.content.replace("| | ", "| |"), f"line {token.map}: rows on one line"
            assert ". - **" not in token.content, f"line {token.map}: items on one line"
        if token.type == "fence":
            assert "```" not in token.content, f"line {token.map}: an example that does not end"


@pages
def test_what_is_linked_is_there(page: Path) -> None:
    for token in tokens(page):
        for child in token.children or ():
            target = str(child.attrs.get("href") or child.attrs.get("src") or "")
            if target and "://" not in target and not target.startswith("#"):
                assert (page.parent / target.partition("#")[0]).exists(), target


@pages
def test_commands_in_examples_exist_with_their_options(page: Path) -> None:
    for words in commands(page):
        if set(words) & {"--help", "...", "VERB"}:
            continue
        code: object = 0
        with suppress(SystemExit):
            code = 2
            build_parser().parse_args(words)
            code = 0
        assert code == 0, f"voicecoach {shlex.join(words)}"


def test_the_first_page_shows_commands() -> None:
    assert len(list(commands(TOP / "README.md"))) > 5
