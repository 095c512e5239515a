"""Sending mail, away from the pages."""

import logging
import smtplib
from datetime import UTC, datetime

from flask import current_app

from auctionapp import jobqueue
from auctionapp.extensions import db
from auctionapp.mail import queries, sending, services

log = logging.getLogger(__name__)

SEND = "auctionapp.mail.jobs.send"
WITHOUT_REDIS_AT_ONCE = 5


def send(mail_id: int) -> None:
    """One try. A failure is noted with the time of the next try; may run twice."""
    outgoing = services.claim(mail_id)
    if outgoing is None:
        return
    try:
        sending.deliver(outgoing, current_app.config)
    except (sending.Refused, sending.NoWay, ValueError) as error:
        log.warning("Mail %s cannot be sent: %s", mail_id, error)
        services.not_sent(outgoing, str(error), final=True)
    except (OSError, smtplib.SMTPException) as error:
        log.warning("Mail %s did not leave at try %s: %s", mail_id, outgoing.tries, error)
        services.not_sent(outgoing, f"{type(error).__name__}: {error}")
    else:
        services.sent(mail_id)


def send_waiting() -> None:
    """Find what a lost job missed and what is to be tried again; with Redis away send a few here."""
    due = queries.due(db.session(), datetime.now(UTC))
    db.session.rollback()
    sent_here = 0
    for mail_id in due:
        if jobqueue.enqueue(SEND, mail_id):
            continue
        if sent_here == WITHOUT_REDIS_AT_ONCE:
            break
        send(mail_id)
        sent_here += 1


def forget_old() -> None:
    services.forget_old()
