"""Sessions built from a plan, a language and the settings, with every sentence rendered."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from voicecoach.audio.clip import Sentence
from voicecoach.cli.voicing import renderer, script_of
from voicecoach.coaching.session import Session
from voicecoach.history import BrokenOff, History, setup_of
from voicecoach.language.pack import LanguagePack
from voicecoach.performance import CoachingSession
from voicecoach.routine.plan import Plan
from voicecoach.settings import Configuration


@dataclass(frozen=True, slots=True)
class Record:
    """Where a session is written down."""

    history: History
    routine: str
    """How the routine is named, so that it is found again."""
    broken_off: BrokenOff | None
    """What may be gone on with."""


class Composer:
    """Makes a session in two steps: first it knows how fast its sentences are spoken, then it is given them."""

    def __init__(
        self, plan: Plan, pack: LanguagePack, configuration: Configuration, record: Record | None = None
    ) -> None:
        """Begin with a new session; with a `record`, one that is written down, or goes on from what was broken off."""
        self._plan = plan
        self._script = script_of(pack)
        self._configuration = configuration
        self._record = record
        broken_off = None if record is None else record.broken_off
        self._taken_up = None
        if record is not None and broken_off is not None:
            self._taken_up = record.history.take_up(broken_off, plan, self._script)
        self.words_per_minute = pack.voice.words_per_minute
        """The speed that its sentences must be rendered at."""
        if self._taken_up is not None:
            self.words_per_minute = self._taken_up.session.words_per_minute

    def compose(self, sentences: Mapping[str, Sentence]) -> CoachingSession:
        """Return the session, not yet begun."""
        table = {text: sentence.timing for text, sentence in sentences.items()}
        plan, script, record, speed = self._plan, self._script, self._record, self.words_per_minute
        if record is not None and self._taken_up is not None:
            return record.history.recorded_again(self._taken_up, plan, table, record.routine)
        volume_db, timing = self._configuration.settings.voice.volume_db, self._configuration.timing
        session = Session(plan, script, table, words_per_minute=speed, volume_db=volume_db, timing=timing)
        if record is None:
            return session
        setup = setup_of(timing, speed, volume_db, table)
        return record.history.recorded(session, plan, script, setup=setup, table=table, routine=record.routine)


@dataclass(frozen=True, slots=True)
class Prepared:
    """What a `Performance` is made of, beside a mixer and a timeline."""

    session: CoachingSession
    clips: Mapping[str, Sentence]
    """Every sentence that it can say now."""
    render: Callable[[int], Mapping[str, Sentence]]
    """Renders every sentence at another speed, in words a minute."""


def prepare_session(plan: Plan, pack: LanguagePack, configuration: Configuration) -> Prepared:
    """Render every sentence of a session and return it, not yet begun. Raises `VoiceError` where there is no voice."""
    composer, render = Composer(plan, pack, configuration), renderer(plan, pack)
    clips = render(composer.words_per_minute)
    return Prepared(composer.compose(clips), clips, render)
