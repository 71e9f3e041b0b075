"""A session ready to be performed: built from a plan, a language and the settings, with every sentence rendered."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from voicecoach.audio.clip import Sentence
from voicecoach.cli.voicing import renderer, script_of
from voicecoach.coaching.session import Session
from voicecoach.language.pack import LanguagePack
from voicecoach.routine.plan import Plan
from voicecoach.settings import Configuration


@dataclass(frozen=True, slots=True)
class Prepared:
    """What a `Performance` is made of, beside a mixer and a timeline."""

    session: Session
    clips: Mapping[str, Sentence]
    """Every sentence that it can say now."""
    render: Callable[[int], Mapping[str, Sentence]]
    """Renders every sentence at another speed, in words a minute."""


def prepare_session(plan: Plan, pack: LanguagePack, configuration: Configuration) -> Prepared:
    """Render every sentence of a session and return it, not yet begun. Raises `VoiceError` where there is no voice."""
    render = renderer(plan, pack)
    clips = render(pack.voice.words_per_minute)
    return Prepared(compose_session(plan, pack, configuration, clips), clips, render)


def compose_session(
    plan: Plan, pack: LanguagePack, configuration: Configuration, clips: Mapping[str, Sentence]
) -> Session:
    """Return a session whose sentences have been rendered at the pack's speed."""
    return Session(
        plan,
        script_of(pack),
        {text: clip.timing for text, clip in clips.items()},
        words_per_minute=pack.voice.words_per_minute,
        volume_db=configuration.settings.voice.volume_db,
        timing=configuration.timing,
    )
