"""The log format of the processes that are not web servers."""

from __future__ import annotations

import logging
import os
import sys


def set_up_logging() -> None:
    """Log to standard error, without times where the run command adds them."""
    plain = os.environ.get("GAVEL_PLAIN_LOG") == "1"
    text = "%(message)s" if plain else "%(asctime)s %(levelname)s %(name)s: %(message)s"
    logging.basicConfig(level=logging.INFO, format=text, stream=sys.stderr)
    logging.getLogger("rq").setLevel(logging.WARNING)
    logging.getLogger("alembic").setLevel(logging.WARNING)
