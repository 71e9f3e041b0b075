"""Moonshine's smallest English transcriber, taken apart: its tokens, and its networks asked one step at a time.

The package `moonshine-voice` carries the model. Its own library only writes down what was said; here its encoder is
asked what it makes of a sound, and its decoder how likely each of some next tokens is, so its files are read directly,
by onnxruntime.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from voicecoach.errors import ModelError
from voicecoach.listening.adaptation import Adaptation, adapted
from voicecoach.listening.memory_file import in_memory

if TYPE_CHECKING:
    from voicecoach.audio.clip import Samples
    from voicecoach.listening.recognizer import Pcm

BEGIN: Final = 1
END: Final = 2
"""Tokens before and after every text."""
MOST_TOKENS: Final = 24
"""Of a transcript: twice what the longest phrase has. A decoder that is lost repeats itself."""
_FIRST_BYTE: Final = 3
"""Bytes have tokens from here on, for letters that no piece has."""
_FIRST_PIECE: Final = 259
_ENCODER: Final = "encoder_model.ort"
_SPACE: Final = "\u2581"
_LAYERS: Final = 6
_HEADS: Final = 8
_WIDTH: Final = 36
"""Of the tiny model's decoder."""
_SILENCE_FRAMES: Final = 16_000 * 3 // 10
"""Added at both ends: without it the model more often writes the same words over and over."""
_PEAK: Final = 0.5
"""The loudest sample of what it is given: it was trained on speech that is neither faint nor clipped."""
_FAINTEST: Final = 3.0

Floats = npt.NDArray[np.float32]


class Tokens:
    """The pieces that texts are made of."""

    def __init__(self, file: Path) -> None:
        """Read `tokenizer.bin`: every piece with its length before it. Raises `ModelError` where it is damaged."""
        data = file.read_bytes()
        pieces: list[bytes] = []
        place = 0
        try:
            while place < len(data):
                length = data[place]
                place += 1
                if length >= 0x80:
                    length += 0x80 * data[place] - 0x80
                    place += 1
                if place + length > len(data):
                    raise IndexError
                pieces.append(data[place : place + length])
                place += length
        except IndexError:
            raise ModelError(f"{file} is damaged; install moonshine-voice again.") from None
        self._pieces = pieces
        self._numbers: dict[str, int] = {}
        for number, piece in enumerate(pieces[_FIRST_PIECE:], _FIRST_PIECE):
            self._numbers.setdefault(piece.decode("utf-8", "replace"), number)

    def of(self, text: str) -> list[int]:
        """Return the tokens of a text: pieces are joined as long as they can be, those with the lowest number first.

        A letter that there is no piece for is written as its bytes in UTF-8.
        """
        parts = list(_SPACE + text.replace(" ", _SPACE))
        while True:
            joined = [
                (number, place)
                for place in range(len(parts) - 1)
                if (number := self._numbers.get(parts[place] + parts[place + 1])) is not None
            ]
            if not joined:
                break
            _, place = min(joined)
            parts[place : place + 2] = [parts[place] + parts[place + 1]]
        return [token for part in parts for token in self._of_piece(part)]

    def text(self, tokens: Sequence[int]) -> str:
        """Return what tokens say. What is no token of a text says nothing."""
        last = _FIRST_PIECE - _FIRST_BYTE
        parts = [
            self._pieces[token] if token >= _FIRST_PIECE else bytes([token - _FIRST_BYTE])
            for token in tokens
            if token >= _FIRST_PIECE or 0 <= token - _FIRST_BYTE < last
        ]
        return b"".join(parts).decode("utf-8", "replace").replace(_SPACE, " ").strip()

    def _of_piece(self, part: str) -> list[int]:
        number = self._numbers.get(part)
        return [_FIRST_BYTE + byte for byte in part.encode()] if number is None else [number]


class Reading:
    """Some texts as far as they are written, all about the same sound. Made by `Decoder.read`."""

    def __init__(self, decoder: Any, sound: Floats) -> None:
        self._decoder = decoder
        self._sound = sound
        self._outputs = [output.name for output in decoder.get_outputs()]
        nothing = np.zeros((1, _HEADS, 0, _WIDTH), np.float32)
        self._past: dict[str, Floats] = {
            f"past_key_values.{layer}.{part}.{what}": nothing
            for layer in range(_LAYERS)
            for part in ("decoder", "encoder")
            for what in ("key", "value")
        }
        self._has_begun = False

    def write(self, rows: Sequence[int], tokens: Sequence[int]) -> Floats:
        """Go on from the texts `rows` of the last call, with one token each; the first call is `write([0], [BEGIN])`.

        Returns the log-probability of every token to be next: shape (texts, tokens).
        """
        count, chosen = len(rows), list(rows)
        sound = np.repeat(self._sound, count, axis=0)
        for name, past in self._past.items():
            # What is known of the sound is the same for all texts.
            self._past[name] = past[chosen] if ".decoder." in name or not self._has_begun else _alike(past, count)
        outputs = self._decoder.run(
            None,
            {
                "input_ids": np.array(tokens, np.int64).reshape(-1, 1),
                "encoder_hidden_states": sound,
                # It takes one of 384 samples of this for a frame. One for all of them will do, however many there are.
                "encoder_attention_mask": np.ones((count, 1), np.int64),
                "use_cache_branch": np.array([self._has_begun]),
                **self._past,
            },
        )
        made: Mapping[str, Floats] = dict(zip(self._outputs, outputs, strict=True))
        for name in self._past:
            # It is made once.
            if not self._has_begun or ".decoder." in name:
                self._past[name] = made[name.replace("past_key_values", "present")]
        self._has_begun = True
        logits = made["logits"][:, -1]
        highest = logits.max(axis=1, keepdims=True)
        chances: Floats = logits - highest - np.log(np.exp(logits - highest).sum(axis=1, keepdims=True))
        return chances


