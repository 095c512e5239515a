"""The desk as a whole: Flask-Admin with our views, in the order of its menu."""

from flask import Flask
from flask_admin import Admin
from flask_admin.theme import Theme

from auctionapp.admin import door
from auctionapp.admin.views.announcements import AnnouncementsView
from auctionapp.admin.views.auctions import AuctionsView
from auctionapp.admin.views.categories import CategoriesView
from auctionapp.admin.views.dashboard import DashboardView
from auctionapp.admin.views.house import HouseView
from auctionapp.admin.views.jobs import JobsView
from auctionapp.admin.views.log import LogView
from auctionapp.admin.views.money import BidsView, PaymentsView, TransfersView
from auctionapp.admin.views.people import PeopleView
from auctionapp.admin.views.prove import ProveView
from auctionapp.admin.views.reports import ReportsView
from auctionapp.admin.views.tags import TagsView


def install(app: Flask) -> None:
    """Make the desk of one application. Flask-Admin's own assets are not served: none of its templates is used."""
    door.install(app)
    desk = Admin(app, name="Desk", index_view=DashboardView(), theme=Theme("bootstrap4", "admin/desk.html"))
    for view, name, endpoint, category in [
        (PeopleView, "People", "people", "People"), (ReportsView, "Reports", "reports", "People"),
        (AuctionsView, "Auctions", "auctions", "Sales"), (BidsView, "Bids", "bids", "Sales"),
        (CategoriesView, "Categories", "categories", "Sales"), (TagsView, "Tags", "tags", "Sales"),
        (TransfersView, "Ledger", "transfers", "Money"), (PaymentsView, "Payments", "payments", "Money"),
        (HouseView, "Settings", "house", "House"), (AnnouncementsView, "Announcements", "announcements", "House"),
        (JobsView, "Jobs", "jobs", "House"), (LogView, "Log", "log", "House"),
    ]:
        desk.add_view(view(name=name, endpoint=f"admin_{endpoint}", url=endpoint, category=category))
    desk.add_view(ProveView(name="Password", endpoint="admin_prove", url="prove"))
