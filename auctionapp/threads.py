"""Long computing beside gevent's loop, so that one upload or sign-in does not hold every other request up."""

import sys
from collections.abc import Callable
from typing import Any


def beside_the_loop(work: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
    """Call it, where gevent runs in a real thread: what releases the interpreter still holds every greenlet.

    Raises what the work raises."""
    monkey = sys.modules.get("gevent.monkey")
    if monkey is None or not monkey.is_module_patched("threading"):
        return work(*arguments, **named)
    from gevent import get_hub

    result, error = get_hub().threadpool.apply(_attempt, (work, arguments, named))
    if error is not None:
        raise error
    return result


def _attempt(work: Callable[..., Any], arguments: Any, named: Any) -> tuple[Any, Exception | None]:
    """The pool writes a traceback into the log for whatever is raised in it, for a wrong password too."""
    try:
        return work(*arguments, **named), None
    except Exception as error:
        return None, error
