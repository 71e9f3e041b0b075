"""Routines: the authored file, and the flat timed plan that it compiles to."""
