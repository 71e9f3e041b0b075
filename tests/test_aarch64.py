"""A Raspberry Pi can install what is locked: `scripts/lock` asked the registry, and this looks at what it found."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.tags import Tag, cpython_tags
from packaging.utils import canonicalize_name, parse_wheel_filename

TOP = Path(__file__).parents[1]
FOUND: dict[str, dict[str, str]] = json.loads((TOP / "tests" / "aarch64-wheels.json").read_text())
GLIBC = {"3.11": 36, "3.13": 41}
"""Python of Raspberry Pi OS bookworm and trixie, with the minor version of its glibc."""
SOURCE_ONLY = {"srt"}
"""Pure Python, built by pip; vosk asks for it."""


def locked(python: str) -> Iterator[tuple[Requirement, frozenset[str]]]:
    """Yield what the lock file means on a Raspberry Pi, with the SHA-256 of its files."""
    machine = {
        "python_version": python,
        "python_full_version": f"{python}.2",
        "platform_machine": "aarch64",
        "sys_platform": "linux",
        "implementation_name": "cpython",
    }
    for line in (TOP / "requirements.lock").read_text(encoding="utf-8").replace("\\\n", " ").splitlines():
        requirement, *hashes = line.split("--hash=")
        parsed = Requirement(requirement.strip())
        if parsed.marker is None or parsed.marker.evaluate(machine):
            yield parsed, frozenset(one.strip().removeprefix("sha256:") for one in hashes)


def installable(python: str) -> frozenset[Tag]:
    major, minor = map(int, python.split("."))
    platforms = [f"manylinux_2_{glibc}_aarch64" for glibc in range(17, GLIBC[python] + 1)] + ["manylinux2014_aarch64"]
    tags = frozenset(cpython_tags((major, minor), platforms=platforms))
    return tags | {Tag(f"py{major}", "none", platform) for platform in (*platforms, "any")}


@pytest.mark.parametrize("python", GLIBC)
def test_everything_locked_has_a_wheel_for_a_64_bit_raspberry_pi(python: str) -> None:
    wheels = {}
    for name, sha256 in FOUND[python].items():
        project, wheel_version, _, tags = parse_wheel_filename(name)
        assert tags & installable(python), f"{name} cannot be installed with Python {python}"
        wheels[project] = (str(wheel_version), sha256)
    asked = 0
    for requirement, hashes in locked(python):
        if requirement.name in SOURCE_ONLY:
            continue
        asked += 1
        assert requirement.name in wheels, f"{requirement.name}: no wheel is known; run scripts/lock"
        version, sha256 = wheels[canonicalize_name(requirement.name)]
        assert str(requirement.specifier) == f"=={version}"
        assert sha256 in hashes, f"{requirement.name}: the wheel is not the one that is locked; run scripts/lock"
    assert asked == len(wheels) > 30


def test_a_wheel_for_another_machine_would_be_found_out() -> None:
    _, _, _, tags = parse_wheel_filename("numpy-2.4.6-cp311-cp311-manylinux_2_27_x86_64.whl")
    assert not tags & installable("3.11")
    _, _, _, tags = parse_wheel_filename("numpy-2.4.6-cp312-cp312-manylinux_2_27_aarch64.whl")
    assert not tags & installable("3.11")
