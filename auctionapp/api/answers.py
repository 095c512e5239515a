"""Answers of the API: JSON, and the pages of a list with their links (RFC 8288)."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from flask import Response, request

from auctionapp import compact_json

PER_PAGE = 20
MOST_PER_PAGE = 100
LAST_PAGE = 1_000_000


def answer(body: Any, status: int = 200) -> Response:
    return Response(compact_json.encode(body), status, content_type="application/json")


def page_of(query: Mapping[str, Any]) -> tuple[int, int]:
    """The number of the wanted page and how many it holds."""
    return query["page"], min(query["per_page"], MOST_PER_PAGE)


def listed(items: Sequence[Any], page: int, per_page: int, total: int) -> Response:
    """One page of a list, with links to the first, previous, next and last."""
    response = answer({"items": items, "page": page, "per_page": per_page, "total": total})
    last = max(1, -(-total // per_page))
    links = {"first": 1, "last": last}
    if page > 1:
        links["prev"] = min(page - 1, last)
    if page < last:
        links["next"] = page + 1
    response.headers["Link"] = ", ".join(f'<{_address(number, per_page)}>; rel="{name}"' for name, number in links.items())
    return response


def _address(page: int, per_page: int) -> str:
    """This list's address at another page: a path, so that no Host header is repeated (fault 49)."""
    kept = [(name, value) for name, value in request.args.items(multi=True) if name not in ("page", "per_page")]
    return f"{request.path}?{urlencode([*kept, ('page', page), ('per_page', per_page)])}"
