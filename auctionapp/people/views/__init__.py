"""Pages of people: profiles, friends, own pictures; and how a person looks in every template."""

from flask import Blueprint

from auctionapp import pictures
from auctionapp.people import rules

blueprint = Blueprint("people", __name__)

blueprint.add_app_template_filter(rules.initials, "initials")
blueprint.add_app_template_filter(pictures.address, "picture_address")

from auctionapp.people.views import friends, own, profile, standing  # noqa: E402, F401 (they add their pages)
