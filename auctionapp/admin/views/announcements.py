"""Announcements: a banner for everybody, from a start to an end."""

from datetime import UTC, datetime

from flask import Response, url_for
from flask_admin import expose

from auctionapp import localtime
from auctionapp.admin.door import DeskView, actor
from auctionapp.admin.forms import AnnouncementForm
from auctionapp.announcements import queries, services
from auctionapp.formatting import reader_zone


class AnnouncementsView(DeskView):
    @expose("/")
    def index(self) -> str:
        return self.render("admin/announcements.html", announcements=queries.newest(), now=datetime.now(UTC))

    @expose("/new", methods=("GET", "POST"))
    def new(self) -> Response:
        form = AnnouncementForm()
        zone = reader_zone()

        def deed() -> str:
            services.announce(actor(), form.text.data or "", form.tone.data, _moment(form.starts_at.data),
                              _moment(form.ends_at.data) or datetime.now(UTC))
            queries.forget_kept()
            return "The announcement is kept. It shows within ten seconds of its start."

        def _moment(typed: str | None) -> datetime | None:
            if not typed:
                return None
            try:
                return localtime.parse_local(typed, zone)
            except ValueError:
                raise services.InvalidAnnouncement("Write times such as 2026-11-21T18:00, that exist in your zone.") from None

        return self.act(form, deed, url_for(".index"), "New announcement",
                        f"Everybody sees it on every page. Times are in {zone.key.replace('_', ' ')}.", "Announce")

    @expose("/<int:announcement_id>/end", methods=("POST",))
    def end(self, announcement_id: int) -> Response:
        def deed() -> str:
            services.end(actor(), announcement_id)
            queries.forget_kept()
            return "It is shown no more."

        return self.done(deed, url_for(".index"))
