"""What people would find in their mailbox: the files of the outbox."""

import re
from pathlib import Path


def mails(app, address: str | None = None) -> list[str]:
    """The mails as they were written, the oldest first; all, or those to one address."""
    texts = [path.read_text() for path in sorted(Path(app.config["OUTBOX"]).glob("*.txt"))]
    return [text for text in texts if address is None or f"To: {address}\n" in text]


def last_code(app, address: str) -> str:
    """The six digits in the newest mail to an address."""
    found = re.search(r"^ +(\d{6})$", mails(app, address)[-1], re.MULTILINE)
    assert found, "the newest mail has no code"
    return found[1]
