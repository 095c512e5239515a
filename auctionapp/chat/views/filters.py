"""What the templates of conversations need, in pages and in broadcasts."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from flask import current_app
from flask_login import current_user

from auctionapp import prose
from auctionapp.chat import rules
from auctionapp.chat.queries.inbox import Entry
from auctionapp.chat.views import blueprint

PREVIEW = 120


@blueprint.app_template_filter("site_day")
def site_day(moment: datetime) -> date:
    """The day in the site's zone: broadcasts and pages agree on it."""
    return moment.astimezone(ZoneInfo(current_app.config["SITE_TIME_ZONE"])).date()


@blueprint.app_template_filter("site_clock")
def site_clock(moment: datetime) -> str:
    """The hour in the site's zone, which the browser sets to the reader's."""
    return moment.astimezone(ZoneInfo(current_app.config["SITE_TIME_ZONE"])).strftime("%H:%M")


@blueprint.app_template_filter("site_short")
def site_short(moment: datetime) -> str:
    """The hour of today, the day of before, in the site's zone."""
    here = moment.astimezone(ZoneInfo(current_app.config["SITE_TIME_ZONE"]))
    return here.strftime("%H:%M" if here.date() == datetime.now(here.tzinfo).date() else "%-d %b")


@blueprint.app_template_filter("static_path")
def static_path(name: str) -> str:
    """The address of a static file for broadcasts, which are rendered outside of any request."""
    return f"{current_app.static_url_path}/{name}"


@blueprint.app_template_filter("inbox_preview")
def inbox_preview(entry: Entry) -> str:
    """The last thing that was said, in one line."""
    if not entry.last_number:
        return "Nobody has written yet"
    if entry.last_deleted:
        said = "Message deleted"
    else:
        # Cut before it is put in one line: a long text is not gone through for some words of it.
        said = prose.plain(entry.last_text[:2 * PREVIEW])[:PREVIEW] or "Picture"
    if entry.last_system:
        return said
    if entry.last_author_id == current_user.id:
        return f"You: {said}"
    return said if entry.kind == "direct" else f"{entry.last_author}: {said}"


blueprint.add_app_template_filter(rules.counter, "counter")
