"""Periodic work about accounts."""

from auctionapp.accounts import services


def forget_old() -> None:
    """Remove what expired: sessions, tokens, codes."""
    services.forget_old()
