"""What the coach and its child processes tell each other, and how it looks on the way.

A message is a small frozen dataclass. On the wire it is two lengths (little endian, 32 bits each), an object of JSON
with the message's `kind` and fields, and then the bytes of its field `data`, as they are. Nothing that comes in is
trusted: every field is checked against its declaration, and every length against a limit.
"""

from __future__ import annotations

import json
import struct
import types
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, fields
from enum import Enum
from functools import cache
from typing import Any, ClassVar, Final, Protocol, TypeVar, get_args, get_origin, get_type_hints

_LENGTHS: Final = struct.Struct("<II")
LONGEST_HEADER: Final = 1 << 20
LARGEST_DATA: Final = 64 << 20
"""A clip of five and a half minutes."""
LARGEST_BLOCK: Final = 1 << 20
"""Half a minute of the microphone: no child sends us more at once."""
_LARGEST_NUMBER: Final = 1 << 62
"""Times in nanoseconds fit, for a century."""
_DATA_STEP: Final = {"Place": 4, "Microphone": 640, "Listen": 640}
"""Bytes that data comes in multiples of: a sample of float32, or 20 ms of int16."""


class WireError(Exception):
    """What came in is no message. Whoever sent it is broken."""


class Message(Protocol):
    """Any of the dataclasses below, and the ears' sensations."""

    __dataclass_fields__: ClassVar[dict[str, Any]]


AnyMessage = TypeVar("AnyMessage", bound=Message)


# The coach to the sound process.


@dataclass(frozen=True, slots=True)
class OpenDevices:
    """Open these; empty for the usual ones. Sent once, and first."""

    loudspeaker: str
    microphone: str
    keeps_awake: bool
    """Whether the loudspeaker is given inaudible noise in place of silence."""
    buffer_ms: int
    """How much sound is kept ready: more than usual where the machine does not keep up."""


@dataclass(frozen=True, slots=True)
class Deepen:
    """Keep so much sound ready from now on, because the machine does not keep up. The stream is opened anew."""

    buffer_ms: int


@dataclass(frozen=True, slots=True)
class Place:
    """Sound this from its frame `from_frame` on, beginning at the device's frame `at_frame`."""

    sound: int
    at_frame: int
    from_frame: int
    is_speech: bool
    data: bytes
    """Mono float32 at 48 kHz, in the machine's own byte order."""


@dataclass(frozen=True, slots=True)
class Move:
    """Begin a sound at that frame of the device, where it has not begun. See `Mixer.move`."""

    sound: int
    at_frame: int


@dataclass(frozen=True, slots=True)
class Silence:
    """Silence everything, or only speech, from `at_frame` on. See `Mixer.stop`."""

    at_frame: int
    only_speech: bool


@dataclass(frozen=True, slots=True)
class Gain:
    """Set the volume of everything."""

    decibels: float


@dataclass(frozen=True, slots=True)
class RestLoudspeaker:
    """Close the loudspeaker's stream: nothing is to sound. The microphone goes on, in larger pieces."""


@dataclass(frozen=True, slots=True)
class WakeLoudspeaker:
    """Open the loudspeaker's stream again."""


# The sound process to the coach.


@dataclass(frozen=True, slots=True)
class Opened:
    """The loudspeaker runs, and the microphone where there is one."""

    loudspeaker: str
    output_rate_hz: int
    microphone: str | None
    input_rate_hz: int | None
    trouble: str | None
    """Why there is no microphone."""
    cancels_echo: bool
    """Whether the coach's own sound is taken out of the microphone's."""


@dataclass(frozen=True, slots=True)
class NotOpened:
    """There is no loudspeaker that can be opened, or none any more; or no microphone, where there is no loudspeaker.

    The process ends after this.
    """

    why: str


@dataclass(frozen=True, slots=True)
class MicrophoneOpened:
    """The microphone runs, where there is no loudspeaker to it."""

    microphone: str
    rate_hz: int


@dataclass(frozen=True, slots=True)
class Began:
    """The first frame of a sound was mixed."""

    sound: int
    frame: int


@dataclass(frozen=True, slots=True)
class Finished:
    """The last frame of a sound was mixed."""

    sound: int
    frame: int
    """The first frame without any of it."""
    cut: bool


@dataclass(frozen=True, slots=True)
class Silenced:
    """Why nobody hears a device that is open, and what to do, as sentences; empty where no reason is known any more."""

    loudspeaker: str
    microphone: str


@dataclass(frozen=True, slots=True)
class Woke:
    """The loudspeaker's stream is open again. All that was told of it before is out of date."""


@dataclass(frozen=True, slots=True)
class Status:
    """Sent twenty times a second, and while the loudspeaker rests twice. Counts are from the start of the process."""

    position: int
    """The frame that the device would ask for next at `at_ns`."""
    at_ns: int
    """On the monotonic clock, which all processes of a machine share."""
    callbacks: int
    underflows: int
    heard_callbacks: int
    overflows: int
    late: int
    """Sounds that came too late for their frame, and began at once."""
    faults: int
    """Exceptions inside of callbacks."""


@dataclass(frozen=True, slots=True)
class Microphone:
    """The microphone without the coach's echo: 320 samples of int16 at 16 kHz for each 20 ms.

    It is 20 ms while the loudspeaker is open, and any multiple of them while it rests.
    """

    at_ns: int
    """When the last of it reached the microphone, as well as that is known."""
    data: bytes
    echo_power: float
    """How much power (mean square) of the coach's own sound it may hold."""


# The coach to the hearing process.


