"""Reads of posts and of what is said under them."""
