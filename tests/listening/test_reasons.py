from __future__ import annotations

import pytest

from voicecoach.listening.reasons import IN_WORDS
from voicecoach.listening.sensations import Reason


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_is_told_in_words(reason: Reason) -> None:
    assert " " in IN_WORDS[reason] or reason is Reason.ACCEPTED
    assert "_" not in IN_WORDS[reason]
