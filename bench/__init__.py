"""Measurements, each a ratio to a reference measured in the same run on the same machine: `make bench`."""
