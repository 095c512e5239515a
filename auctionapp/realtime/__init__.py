"""Live streams: one Redis subscription per web process, the database as the truth (docs/decisions/0004)."""

from collections.abc import Callable, Collection

state_of: dict[str, Callable[[int], str]] = {}
"""Per kind of topic ("auction", "conversation"): the fragments that show its present state, whole. Filled in `wiring.py`."""

state_of_many: dict[str, Callable[[Collection[int]], str]] = {}
"""The same for kinds of which a page carries several ("price"): rendered together."""

states_each: dict[str, Callable[[Collection[int]], dict[int, str]]] = {}
"""The same for kinds of which many change at once ("person"): each number's own, read together."""

own_state_of: dict[str, Callable[[int, int], str]] = {}
"""Per kind of topic: the fragments of it that are for one person alone, by the topic's number and the person's id."""
