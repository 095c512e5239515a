"""The application factory. `wiring.py` says which blueprints, reactions and filters belong to it."""

import logging
from collections.abc import Callable, Mapping
from typing import Any

from flask import Flask
from jinja2 import StrictUndefined
from werkzeug.middleware.proxy_fix import ProxyFix

import config
from auctionapp import security, wiring
from auctionapp.api import short_way
from auctionapp.extensions import (
    csrf,
    db,
    engine_options,
    limiter,
    login_manager,
    offer_migrations,
    prepare_postgresql,
    prepare_sqlite,
)
from auctionapp.static_files import StaticFiles

log = logging.getLogger(__name__)


class House(StaticFiles):
    """Flask, told that no function of ours is a coroutine: it would look again for each hook of each request."""

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        return func


def create_app(overrides: Mapping[str, Any] | None = None) -> Flask:
    """Build the application from the environment; `overrides` are settings that tests and tools change.

    Raises config.UnsafeConfiguration when production is asked to start unsafely.
    """
    app = House(__name__, root_path=str(config.ROOT), template_folder="templates", static_folder="static")
    app.config.update(config.load())
    app.config.update(overrides or {})
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = engine_options(app.config["SQLALCHEMY_DATABASE_URI"])
    app.config["RATELIMIT_STORAGE_URI"] = app.config["REDIS_URL"].replace("unix://", "redis+unix://")
    app.config["RATELIMIT_IN_MEMORY_FALLBACK_ENABLED"] = True
    app.config["RATELIMIT_HEADERS_ENABLED"] = True
    app.config["RATELIMIT_STRATEGY"] = "moving-window"  # a fixed one lets through twice as much around its edge
    app.config["RATELIMIT_STORAGE_OPTIONS"] = {"socket_timeout": 0.25, "socket_connect_timeout": 0.25}
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    if app.config["SQLALCHEMY_DATABASE_URI"].startswith("sqlite:///"):
        config.VAR.mkdir(exist_ok=True)
    db.init_app(app)
    offer_migrations(app, str(config.ROOT / "migrations"))
    csrf.init_app(app)
    login_manager.init_app(app)
    limiter.init_app(app)
    with app.app_context():
        prepare_postgresql(db.engine)
        prepare_sqlite(db.engine)
    security.install(app)
    wiring.install(app)
    short_way.install(app)
    if hops := app.config["PROXY_HOPS"]:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=0)  # type: ignore[method-assign]
    for words in config.not_set_up(app.config):
        log.warning("Not set up: %s", words)
    return app
