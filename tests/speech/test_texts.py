from __future__ import annotations

import pytest

from voicecoach.speech.texts import check_text


@pytest.mark.parametrize(
    "text", ["Hold.", "쥐 났어", "Lift your toes, one by one: 1, 2, 3!", "café au lait?", "x" * 300]
)
def test_plain_words_may_be_spoken(text: str) -> None:
    check_text(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "...",
        "x" * 301,
        "nul\0",
        "line\nbreak",
        "bell\a",
        "<audio src='x'/>",
        "a & b",
        "1 > 2",
        "right\u202eleft",
        "half\ud800",
        "private\ue000",
    ],
)
def test_everything_else_is_refused_in_one_line_that_says_what_to_do(text: str) -> None:
    with pytest.raises(ValueError, match=";") as caught:
        check_text(text)
    assert "\n" not in str(caught.value)
