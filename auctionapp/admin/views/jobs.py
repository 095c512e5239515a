"""Jobs and the schedule: what runs, what is due, what is overdue."""

from datetime import UTC, datetime

from flask import Response, current_app, url_for
from flask_admin import expose
from sqlalchemy import func, select

from auctionapp import jobqueue
from auctionapp.admin.door import DeskView, actor, fresh
from auctionapp.auctions.models import Auction, HouseSettings
from auctionapp.auctions.queries.overdue import PATIENCE
from auctionapp.auctions.services import chasing
from auctionapp.extensions import db
from auctionapp.health import queries as health
from auctionapp.mail.models import Mail
from auctionapp.schedule import PERIODIC

SOON = 20


class JobsView(DeskView):
    @expose("/")
    def index(self) -> str:
        now = datetime.now(UTC)
        overdue = db.session.execute(
            select(Auction.id, Auction.title, Auction.ends_at, Auction.close_failures, Auction.close_again_at)
            .where(Auction.state == "open", Auction.ends_at < now - PATIENCE).order_by(Auction.ends_at).limit(SOON)).all()
        soon = db.session.execute(
            select(Auction.id, Auction.title, Auction.ends_at).where(Auction.state == "open", Auction.ends_at >= now)
            .order_by(Auction.ends_at).limit(SOON)).all()
        return self.render(
            "admin/jobs.html", health=health.health(current_app.config["MEDIA"]), overdue=overdue, soon=soon,
            periodic=PERIODIC,
            queue=jobqueue.look(), last_sweep=db.session.scalar(select(HouseSettings.last_sweep_at)), now=now,
            mails=dict(db.session.execute(select(Mail.state, func.count()).where(Mail.state != "sent")
                                          .group_by(Mail.state)).all()))

    @expose("/close-due", methods=("POST",))
    @fresh
    def close_due(self) -> Response:
        return self.done(lambda: f"{chasing.close_overdue(actor())} closed.", url_for(".index"))