def _alike(past: Floats, count: int) -> Floats:
    """Return so many rows of an array whose rows are all the same."""
    return past[:count] if count <= len(past) else np.repeat(past[:1], count, axis=0)


class Encoder:
    """Makes traits of speech of a sound, which say what was said and little of who said it. Takes 25 MB; one thread."""

    def __init__(self, changes: Adaptation | None = None) -> None:
        """Load it, with these changes if any.

        Raises `ModelError` where `moonshine-voice` or onnxruntime is missing or damaged, and where the changes do not
        fit.
        """
        if changes is None:
            self._network = _network(_folder() / _ENCODER)
        else:
            # Of bytes that it is given, onnxruntime keeps a copy for good.
            with in_memory(adapted(encoder_model(), changes)) as file:
                self._network = _network(file)

    def encode(self, utterance: Pcm) -> Floats:
        """Take in an utterance: shape (frames of 24 ms, 288 traits), the silence that is put around it included."""
        given = prepared(utterance).reshape(1, -1)
        heard = self._network.run(None, {"input_values": given, "attention_mask": np.ones(given.shape, np.int64)})
        return np.asarray(heard[0][0], np.float32)


class Decoder:
    """Tells what would be written down of a sound. Takes 80 MB; used by one thread."""

    def __init__(self) -> None:
        """Load it: half a second. Raises as `Encoder`."""
        folder = _folder()
        self.tokens = Tokens(folder / "tokenizer.bin")
        self._network = _network(folder / "decoder_model_merged.ort")

    def read(self, encoded: Floats) -> Reading:
        """Begin to ask what could be written down of a sound that the encoder took in."""
        return Reading(self._network, encoded[None])

    def write_down(self, encoded: Floats, most: int = MOST_TOKENS) -> tuple[str, float]:
        """Return what was said in a sound that the encoder took in, and the logarithm of its probability.

        The likeliest token is taken each time, `most` at most. `encoded` must be of an encoder without changes.
        """
        reading, token, tokens, chance = self.read(encoded), BEGIN, list[int](), 0.0
        while len(tokens) < most:
            chances = reading.write([0], [token])[0]
            token = int(chances.argmax())
            chance += float(chances[token])
            if token == END:
                break
            tokens.append(token)
        return self.tokens.text(tokens), chance


def _folder() -> Path:
    folder = model_folder()
    if folder is None:
        raise ModelError("There is no Moonshine here; install moonshine-voice.")
    return folder


def encoder_model() -> bytes:
    """Return the encoder's file. Raises `ModelError` where `moonshine-voice` or onnxruntime is missing."""
    return (_folder() / _ENCODER).read_bytes()


def _network(file: Path) -> Any:
    try:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.enable_cpu_mem_arena = False
        options.log_severity_level = 4
        options.add_session_config_entry("session.load_model_format", "ORT")
        # Weights are read where the file is mapped, without a copy of them.
        options.add_session_config_entry("session.use_memory_mapped_ort_model", "1")
        options.add_session_config_entry("session.use_ort_model_bytes_for_initializers", "1")
        # Weights laid out anew for the processor would be a second copy: 30 MB of three networks, for 3 ms a word.
        options.add_session_config_entry("session.disable_prepacking", "1")
        return onnxruntime.InferenceSession(str(file), options)
    except Exception as error:  # noqa: BLE001 - onnxruntime has a dozen kinds of errors, none of them public
        raise ModelError(f"Moonshine cannot be loaded ({error}); install moonshine-voice again.") from None


def prepared(utterance: Pcm) -> Samples:
    """Return an utterance as Moonshine wants it: as loud as others, with silence around it. Shape (frames,)."""
    sound = utterance.astype(np.float32)
    sound -= sound.mean() if len(sound) else 0.0
    sound *= _PEAK / max(_FAINTEST, float(np.abs(sound).max(initial=0.0)))
    return np.pad(sound, _SILENCE_FRAMES)


def model_folder() -> Path | None:
    """Return where the model's files are; none where the package, or one of them, is not installed."""
    package = find_spec("moonshine_voice")
    if package is None or not package.submodule_search_locations or find_spec("onnxruntime") is None:
        return None
    folder = Path(package.submodule_search_locations[0]) / "assets" / "tiny-en"
    files = ("tokenizer.bin", "encoder_model.ort", "decoder_model_merged.ort")
    return folder if all((folder / file).is_file() for file in files) else None
