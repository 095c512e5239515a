"""People at their browsers, as the tests of the auction's page play them."""

import re

from sqlalchemy import select

from auctionapp.accounts.models import User
from auctionapp.auctions.models import Bid
from auctionapp.auctions.services import bidding
from auctionapp.extensions import db
from tests import factories

HTMX = {"HX-Request": "true", "HX-Request-Type": "partial"}


def place(lot_id, person_id, cents, kind="manual"):
    return bidding.place_bid(lot_id, bidding.Offer(person_id, kind, cents))


def signed_in(app, available_cents=0, **given):
    """A client and the id of the person signed in with it."""
    person_id = factories.bidder(available_cents, **given)
    return client_of(app, person_id), person_id


def client_of(app, person_id):
    client = app.test_client()
    factories.sign_in(client, db.session.get(User, person_id))
    return client


def offer(client, lot_id, amount, *, kind="manual", key="one", headers=None, **more):
    form = {"amount": amount, "kind": kind, "key": key} | more
    return client.post(f"/auctions/{lot_id}/bids", data=form, headers=headers)


def confirm(client, lot_id, amount, **more):
    return offer(client, lot_id, amount, confirmed="1", **more)


def bids_of(lot_id):
    db.session.rollback()
    return db.session.scalars(select(Bid.maximum_cents).where(Bid.auction_id == lot_id).order_by(Bid.number)).all()


def shown_state(page):
    """The words of the state that are not hidden."""
    shown = re.findall(r'<p class="bid-state[^"]*"([^>]*)>(.*?)</p>', page, re.S)
    words = [re.sub(r"<[^>]*>", "", text) for attributes, text in shown if "hidden" not in attributes]
    assert len(words) == 1, words
    return " ".join(words[0].split())
