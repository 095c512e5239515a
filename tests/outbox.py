"""What people would find in their mailbox: the files of the outbox."""

import re
from pathlib import Path


def mails(app, address: str | None = None) -> list[str]:
    """The mails as they were written, the oldest first; all, or those to one address."""
    return mails_in(Path(app.config["OUTBOX"]), address)


def mails_in(folder: Path, address: str | None = None) -> list[str]:
    texts = [path.read_text() for path in sorted(folder.glob("*.txt"))]
    return [text for text in texts if address is None or f"To: {address}\n" in text]


def last_code(app, address: str) -> str:
    """The six digits in the newest mail to an address."""
    code = code_in(Path(app.config["OUTBOX"]), address)
    assert code, "the newest mail has no code"
    return code


def code_in(folder: Path, address: str) -> str | None:
    """The six digits in the newest mail to an address, if there is one yet."""
    letters = mails_in(folder, address)
    found = re.search(r"^ +(\d{6})$", letters[-1], re.MULTILINE) if letters else None
    return found[1] if found else None
