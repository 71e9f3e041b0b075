"""A Moonshine whose model is not there: stands in where this folder is on the path."""
