"""/healthz, /readyz and /metrics."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, current_app
from prometheus_client import CONTENT_TYPE_LATEST

import config
from auctionapp import metrics
from auctionapp.health import queries

blueprint = Blueprint("health", __name__)
blueprint.record_once(lambda state: metrics.install(state.app))  # type: ignore[arg-type]


@blueprint.get("/healthz")
def alive() -> Response:
    """This process answers. (`make run` loads the demo data before the first process listens.)"""
    return Response("ok\n", mimetype="text/plain")


@blueprint.get("/readyz")
def ready() -> tuple[dict[str, Any], int]:
    """200 when every part answers and nothing is overdue, else 503; what is not set up is only named."""
    health = queries.health(current_app.config["MEDIA"])
    body = {
        "ready": health.ready,
        "parts": health.parts,
        "overdue_closes": health.overdue_closes,
        "not_set_up": config.not_set_up(current_app.config),
    }
    return body, 200 if health.ready else 503


@blueprint.get("/metrics")
def numbers() -> Response:
    health = queries.health(current_app.config["MEDIA"])
    gauges = {} if health.overdue_closes is None else {"overdue_closes": float(health.overdue_closes)}
    return Response(metrics.text(health.parts, gauges), content_type=CONTENT_TYPE_LATEST)
