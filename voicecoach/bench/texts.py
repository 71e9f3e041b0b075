"""What people say that is not meant for the coach: made-up talk of a household and a radio, from seeded templates.

Words that are commands ("next", "stop", "go back", "wait") occur in it as often as they do in talk, inside of
sentences. No utterance is a phrase of the language and nothing else, for that would be a command.
"""

from __future__ import annotations

import itertools
import random
import re
from collections.abc import Iterable, Iterator
from typing import Final

from voicecoach.bench.vocabulary import ENGLISH, KOREAN, Vocabulary
from voicecoach.language.pack import LanguagePack
from voicecoach.listening.pronunciation import Phonemes, pronunciations

VOCABULARIES: Final = {"en": ENGLISH, "ko": KOREAN}
_SLOT: Final = re.compile(r"\{(\w+)\}")


def sentences(pack: LanguagePack, seed: int) -> Iterator[str]:
    """Yield sentences without end: the same for the same seed. None for a language that there are no templates of."""
    vocabulary = VOCABULARIES.get(pack.language)
    if vocabulary is None:
        return
    chance = random.Random(seed)
    phrases = {plain(phrase) for phrase in pack.all_phrases}
    while True:
        kind = chance.choices(tuple(vocabulary.templates), tuple(vocabulary.weights))[0]
        sentence = _filled(chance.choice(vocabulary.templates[kind]), vocabulary, chance)
        if plain(sentence) not in phrases:
            yield sentence


def near_misses(pack: LanguagePack) -> tuple[str, ...]:
    """Return words and short utterances that sound like phrases or begin, end or embed them, and are none."""
    vocabulary = VOCABULARIES.get(pack.language)
    if vocabulary is None:
        return ()
    phrases = {plain(phrase) for phrase in pack.all_phrases}
    return tuple(text for text in dict.fromkeys(vocabulary.near_misses) if plain(text) not in phrases)


def same_sounding(pack: LanguagePack, texts: Iterable[str]) -> frozenset[str]:
    """Return the texts that are pronounced as some phrase is, by the dictionary: nobody could tell them apart.

    Only for languages that there is a dictionary of.
    """
    if not pack.recognition.pocketsphinx:
        return frozenset()
    listed = list(texts)
    ways = pronunciations({word for text in (*listed, *pack.all_phrases) for word in plain(text).split()})

    def sounds(text: str) -> set[Phonemes]:
        parts = itertools.product(*(ways[word] for word in plain(text).split()))
        return {tuple(itertools.chain(*part)) for part in parts}

    known = set().union(*map(sounds, pack.all_phrases))
    return frozenset(text for text in listed if not known.isdisjoint(sounds(text)))


def plain(text: str) -> str:
    """Return the words of a text, in lower case, without punctuation."""
    return " ".join(re.findall(r"[^\W_]+(?:'[^\W_]+)?", text.casefold()))


def _filled(template: str, vocabulary: Vocabulary, chance: random.Random) -> str:
    while found := _SLOT.search(template):
        word = chance.choice(vocabulary.words[found[1]])
        template = template[: found.start()] + word + template[found.end() :]
    return template[0].upper() + template[1:]
