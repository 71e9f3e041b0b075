"""Tells the phrases that come with the language apart, by what Moonshine's encoder makes of a sound. Pure arithmetic.

Small networks on top of a large one: the encoder has learned from very many people what speech is, and these only
which of its traits make "stop" and which "stock", in a kitchen, three metres away. `scripts/train-phrases` teaches them
and writes their file. Phrases of a person's own are none of those they know, and for them "none of them".
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt

from voicecoach.errors import ModelError

FOLDER: Final = Path(__file__).parent / "classifiers"

Floats = npt.NDArray[np.float32]


class PhraseClassifier:
    """One language's networks, which differ by nothing but chance and are believed together. Has no state; any thread.

    Of 800 commands of held-out voices the two of English together have 710 right, alone 705 and 706; in 76 minutes of
    talk and 568 recorded prompts they take 25 utterances for phrases, alone 27 and 31.
    """

    def __init__(self, file: Path) -> None:
        """Read what `scripts/train-phrases` has written. Raises `ModelError` where it is missing or damaged."""
        try:
            with np.load(file, allow_pickle=False) as parts:
                self.ways = tuple(str(way) for way in parts["ways"])
                """What it can tell apart, in lower case."""
                self.encoder = str(parts["encoder"])
                """SHA-256 of the encoder that it was taught with."""
                networks: dict[str, dict[str, Floats]] = {}
                for number, name in (key.split("/") for key in parts.files if key not in ("ways", "encoder")):
                    networks.setdefault(number, {})[name] = parts[f"{number}/{name}"].astype(np.float32)
            self._networks = [_Network(read) for _, read in sorted(networks.items())]
            if not self._networks:
                raise ValueError("it has no network")
        except (OSError, ValueError, KeyError, BadZipFile) as error:
            raise ModelError(f"{file} is missing or damaged ({error}); install voicecoach again.") from None

    def log_odds(self, *encoded: Floats) -> Mapping[str, float]:
        """Return for each way it knows how likely it is against "none of them", as the logarithm of the odds.

        `encoded` is what the encoder makes of an utterance: shape (frames, traits), one frame for 24 ms; where the
        utterance is given in several forms, the mean of what it says to them.
        """
        odds = np.mean([network.log_odds(form) for form in encoded for network in self._networks], axis=0)
        return dict(zip(self.ways, odds.tolist(), strict=True))


class _Network:
    def __init__(self, read: Mapping[str, Floats]) -> None:
        self._frame = read["frame"], read["frame_bias"]
        self._layers = [
            (read[f"layer{number}"], read[f"layer{number}_bias"])
            for number in range(sum(name.startswith("layer") for name in read) // 2)
        ]
        self._attention = read["attention"]
        self._summary = read["summary"], read["summary_bias"]
        self._ways = read["way"], read["way_bias"]

    def log_odds(self, encoded: Floats) -> Floats:
        weights, bias = self._frame
        frames = np.maximum(encoded @ weights + bias, 0.0)
        for number, (kernel, bias) in enumerate(self._layers):
            frames = frames + np.maximum(_convolved(frames, kernel, number + 1) + bias, 0.0)
        attended = _softmax(frames @ self._attention).T @ frames
        summary = np.concatenate((attended.ravel(), frames.mean(axis=0), frames.max(axis=0)))
        weights, bias = self._summary
        summary = np.maximum(summary @ weights + bias, 0.0)
        weights, bias = self._ways
        sums = summary @ weights + bias
        return np.asarray(sums[:-1] - sums[-1], np.float32)


def classifier_file(language: str) -> Path:
    """Return the file for a language, whether it is there or not."""
    return FOLDER / f"{language}.npz"


def _convolved(frames: Floats, kernel: Floats, dilation: int) -> Floats:
    """Convolve over time: `kernel` has the shape (width, traits in, traits out), and its middle is at each frame."""
    reach = len(kernel) // 2 * dilation
    padded = np.pad(frames, ((reach, reach), (0, 0)))
    count = len(frames)
    return np.asarray(
        sum(padded[place * dilation : place * dilation + count] @ part for place, part in enumerate(kernel)), np.float32
    )


def _softmax(values: Floats) -> Floats:
    parts = np.exp(values - values.max(axis=0))
    return np.asarray(parts / parts.sum(axis=0), np.float32)
