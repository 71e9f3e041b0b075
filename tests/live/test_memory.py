from __future__ import annotations

import ctypes
import subprocess
import sys

import pytest


def test_memory_that_is_free_is_given_back_after_a_large_piece_was_freed_too() -> None:
    # By itself glibc takes the size of a piece that was given back for what is worth keeping from then on.
    program = """
import ctypes
from voicecoach.live.memory import give_memory_back

class Usage(ctypes.Structure):
    _fields_ = [(name, ctypes.c_size_t) for name in "arena ordblks smblks hblks hblkhd b c d e f".split()]

libc = ctypes.CDLL(None)
libc.mallinfo2.restype = Usage
libc.malloc.restype = ctypes.c_void_p
libc.free.argtypes = [ctypes.c_void_p]
give_memory_back()
libc.free(libc.malloc(24 << 20))
before = libc.mallinfo2().hblkhd
kept = libc.malloc(16 << 20)  # more than can be free by chance
print(libc.mallinfo2().hblkhd - before >= 16 << 20)
"""
    if not hasattr(ctypes.CDLL(None), "mallinfo2"):
        pytest.skip("this is not glibc 2.33 or newer")
    asked = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert asked.stdout.split() == ["True"]


def test_small_pieces_that_are_free_are_given_back_though_one_behind_them_is_not() -> None:
    program = """
import ctypes, resource
from pathlib import Path
from voicecoach.live.memory import give_free_memory_back

libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_void_p
libc.free.argtypes = [ctypes.c_void_p]

def resident():
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()

pieces = [libc.malloc(1000) for _ in range(20_000)]
for piece in pieces:
    ctypes.memset(piece, 1, 1000)
for piece in pieces[:-1]:
    libc.free(piece)
before = resident()
give_free_memory_back()
print(before - resident() > 15_000_000)
"""
    if not hasattr(ctypes.CDLL(None), "malloc_trim"):
        pytest.skip("this is not glibc")
    asked = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert asked.stdout.split() == ["True"]
