"""/healthz, /readyz and /metrics."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, current_app
from prometheus_client import CONTENT_TYPE_LATEST

import config
from auctionapp.health import metrics, queries

blueprint = Blueprint("health", __name__)
blueprint.record_once(lambda state: metrics.install(state.app))  # type: ignore[arg-type]


@blueprint.get("/healthz")
def alive() -> Response:
    """This process answers. (`make run` loads the demo data before the first process listens.)"""
    return Response("ok\n", mimetype="text/plain")


@blueprint.get("/readyz")
def ready() -> tuple[dict[str, Any], int]:
    """200 when every part answers, else 503; what is not set up is named but keeps nobody out."""
    parts = queries.parts_up()
    everything = all(parts.values())
    body = {"ready": everything, "parts": parts, "not_set_up": config.not_set_up(current_app.config)}
    return body, 200 if everything else 503


@blueprint.get("/metrics")
def numbers() -> Response:
    return Response(metrics.text(queries.parts_up(), {}), content_type=CONTENT_TYPE_LATEST)
