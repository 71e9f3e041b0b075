"""Fuzzers: each module has `try_one(seed)`, one hostile input made from a seed. `scripts/fuzz` runs them."""
