"""On what something was measured."""

import os
import platform
from datetime import UTC, datetime
from pathlib import Path


def describe() -> str:
    """The date, the processor, its cores, the memory, the system and Python, in one line."""
    return (f"{datetime.now(UTC):%Y-%m-%d}, {_processor()}, {os.cpu_count()} cores, {_memory_gib()} GiB, "
            f"{platform.system()} {platform.release().split('-')[0]}, Python {platform.python_version()}")


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.machine()


def _memory_gib() -> int:
    first = Path("/proc/meminfo").read_text().splitlines()[0]
    return round(int(first.split()[1]) / 1024**2)
