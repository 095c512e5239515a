"""Mail leaves after the commit of what caused it."""

from flask import current_app

from auctionapp import jobqueue
from auctionapp.events import MailQueued
from auctionapp.mail import jobs


def send_soon(event: MailQueued) -> None:
    """By a job, as SMTP may take seconds; a file of the outbox at once, so that the page can name it."""
    if current_app.config["MAIL_URL"]:
        jobqueue.enqueue(jobs.SEND, event.mail_id)
    else:
        jobs.send(event.mail_id)
