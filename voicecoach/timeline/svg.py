"""Just enough SVG: elements by position, text that is safe in XML, and how wide it will be."""

from __future__ import annotations

import unicodedata
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Sequence

ELLIPSIS = "…"


class Canvas:
    """A drawing that grows downwards. Coordinates are pixels from the top left corner, `cls` a class of the style."""

    def __init__(self, width: float, style: str, title: str) -> None:
        self.width = width
        self._root = ET.Element("svg", {"xmlns": "http://www.w3.org/2000/svg", "role": "img"})
        ET.SubElement(self._root, "title").text = printable(title)
        ET.SubElement(self._root, "style").text = style
        ET.SubElement(self._root, "rect", {"class": "paper", "width": "100%", "height": "100%"})

    def rect(
        self, x: float, y: float, width: float, height: float, cls: str, *, tip: str = "", radius: float = 0
    ) -> None:
        """Draw a rectangle; `tip` is shown where a mouse points at it."""
        place = {"x": _number(x), "y": _number(y), "width": _number(width), "height": _number(height), "class": cls}
        if radius:
            place["rx"] = _number(radius)
        self._add("rect", place, tip)

    def path(self, commands: Iterable[str], cls: str, tip: str = "") -> None:
        """Draw what path commands, made with `move` and `line`, say."""
        self._add("path", {"d": "".join(commands), "class": cls}, tip)

    def circle(self, x: float, y: float, radius: float, cls: str, tip: str = "") -> None:
        """Draw a dot."""
        self._add("circle", {"cx": _number(x), "cy": _number(y), "r": _number(radius), "class": cls}, tip)

    def text(self, x: float, y: float, words: str, cls: str, tip: str = "") -> None:
        """Write words with their baseline at `y`."""
        element = ET.SubElement(self._root, "text", {"x": _number(x), "y": _number(y), "class": cls})
        element.text = printable(words)
        if tip:
            ET.SubElement(element, "title").text = printable(tip)

    def finish(self, height: float) -> str:
        """Return the whole drawing, cut off at `height`."""
        size = {"width": _number(self.width), "height": _number(height)}
        self._root.attrib |= size | {"viewBox": f"0 0 {size['width']} {size['height']}"}
        return ET.tostring(self._root, encoding="unicode") + "\n"

    def _add(self, tag: str, attributes: dict[str, str], tip: str) -> None:
        element = ET.SubElement(self._root, tag, attributes)
        if tip:
            ET.SubElement(element, "title").text = printable(tip)


def upright(x: float, y: float, height: float) -> str:
    """Return the path of an upright stroke, downwards from (x, y)."""
    return f"M{_number(x)} {_number(y)}v{_number(height)}"


def polyline(points: Sequence[tuple[float, float]]) -> str:
    """Return the path through points, at least one."""
    return "M" + "L".join(f"{_number(x)} {_number(y)}" for x, y in points)


def printable(words: str) -> str:
    """Replace what XML cannot hold or nobody can see."""
    return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in words)


def width_of(words: str, size: float) -> float:
    """Estimate, rather too much than too little, how wide words in a sans-serif font of `size` pixels are."""
    return size * sum(_ems(character) for character in words)


def fitted(words: str, size: float, width: float) -> str:
    """Shorten words until they fit into a width; nothing is left of them where hardly anything would fit."""
    if width_of(words, size) <= width:
        return words
    room = width - width_of(ELLIPSIS, size)
    kept = 0
    for character in words:
        room -= size * _ems(character)
        if room < 0:
            break
        kept += 1
    return words[:kept].rstrip() + ELLIPSIS if kept >= 2 else ""


def staggered(extents: Sequence[tuple[float, float]], levels: int) -> list[int | None]:
    """Give each label, a (left, right) in order of left ends, the lowest level where it covers no other, or none."""
    ends: list[float] = []
    placed: list[int | None] = []
    for left, right in extents:
        level = next((level for level, end in enumerate(ends) if end <= left), len(ends))
        if level == len(ends) < levels:
            ends.append(right)
        elif level < len(ends):
            ends[level] = right
        placed.append(level if level < levels else None)
    return placed


def _ems(character: str) -> float:
    if unicodedata.east_asian_width(character) in "WF":
        return 1.0
    if character in "ijlIt.,:;'!|()[] ":
        return 0.36
    return 0.9 if character in "mwMW@%…—" or ord(character) > 0x2E80 else 0.72 if character.isupper() else 0.6


def _number(value: float) -> str:
    text = f"{value:.1f}"
    return text.removesuffix(".0")
