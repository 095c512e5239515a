"""Every deed of the desk leaves an entry: who, what, to whom, before and after, why. The pages show it."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from auctionapp.announcements import services as announcements
from auctionapp.auctions.models import Category, Tag
from auctionapp.auctions.services import blocking, stopping
from auctionapp.audit import AdminAction
from auctionapp.extensions import db
from tests import factories
from tests.admin.desk import report
from tests.admin.test_door import BUTTONS, FORMS
from tests.admin.test_quotas import quota_form
from tests.factories import auction, bid, bidder

WHY = {"reason": "Because of it."}


def person():
    return factories.user().id


def suspended_lot():
    lot = auction().id
    stopping.suspend(factories.actor(), lot, "We look at it.")
    return lot


def blocked_person():
    blocked = person()
    blocking.block(factories.actor(), blocked, "A stolen account.", "stay")
    return blocked


def lot_with_a_bid():
    lot = auction().id
    bid(lot, bidder(50_000), 2_000)
    return lot


def category():
    return factories.kept(Category(slug="one-more", name="One more", position=99)).id


def tag(slug):
    return factories.kept(Tag(slug=slug, name=slug.capitalize())).id


def merged_tag():
    tag("clocks")
    return tag("clocs")


def shown_announcement():
    return announcements.announce(factories.actor(), "We are open.", "info", None, datetime.now(UTC) + timedelta(hours=1))


def overdue_lot():
    return auction(ends_at=datetime.now(UTC) - timedelta(minutes=1)).id


def reported_post():
    return report(factories.user().id, "post", factories.post())


def signed_in_person(app):
    somebody = factories.user()
    factories.sign_in(app.test_client(), somebody)
    return somebody.id


UNTIL = f"{datetime.now(UTC) + timedelta(hours=2):%Y-%m-%dT%H:%M}"
HOUSE = {"commission": "7", "soft_close_seconds": "60", "soft_close_cap_seconds": "600"} | WHY
DEEDS = {
    "/admin/people/<int:user_id>/block": ("block", lambda: bidder(5_000), {"bids": "void"} | WHY),
    "/admin/people/<int:user_id>/unblock": ("unblock", blocked_person, WHY),
    "/admin/people/<int:user_id>/role": ("set_role", person, {"role": "seller"} | WHY),
    "/admin/people/<int:user_id>/adjust": ("adjust", person, {"direction": "add", "amount": "5", "key": "one"} | WHY),
    "/admin/people/<int:user_id>/end-sessions": ("end_sessions", signed_in_person, {}),
    "/admin/reports/<int:report_id>/remove": ("remove_post", reported_post, WHY),
    "/admin/reports/<int:report_id>/close": ("close_report", reported_post, {"note": "Nothing was found."}),
    "/admin/auctions/<int:auction_id>/suspend": ("suspend", lot_with_a_bid, WHY),
    "/admin/auctions/<int:auction_id>/resume": ("resume", suspended_lot, WHY),
    "/admin/auctions/<int:auction_id>/withdraw": ("withdraw", lot_with_a_bid, WHY),
    "/admin/auctions/<int:auction_id>/feature": ("feature", lambda: auction().id, {"shown": "1"}),
    "/admin/categories/new": ("add_category", None, {"name": "Prints", "parent": ""}),
    "/admin/categories/<int:category_id>/edit": ("change_category", category, {"name": "Prints", "parent": ""}),
    "/admin/categories/<int:category_id>/move": ("move_category", category, {"to": "up"}),
    "/admin/categories/<int:category_id>/remove": ("remove_category", category, {}),
    "/admin/tags/<int:tag_id>/rename": ("rename_tag", lambda: tag("clocs"), {"name": "Clocks"}),
    "/admin/tags/<int:tag_id>/merge": ("merge_tags", merged_tag, {"into": "Clocks"}),
    "/admin/house/settings": ("set_house", None, HOUSE),
    "/admin/house/increments": ("set_increments", None, {"steps": "99.99: 1\nabove: 10"}),
    "/admin/house/quotas": ("set_quotas", None, quota_form(likes_60=30)),
    "/admin/announcements/new": ("announce", None, {"text": "We are open.", "tone": "info", "ends_at": UNTIL}),
    "/admin/announcements/<int:announcement_id>/end": ("end_announcement", shown_announcement, {}),
    "/admin/jobs/close-due": ("close_due", overdue_lot, {}),
}
ONLY_MADE, ONLY_GONE = {"add_category", "announce"}, {"remove_category"}


def test_every_form_and_button_of_the_desk_is_a_deed_here():
    assert set(DEEDS) == (FORMS | BUTTONS) - {"/admin/prove/"}


@pytest.mark.parametrize("rule", sorted(DEEDS))
def test_a_deed_through_its_page_leaves_an_entry_with_before_and_after(app, client, admin, rule):
    action, make, form = DEEDS[rule]
    made = "" if make is None else make(app) if make is signed_in_person else make()
    path = "/".join(str(made) if part.startswith("<") else part for part in rule.split("/"))
    db.session.rollback()
    before = db.session.query(AdminAction).count()
    db.session.rollback()
    answer = client.post(path, data=form)
    assert answer.status_code == 303, answer.text[-2000:]
    db.session.rollback()
    entries = db.session.scalars(select(AdminAction).order_by(AdminAction.id).offset(before)).all()
    [entry] = [one for one in entries if one.action == action]
    assert (entry.admin_id, entry.address) == (admin.id, "127.0.0.1")
    assert entry.before != entry.after
    assert bool(entry.before) == (action not in ONLY_MADE) and bool(entry.after) == (action not in ONLY_GONE)
    if given := form.get("reason") or form.get("note"):
        assert entry.reason == given
    shown = client.get("/admin/log/").text
    assert action.replace("_", " ") in shown and admin.display_name in shown


def test_what_is_refused_leaves_no_entry(app, client, admin):
    lot = suspended_lot()
    before = db.session.query(AdminAction).count()
    db.session.rollback()
    for path, form in ((f"/admin/auctions/{lot}/suspend", WHY), (f"/admin/people/{admin.id}/block", {"bids": "void"} | WHY),
                       (f"/admin/people/{admin.id}/role", {"role": "user"} | WHY),
                       ("/admin/house/settings", HOUSE | {"commission": "80"})):
        assert client.post(path, data=form).status_code == 422, path
    db.session.rollback()
    assert db.session.query(AdminAction).count() == before
