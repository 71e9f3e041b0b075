"""What a person wishes by voice, kept for the next time: volume, speed, and by which loudspeaker they hear."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from voicecoach.audio.clip import Sentence
from voicecoach.coaching.messages import Notice
from voicecoach.coaching.timing import FASTEST_WPM, LEAST_VOLUME_DB, MOST_VOLUME_DB, SLOWEST_WPM
from voicecoach.errors import UsageError, VoiceError
from voicecoach.language.pack import LanguagePack
from voicecoach.live.loudspeaker import Loudspeaker
from voicecoach.preferences import Preferences, load_preferences, preferences_file, save_preferences
from voicecoach.settings import Configuration

_VOLUMES: Final = range(LEAST_VOLUME_DB, MOST_VOLUME_DB + 1)
_SPEEDS: Final = range(SLOWEST_WPM, FASTEST_WPM + 1)


def kept_preferences() -> Preferences:
    """Return what was wished by voice before."""
    return load_preferences(preferences_file(), _VOLUMES, _SPEEDS)


class Wishes:
    """What is wished now, over what the settings say. Used by one thread, in the one process that leads sessions."""

    def __init__(self, configuration: Configuration, pack: LanguagePack, tell: Callable[[str], None]) -> None:
        """Begin with what was wished before. `tell` is given lines for people."""
        self.preferences = kept_preferences()
        self._configuration = configuration
        self._of_settings_db = configuration.settings.voice.volume_db
        self._plain_pack = pack
        self._tell = tell

    @property
    def volume_db(self) -> int:
        """The volume that holds."""
        return self.preferences.volume(self._of_settings_db)

    def volume_softer_by(self, decibels: int) -> int:
        """Return the volume of a session that is to be softer than that."""
        return max(LEAST_VOLUME_DB, self.volume_db - decibels)

    @property
    def pack(self) -> LanguagePack:
        """The pack with the speed that holds."""
        voice = self._plain_pack.voice
        speed = self.preferences.speed(voice.words_per_minute)
        return self._plain_pack.model_copy(update={"voice": voice.model_copy(update={"words_per_minute": speed})})

    def configuration(self, volume_db: int) -> Configuration:
        """Return the settings with this volume."""
        settings = self._configuration.settings
        voice = settings.voice.model_copy(update={"volume_db": volume_db})
        return replace(self._configuration, settings=settings.model_copy(update={"voice": voice}))

    def keep_volume(self, volume_db: int) -> None:
        """Write a volume down, if it is another one."""
        if volume_db != self.volume_db:
            self.keep(self.preferences.with_volume(volume_db, self._of_settings_db))

    def keep_speed(self, words_per_minute: int) -> None:
        """Write a speed down, if it is another one."""
        of_settings = self._plain_pack.voice.words_per_minute
        if words_per_minute != self.preferences.speed(of_settings):
            self.keep(self.preferences.with_speed(words_per_minute, of_settings))

    def keep(self, preferences: Preferences) -> None:
        """Write down what is wished, if that is new. A disk that refuses costs the wish at the next start, no more."""
        if preferences != self.preferences:
            self.preferences = preferences
            try:
                save_preferences(preferences_file(), preferences)
            except UsageError as error:
                self._tell(str(error))


class SessionWishes:
    """Follows one session, and keeps what is wished in it before what confirms it can sound."""

    def __init__(
        self,
        wishes: Wishes,
        loudspeaker: Loudspeaker,
        words_per_minute: int,
        render: Callable[[int], Mapping[str, Sentence]],
        softer_db: int = 0,
    ) -> None:
        """Take the session's loudspeaker, its speed, and what renders it.

        By `softer_db` it is softer than is wished, because it is night.
        """
        self._wishes = wishes
        self._loudspeaker = loudspeaker
        self._softer_db = softer_db
        self._render = render
        self._rendered = self._asked = words_per_minute
        self._seen_db = wishes.volume_softer_by(softer_db)
        # A session that ends before it has begun has not been asked for another volume.
        loudspeaker.gain_db = self._seen_db

    def render(self, words_per_minute: int) -> Mapping[str, Sentence]:
        """Render the session's sentences, in the renderer's thread. Raises `VoiceError`: the speed stays as it is."""
        try:
            sentences = self._render(words_per_minute)
        except VoiceError:
            self._asked = self._rendered
            raise
        self._rendered = words_per_minute
        return sentences

    def asks(self, render: Callable[[int], None]) -> Callable[[int], None]:
        """Return what asks for another speed as `render` does."""

        def ask(words_per_minute: int) -> None:
            self._asked = words_per_minute
            render(words_per_minute)

        return ask

    def keep(self, _now_ns: int = 0) -> Notice | None:
        """Write down what has changed. To be called at each turn, as the `notice` of an act, and at the end."""
        gain_db = round(self._loudspeaker.gain_db)
        if gain_db != self._seen_db:
            self._seen_db = gain_db
            self._wishes.keep_volume(min(MOST_VOLUME_DB, gain_db + self._softer_db))
        self._wishes.keep_speed(self._asked)
        return None
