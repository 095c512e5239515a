"""How a mail leaves: through SMTP, or as a file where none is set up (development)."""

import itertools
import re
import smtplib
import ssl
from collections.abc import Mapping
from email.message import EmailMessage
from email.policy import default
from email.utils import format_datetime, make_msgid
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from auctionapp.mail.services import Outgoing

TIMEOUT_SECONDS = 15
UNFOLDED = default.clone(max_line_length=900)
"""Python folds a long address in a header by encoding it, and then no mail program finds it; 998 is the limit of a line."""
ENCODED = "=?"
"""How encoded text begins in a header (RFC 2047)."""
_numbers = itertools.count(1)


class Refused(Exception):
    """The recipient's server said that it never will take this mail."""


class NoWay(Exception):
    """Neither SMTP nor an outbox is set up."""


def deliver(outgoing: Outgoing, settings: Mapping[str, Any]) -> None:
    """Send now. Raises Refused, NoWay, OSError, ValueError or smtplib.SMTPException."""
    message = compose(outgoing, settings["MAIL_FROM"])
    if settings["MAIL_URL"]:
        send_by_smtp(message, settings["MAIL_URL"])
    elif not settings["PRODUCTION"]:
        write_to_outbox(outgoing, settings["MAIL_FROM"], settings["OUTBOX"])
    else:
        raise NoWay("MAIL_URL is not set")


def compose(outgoing: Outgoing, sender: str) -> EmailMessage:
    """Plain text. A line break in a header raises ValueError instead of making a header of its own.

    Python takes `=?utf-8?q?…?=` in a header for encoded text and decodes it, its line breaks too: people's words get
    no such beginning, and an address none at all.
    """
    if ENCODED in outgoing.recipient:
        raise ValueError("The address looks like encoded text.")
    message = EmailMessage(policy=UNFOLDED)
    message["From"] = sender
    message["To"] = outgoing.recipient
    message["Subject"] = outgoing.subject.replace(ENCODED, "= ?")
    message["Date"] = format_datetime(outgoing.created_at)
    message["Message-ID"] = make_msgid(f"mail-{outgoing.mail_id}", domain="gavel.invalid")
    message["Auto-Submitted"] = "auto-generated"
    for name, value in (outgoing.headers or {}).items():
        message[name] = value
    message.set_content(outgoing.body)
    return message


def send_by_smtp(message: EmailMessage, url: str) -> None:
    """`smtp://user:password@host:587?tls=starttls`, `smtps://host:465`; certificates are checked."""
    parts = urlsplit(url)
    secure = parts.scheme == "smtps"
    host = parts.hostname or "localhost"
    context = ssl.create_default_context()
    connection: smtplib.SMTP
    if secure:
        connection = smtplib.SMTP_SSL(host, parts.port or 465, timeout=TIMEOUT_SECONDS, context=context)
    else:
        connection = smtplib.SMTP(host, parts.port or 25, timeout=TIMEOUT_SECONDS)
    with connection:
        if not secure and parse_qs(parts.query).get("tls") == ["starttls"]:
            connection.starttls(context=context)
        if parts.username:
            connection.login(unquote(parts.username), unquote(parts.password or ""))
        try:
            connection.send_message(message)
        except smtplib.SMTPRecipientsRefused as error:
            codes = [code for code, _words in error.recipients.values()]
            if all(500 <= code < 600 for code in codes):
                raise Refused(f"the address was refused ({codes[0]})") from error
            raise


def write_to_outbox(outgoing: Outgoing, sender: str, folder: Path) -> Path:
    """A readable file per mail, complete from the moment it has its name; the newest sorts last."""
    folder.mkdir(parents=True, exist_ok=True)
    address = re.sub(r"[^a-z0-9@.+-]", "_", outgoing.recipient)[:80]
    path = folder / f"{outgoing.created_at:%Y%m%d-%H%M%S}-{outgoing.mail_id:06}-{address}.txt"
    unfinished = folder / f".{outgoing.mail_id}-{next(_numbers)}.part"
    unfinished.write_text(
        f"From: {sender}\nTo: {outgoing.recipient}\nSubject: {outgoing.subject}\n"
        f"Date: {format_datetime(outgoing.created_at)}\n"
        + "".join(f"{name}: {value}\n" for name, value in (outgoing.headers or {}).items())
        + f"\n{outgoing.body}"
    )
    return unfinished.rename(path)
