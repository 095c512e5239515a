"""Live streams: one Redis subscription per web process, the database as the truth (docs/decisions/0004)."""

from collections.abc import Callable

state_of: dict[str, Callable[[int], str]] = {}
"""Per kind of topic ("auction", "person"): the fragments that show its present state, whole. Filled in `wiring.py`."""
