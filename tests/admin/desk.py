"""What tests of the desk do again and again: send a form, look at what became of a row, at the log."""

from datetime import UTC, datetime

from sqlalchemy import select

from auctionapp import transaction
from auctionapp.audit import AdminAction
from auctionapp.extensions import db
from auctionapp.reports.models import Report
from auctionapp.wallet import ledger


def fresh(model, row_id):
    db.session.rollback()
    return db.session.get(model, row_id, populate_existing=True)


def balances(person_id):
    db.session.rollback()
    return ledger.balances(db.session(), person_id)


def last_entry():
    db.session.rollback()
    return db.session.scalars(select(AdminAction).order_by(AdminAction.id.desc()).limit(1)).one()


def send(client, path, **form):
    """Post a form, and follow the 303 to the page that says what came of it."""
    answer = client.post(path, data=form)
    assert answer.status_code == 303, (path, answer.status_code, answer.text[-3000:])
    return client.get(answer.location).text


def report(reporter_id, kind, subject_id, text="Rude."):
    row = Report(reporter_id=reporter_id, subject_kind=kind, subject_id=subject_id, subject_text="As it stood then",
                 reason=text, created_at=datetime.now(UTC))
    transaction.write(lambda session: session.add(row))
    return row.id
