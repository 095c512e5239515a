"""The home page and the catalogue."""

from flask import render_template

from auctionapp.auctions.views import blueprint


@blueprint.get("/")
def home() -> str:
    return render_template("auctions/home.html")


@blueprint.get("/auctions")
def catalogue() -> str:
    return render_template("auctions/catalogue.html")