@dataclass(frozen=True, slots=True)
class Attend:
    """From the next block on these phrases are open, and the coach is saying this."""

    phrases: tuple[str, ...]
    saying: str | None


@dataclass(frozen=True, slots=True)
class Listen:
    """The next of the microphone: 20 ms, or a multiple of them."""

    data: bytes
    echo_power: float
    """How much power (mean square) of the coach's own sound it may hold."""


@dataclass(frozen=True, slots=True)
class Spare:
    """Hear with less from now on, because the machine does not keep up."""

    thrift: int
    """What is left out: 1 the second opinion, 2 the denoised form as well, 3 the detail in which voices are told from
    the coach's own; 0 nothing."""


# The hearing process to the coach. The ears' sensations travel as they are.


@dataclass(frozen=True, slots=True)
class Ready:
    """The ears are open."""

    engine: str
    unheard: tuple[str, ...]
    """Names of routines that cannot be called, because the engine does not know their words."""
    left_aside: str | None
    """Why what the coach was taught of the person's voice is not used; none where it is, or where there is nothing."""


@dataclass(frozen=True, slots=True)
class Deaf:
    """There is no usable model: trying again would not help. The process ends after this."""

    why: str
    by_settings: bool
    """Whether it is the settings that are at fault."""


@dataclass(frozen=True, slots=True)
class Decoded:
    """So many blocks have been heard through."""

    blocks: int


TO_SOUND: Final = (OpenDevices, Deepen, Place, Move, Silence, Gain, RestLoudspeaker, WakeLoudspeaker)
FROM_SOUND: Final = (Opened, NotOpened, Silenced, Began, Finished, Woke, Status, Microphone)
FROM_MICROPHONE: Final = (MicrophoneOpened, NotOpened, Silenced, Microphone)
TO_HEARING: Final = (Attend, Listen, Spare)
FROM_HEARING: Final = (Ready, Deaf, Decoded)


def encode(message: Message) -> bytes:
    """Return a message as bytes."""
    values = {field.name: getattr(message, field.name) for field in fields(message)}
    data: bytes = values.pop("data", b"")
    header = json.dumps({"kind": type(message).__name__} | values).encode("ascii")
    return b"".join((_LENGTHS.pack(len(header), len(data)), header, data))


class Decoder:
    """Takes bytes as they come and gives messages of the kinds that are allowed."""

    def __init__(self, kinds: tuple[type[Message], ...]) -> None:
        self._kinds = {kind.__name__: kind for kind in kinds}
        self._largest = LARGEST_DATA if Place in kinds else LARGEST_BLOCK
        self._buffer = bytearray()

    def feed(self, data: bytes) -> Iterator[Message]:
        """Yield every message that is complete now. Raises `WireError` for anything else than messages."""
        self._buffer += data
        while len(self._buffer) >= _LENGTHS.size:
            header_length, data_length = _LENGTHS.unpack_from(self._buffer)
            if header_length > LONGEST_HEADER or data_length > self._largest:
                raise WireError("a message is too long")
            end = _LENGTHS.size + header_length + data_length
            if len(self._buffer) < end:
                return
            header = bytes(self._buffer[_LENGTHS.size : _LENGTHS.size + header_length])
            content = bytes(self._buffer[_LENGTHS.size + header_length : end])
            del self._buffer[:end]
            yield self._message(header, content)

    def _message(self, header: bytes, content: bytes) -> Message:
        try:
            found = json.loads(header, parse_constant=_no_constant)
        except (ValueError, RecursionError):
            raise WireError("a header is not JSON") from None
        name = found.pop("kind", None) if isinstance(found, dict) else None
        kind = self._kinds.get(name) if isinstance(name, str) else None
        if kind is None:
            raise WireError("a message is of no kind that is sent this way")
        declared = _declared(kind)
        if "data" in declared:
            if len(content) % _DATA_STEP[kind.__name__]:
                raise WireError(f"{kind.__name__} has data that is cut off")
            found["data"] = content
        elif content:
            raise WireError(f"{kind.__name__} has no data")
        if found.keys() != declared.keys():
            raise WireError(f"{kind.__name__} has other fields")
        return kind(**{name: _checked(declared[name], value) for name, value in found.items()})


@cache
def _declared(kind: type[Message]) -> Mapping[str, Any]:
    hints = get_type_hints(kind)
    return {field.name: hints[field.name] for field in fields(kind)}


def _checked(declared: Any, value: Any) -> Any:
    """Return a value as it was declared: JSON has no tuples and no enumerations."""
    if get_origin(declared) is types.UnionType:
        if value is None:
            return None
        (declared,) = (one for one in get_args(declared) if one is not type(None))
    if get_origin(declared) is tuple:
        if isinstance(value, list) and all(isinstance(one, str) and _is_text(one) for one in value):
            return tuple(value)
    elif issubclass(declared, Enum):
        with suppress(ValueError, TypeError):
            return declared(value)
    elif declared is float:
        if type(value) in (int, float) and abs(value) < _LARGEST_NUMBER:
            return float(value)
    elif type(value) is declared and _is_sound(value):
        return value
    raise WireError("a field has a value of another kind")


def _is_sound(value: Any) -> bool:
    return abs(value) < _LARGEST_NUMBER if isinstance(value, int) else not isinstance(value, str) or _is_text(value)


def _is_text(value: str) -> bool:
    """Tell whether it can be written down: JSON can say halves of letters."""
    return not any("\ud800" <= letter <= "\udfff" for letter in value)


def _no_constant(name: str) -> None:
    raise ValueError(name)
