"""People: registering by mail, and who one is."""

from typing import Any

from flask import Response, current_app

from auctionapp.accounts.services import registration
from auctionapp.api import limits, schemas
from auctionapp.api.answers import answer
from auctionapp.api.authentication import caller
from auctionapp.api.blueprint import blueprint
from auctionapp.mail.site import Site

TAGS = ["People"]


@blueprint.route("/users", methods=["POST"], tags=TAGS)
@blueprint.operation(token="none", limit=None)
@blueprint.arguments(schemas.UserBody)
@blueprint.response(202, schemas.RegistrationSchema)
def register(body: dict[str, Any]) -> Response:
    """Register; a six-digit code goes out by mail

    The answer is the same whether or not the address is taken.
    """
    limits.spend(limits.ACCOUNTS, body["email"].strip().casefold())
    registration.register(body["email"], body["password"], body["display_name"], Site.of(current_app.config))
    return answer({"detail": "A code is on its way to this address."}, 202)


@blueprint.route("/users/confirm", methods=["POST"], tags=TAGS)
@blueprint.operation(token="none", limit=None)
@blueprint.arguments(schemas.ConfirmBody)
@blueprint.response(201, schemas.NewUserSchema)
def confirm(body: dict[str, Any]) -> Response:
    """Prove the address with its code"""
    limits.spend(limits.ACCOUNTS, body["email"].strip().casefold())
    return answer({"id": registration.confirm(body["email"], body["code"])}, 201)


@blueprint.route("/me", tags=TAGS)
@blueprint.operation()
@blueprint.response(200, schemas.MeSchema)
def me() -> Response:
    """Who the token belongs to"""
    person = caller()
    return answer({"id": person.id, "email": person.email, "display_name": person.display_name,
                   "roles": person.roles})
