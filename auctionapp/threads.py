"""Long computing beside gevent's loop, so that one upload or sign-in does not hold every other request up."""

import sys
from collections.abc import Callable
from typing import Any


def beside_the_loop(work: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
    """Call it, where gevent runs in a real thread: what releases the interpreter still holds every greenlet."""
    monkey = sys.modules.get("gevent.monkey")
    if monkey is None or not monkey.is_module_patched("threading"):
        return work(*arguments, **named)
    from gevent import get_hub

    return get_hub().threadpool.apply(work, arguments, named)
