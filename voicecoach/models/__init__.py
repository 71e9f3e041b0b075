"""Fetching a speech model, and putting it where the hearing finds it: whole, or not at all."""
