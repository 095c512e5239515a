"""The first page: how the house stands, in figures and plots, each plot with its table."""

from datetime import UTC, datetime

from flask_admin import AdminIndexView, expose

from auctionapp.admin.door import PREFIX, DeskView
from auctionapp.admin.queries import figures
from auctionapp.plots import Plot, columns


class DashboardView(DeskView, AdminIndexView):
    def __init__(self) -> None:
        AdminIndexView.__init__(self, name="Overview", endpoint="admin", url=PREFIX)
        self.static_folder = None  # Flask-Admin's scripts and styles are not ours to serve

    @expose()
    def index(self) -> str:
        now = datetime.now(UTC)
        return self.render("admin/dashboard.html", figures=figures.now_figures(now), plots=[
            ("turnover", "Turnover", "Hammer prices of the last 30 days", "money", "Day", _days(figures.turnover(now))),
            ("live", "Lots on sale", "At the end of each of the last 30 days", "number", "Day",
             _days(figures.live_auctions(now))),
            ("bids", "Bids per hour", "Of the last 24 hours", "number", "Hour from", _hours(figures.bids(now))),
            ("people", "New people", "Of the last 30 days", "number", "Day", _days(figures.new_people(now))),
        ])


def _days(series: figures.Series) -> Plot:
    return columns([f"{day:%-d %b}" for day, _ in series], [value for _, value in series])


def _hours(series: figures.Series) -> Plot:
    return columns([f"{hour:%H:%M}" for hour, _ in series], [value for _, value in series])
