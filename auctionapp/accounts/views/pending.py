"""What a browser has begun with an address and not yet proved: kept in its own session."""

from pathlib import Path
from typing import Any

from flask import current_app, session

from auctionapp.accounts import rules
from auctionapp.extensions import db
from auctionapp.mail import queries as mail
from auctionapp.mail.site import Site


def mail_site() -> Site:
    return Site.of(current_app.config)


def keep(purpose: str, email: str, code_id: int) -> None:
    session[purpose] = [rules.clean_email(email), code_id]


def begun(purpose: str) -> tuple[str, int | None]:
    """The address and the code's id that this browser waits for; empty and None without one."""
    email, code_id = session.get(purpose) or ("", None)
    return email, code_id


def delivery(email: str) -> dict[str, Any]:
    """For a page that waits for a mail: where it lies in development, and that it could not be delivered."""
    outbox = mail_site().outbox
    if outbox and Path(outbox).is_relative_to(current_app.root_path):
        outbox = str(Path(outbox).relative_to(current_app.root_path))
    return {"outbox": outbox, "trouble": mail.trouble(db.session(), email) if email else None}
