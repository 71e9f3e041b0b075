"""Tells the phrases that come with the language apart, by what Moonshine's encoder makes of a sound. Pure arithmetic.

A small network on top of a large one: the encoder has learned from very many people what speech is, and this only
which of its traits make "stop" and which "stock", in a kitchen, three metres away. For that the encoder is changed a
little as well (`adaptation.py`). `scripts/train-phrases` teaches both and writes the file. Phrases of a person's own
are none of those it knows, and for it "none of them".
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt

from voicecoach.errors import ModelError
from voicecoach.listening.adaptation import Adaptation, Product, Sum

FOLDER: Final = Path(__file__).parent / "classifiers"

Floats = npt.NDArray[np.float32]


class PhraseClassifier:
    """The network of one language. Has no state; any thread."""

    def __init__(self, file: Path) -> None:
        """Read what `scripts/train-phrases` has written. Raises `ModelError` where it is missing or damaged."""
        try:
            with np.load(file, allow_pickle=False) as parts:
                self.ways = tuple(str(way) for way in parts["ways"])
                """What it can tell apart, in lower case."""
                self.encoder = str(parts["encoder"])
                """SHA-256 of the file of the encoder that it was taught with."""
                network = {name: parts[f"network/{name}"].astype(np.float32) for name in _names(parts, "network")}
                products = [
                    Product(
                        parts[f"narrow/{name}"].astype(np.float32),
                        parts[f"wide/{name}"].astype(np.float32),
                        *parts[f"places/{name}"].tolist(),
                    )
                    for name in _names(parts, "narrow")
                ]
                sums = [
                    Sum(parts[f"sum/{name}"].astype(np.float32), int(parts[f"place/{name}"]))
                    for name in _names(parts, "sum")
                ]
            self._network = _Network(network)
            self.changes = Adaptation(products, sums)
            """What has to be different in the encoder."""
        except (OSError, EOFError, ValueError, KeyError, TypeError, BadZipFile) as error:
            raise ModelError(f"{file} is missing or damaged ({error}); install voicecoach again.") from None

    def log_odds(self, *encoded: Floats) -> Mapping[str, float]:
        """Return for each way it knows how likely it is against "none of them", as the logarithm of the odds.

        `encoded` is what the encoder, with `changes`, makes of an utterance: shape (frames, traits), one frame for
        24 ms; where the utterance is given in several forms, the mean of what it says to them.
        """
        odds = np.mean([self._network.log_odds(form) for form in encoded], axis=0)
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


def _names(parts: Mapping[str, object], kind: str) -> list[str]:
    return [key.removeprefix(f"{kind}/") for key in parts if key.startswith(f"{kind}/")]


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
