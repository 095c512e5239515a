"""The sweep that finds what lost reactions left untold, and the mails that wait for it to stay unread."""

import logging

from flask import current_app

from auctionapp import events
from auctionapp.clock import database_clock
from auctionapp.extensions import db
from auctionapp.mail.site import Site
from auctionapp.notifications import queries
from auctionapp.notifications.services import house, mailing, messages, people, reminders

log = logging.getLogger(__name__)


def announce_missing() -> None:
    """Tell once more of closed auctions whose notices are missing: every reaction to a close may run twice."""
    missing = queries.unannounced_closes(database_clock.now(db.session()))
    db.session.rollback()
    for auction_id in missing:
        log.warning("The end of auction %s was not told; telling it now", auction_id)
        events.dispatch(events.AuctionClosed(auction_id))
    now = database_clock.now(db.session())
    endings, offers = queries.untold_endings(now), queries.untold_offers(now)
    db.session.rollback()
    for auction_id in endings:
        events.dispatch(events.AuctionEndedEarly(auction_id))
    for offer_id in offers:
        events.dispatch(events.SecondChanceChanged(offer_id))


def tell_missing() -> None:
    """Tell once more what people did and nobody was told, and forget notices of chats that were read meanwhile."""
    site, now = Site.of(current_app.config), database_clock.now(db.session())
    recent, comments, requests, accepted, liked = (
        queries.recent_messages(now), queries.untold_comments(now), queries.untold_requests(now),
        queries.untold_answers(now), queries.liked_lately(now))
    reported = queries.has_untold_report(now)
    db.session.rollback()
    if recent:
        messages.tell_messages(recent, site)
    if comments:
        people.tell_comments(comments, site)
    if requests:
        people.tell_requests(requests, site)
    if accepted:
        people.tell_accepted(accepted, site)
    if liked:
        people.tell_likes(liked, site)
    if reported:
        house.tell_reported(site)
    messages.mark_read_there()


def mail_unread() -> None:
    """Mail people what they have not seen on the site."""
    mailing.mail_unread(Site.of(current_app.config))


def remind() -> None:
    """Remind people of the end of what they watch."""
    settings = current_app.config
    reminders.remind(reminders.House(Site.of(settings), settings["CURRENCY"], settings["SITE_TIME_ZONE"]))
