"""Reads of the desk, across all features; a constant number of statements a page."""
