"""Every setting of the house, read once from the environment. `.env.example` lists them for people."""

import hashlib
import os
import secrets
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent
VAR = Path(os.environ.get("VAR_DIR") or ROOT / "var").resolve()

MODES = ("development", "production", "testing")


class UnsafeConfiguration(RuntimeError):
    """Production was asked to start with a setting that would not be safe, or a setting is only half there."""


@dataclass(frozen=True)
class Bucket:
    """Where pictures are kept instead of a folder: S3, or what speaks it at `endpoint_url`."""

    name: str
    endpoint_url: str = ""
    region: str = ""


def load(environ: Mapping[str, str] = os.environ) -> dict[str, Any]:
    """Return Flask's configuration for this environment.

    Raises UnsafeConfiguration when production lacks a secret key, or is asked to debug, and when S3 is half set up.
    """
    mode = environ.get("GAVEL_ENV", "development")
    if mode not in MODES:
        raise UnsafeConfiguration(f"GAVEL_ENV is {mode!r}; it must be one of {', '.join(MODES)}.")
    production = mode == "production"
    public_url = environ.get("PUBLIC_URL", "").rstrip("/")
    gateway = environ.get("GATEWAY", "" if production else "sandbox")
    settings: dict[str, Any] = {
        "MODE": mode,
        "PRODUCTION": production,
        "SECRET_KEY": environ.get("SECRET_KEY") or ("" if production else _development_secret()),
        "SQLALCHEMY_DATABASE_URI": database_url(environ.get("DATABASE_URL", "")),
        "REDIS_URL": environ.get("REDIS_URL") or f"unix://{redis_socket()}",
        "PUBLIC_URL": public_url or ("" if production else f"http://127.0.0.1:{environ.get('PORT') or 8000}"),
        "PUBLIC_URL_GIVEN": bool(public_url),
        "MAIL_URL": environ.get("MAIL_URL", ""),
        "MAIL_FROM": environ.get("MAIL_FROM", "Gavel <gavel@localhost>"),
        "OUTBOX": VAR / "outbox",
        "GATEWAY": gateway,
        "GATEWAY_SECRET": environ.get("GATEWAY_SECRET", ""),
        "SANDBOX_AUTO_APPROVE": _flag(environ, "SANDBOX_AUTO_APPROVE", False),
        "CURRENCY": environ.get("CURRENCY", "EUR"),
        "SITE_NAME": environ.get("SITE_NAME", "Gavel"),
        "SITE_TIME_ZONE": environ.get("SITE_TIME_ZONE", "UTC"),
        "SELLERS": environ.get("SELLERS", "open"),
        "MEDIA": _bucket(environ) or Path(environ.get("MEDIA_DIR") or VAR / "media"),
        "PROXY_HOPS": int(environ.get("PROXY_HOPS") or 0),
        "RATELIMIT_ENABLED": _flag(environ, "RATELIMIT_ENABLED", True),
        "GATHER_IN_BACKGROUND": False,
        "MAX_CONTENT_LENGTH": 64 * 1024 * 1024,
        "MAX_FORM_MEMORY_SIZE": 1024 * 1024,
        "SESSION_COOKIE_NAME": "gavel",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": production and public_url.startswith("https://"),
        "WTF_CSRF_TIME_LIMIT": None,
    }
    if production:
        _refuse_unsafe(settings, environ)
    return settings


def redis_socket() -> Path:
    """Where the Redis of `make run` listens. The system allows 107 bytes: a deep project gets a shorter place."""
    path = VAR / "redis" / "redis.sock"
    if len(os.fsencode(path)) <= 107:
        return path
    label = hashlib.sha256(os.fsencode(VAR)).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"gavel-{os.getuid()}-{label}" / "redis.sock"


def database_url(given: str) -> str:
    """Name the driver that we install, whatever a platform calls PostgreSQL; without a value, the local file."""
    if not given:
        return f"sqlite:///{VAR / 'gavel.sqlite3'}"
    for prefix in ("postgres://", "postgresql://"):
        if given.startswith(prefix):
            return "postgresql+psycopg://" + given[len(prefix):]
    return given


def trusted_hosts(settings: Mapping[str, Any]) -> set[str]:
    """Host names that are served; empty means any (production without PUBLIC_URL, which writes none of them)."""
    hosts = {urlsplit(settings["PUBLIC_URL"]).hostname} if settings["PUBLIC_URL_GIVEN"] else set()
    if not settings["PRODUCTION"]:
        hosts |= {"localhost", "127.0.0.1"}
    return {host for host in hosts if host}


def not_set_up(settings: Mapping[str, Any]) -> list[str]:
    """The settings whose absence switches something off, in words for the log and `/readyz`."""
    if not settings["PRODUCTION"]:
        return []
    missing = {
        "PUBLIC_URL": "PUBLIC_URL: registration is off, mail cannot carry links",
        "MAIL_URL": "MAIL_URL: registration is off, no mail is sent",
        "GATEWAY": "GATEWAY: deposits and withdrawals are off",
    }
    return [words for name, words in missing.items() if not settings[name]]


def _refuse_unsafe(settings: Mapping[str, Any], environ: Mapping[str, str]) -> None:
    if len(settings["SECRET_KEY"]) < 16:
        raise UnsafeConfiguration("Production needs SECRET_KEY: a random text of at least 16 characters.")
    if _flag(environ, "FLASK_DEBUG", False):
        raise UnsafeConfiguration("Production does not start with FLASK_DEBUG on.")
    if settings["GATEWAY"] == "sandbox" and not _flag(environ, "ALLOW_SANDBOX", False):
        raise UnsafeConfiguration("GATEWAY=sandbox moves no real money; set ALLOW_SANDBOX=1 to run it in production.")


def _bucket(environ: Mapping[str, str]) -> Bucket | None:
    """The bucket for pictures, or None: then a folder. Half a bucket would keep pictures where nobody expects them."""
    name, endpoint, region = (environ.get("S3_BUCKET", ""), environ.get("S3_ENDPOINT_URL", "").rstrip("/"),
                              environ.get("S3_REGION", ""))
    if not name:
        if endpoint or region:
            raise UnsafeConfiguration("S3_ENDPOINT_URL and S3_REGION say nothing without S3_BUCKET.")
        return None
    if bool(environ.get("AWS_ACCESS_KEY_ID")) != bool(environ.get("AWS_SECRET_ACCESS_KEY")):
        raise UnsafeConfiguration("AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY go together: set both or neither.")
    if not endpoint and not region:
        raise UnsafeConfiguration("S3_BUCKET needs S3_REGION (Amazon's), or S3_ENDPOINT_URL (any other's).")
    if endpoint and (urlsplit(endpoint).scheme not in ("http", "https") or not urlsplit(endpoint).hostname):
        raise UnsafeConfiguration("S3_ENDPOINT_URL is an address that begins with https:// or http://.")
    return Bucket(name, endpoint, region)


def _development_secret() -> str:
    """One random secret per checkout, so that restarts keep everybody signed in."""
    path = VAR / "secret_key"
    VAR.mkdir(exist_ok=True)
    try:
        with open(path, "x", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
            file.write(secrets.token_hex(32))
    except FileExistsError:
        pass
    return path.read_text()


def _flag(environ: Mapping[str, str], name: str, default: bool) -> bool:
    value = environ.get(name)
    return default if value is None or value == "" else value.lower() in ("1", "true", "yes", "on")
