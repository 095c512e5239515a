"""Tokens: made with address and password, ended one by one."""

from typing import Any

from flask import Response

from auctionapp.accounts.services import sessions, tokens
from auctionapp.api import limits, schemas
from auctionapp.api.answers import answer
from auctionapp.api.authentication import caller
from auctionapp.api.blueprint import blueprint
from auctionapp.clock import rfc3339

TAGS = ["Tokens"]


@blueprint.route("/tokens", methods=["POST"], tags=TAGS)
@blueprint.operation(token="none", limit=None, problems=(401, 403))
@blueprint.arguments(schemas.TokenBody)
@blueprint.response(201, schemas.TokenSchema)
def create_token(body: dict[str, Any]) -> Response:
    """Get a token for address and password

    The token is shown this once; send it as `Authorization: Bearer TOKEN`.
    """
    limits.spend(limits.ACCOUNTS, body["email"].strip().casefold())
    proven = sessions.authenticate(body["email"], body["password"])
    token, expires_at = tokens.create_token(proven, body["name"] or "")
    return answer({"token": token, "expires_at": rfc3339(expires_at)}, 201)


@blueprint.route("/tokens/current", methods=["DELETE"], tags=TAGS)
@blueprint.operation(limit=limits.WRITES)
@blueprint.response(204)
def revoke_token() -> Response:
    """End the token of this request"""
    tokens.revoke_token(caller().id, caller().token_id)
    return Response(status=204)
