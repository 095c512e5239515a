"""What the templates of conversations need, in pages and in broadcasts."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from flask import current_app

from auctionapp.chat.views import blueprint


@blueprint.app_template_filter("site_day")
def site_day(moment: datetime) -> date:
    """The day in the site's zone: broadcasts and pages agree on it."""
    return moment.astimezone(ZoneInfo(current_app.config["SITE_TIME_ZONE"])).date()


@blueprint.app_template_filter("site_clock")
def site_clock(moment: datetime) -> str:
    """The hour in the site's zone, which the browser sets to the reader's."""
    return moment.astimezone(ZoneInfo(current_app.config["SITE_TIME_ZONE"])).strftime("%H:%M")
