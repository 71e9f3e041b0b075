"""Measures how well the coach hears: made-up people in made-up rooms, and everything that is not meant for it."""
