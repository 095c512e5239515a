"""Refusals that may be shown to people, each under a name that programs can test.

`slug` ends the problem type of the REST API (http-contract), `status` is the answer's code,
`extras` are further members of the problem details.
"""

from typing import Any

from auctionapp.money import format_amount, shown_amount


class DomainError(Exception):
    slug = "refused"
    status = 422
    text = "This is not possible."

    def __init__(self, text: str | None = None, **extras: Any):
        self.text = text or self.text
        self.extras = extras
        super().__init__(self.text)


class NotFound(DomainError):
    """There is no such thing, or it is not this person's."""

    slug = "not-found"
    status = 404
    text = "There is nothing here."


class NotAllowed(DomainError):
    slug = "not-allowed"
    status = 403
    text = "You may not do this."


class Conflict(DomainError):
    slug = "conflict"
    status = 409
    text = "This has changed in the meantime."


class Busy(DomainError):
    """The database could not take the transaction after several tries (fault 7)."""

    slug = "busy"
    status = 503
    text = "Too many people at once. Nothing was changed; please try again in a moment."


class DatabaseAway(DomainError):
    """The database refuses connections, or has dropped one in the middle of something."""

    slug = "database-away"
    status = 503
    text = "Our records are out of reach just now. Please try again in a moment."
    retry_after_seconds = 5


class NotSetUp(DomainError):
    slug = "not-set-up"
    status = 503
    text = "This is not set up here yet."


class InvalidAmount(DomainError):
    slug = "invalid-amount"
    text = "Write an amount such as 12.50, at least 0.01."


class BidTooLow(DomainError):
    slug = "bid-too-low"

    def __init__(self, next_minimum_cents: int, text: str | None = None):
        minimum = format_amount(next_minimum_cents)
        super().__init__(text or f"Bid at least {shown_amount(next_minimum_cents)}.", next_minimum_bid=minimum)
        self.next_minimum_cents = next_minimum_cents


class OwnMaximumAgain(BidTooLow):
    """R2: the leader named the own maximum again, or a lower one."""


class InsufficientFunds(DomainError):
    slug = "insufficient-funds"

    def __init__(self, available_cents: int, missing_cents: int):
        super().__init__(
            f"You have {shown_amount(available_cents)} available: add {shown_amount(missing_cents)}.",
            available=format_amount(available_cents),
        )
        self.available_cents = available_cents
        self.missing_cents = missing_cents


class AuctionNotLive(DomainError):
    slug = "auction-not-live"
    status = 409
    text = "This auction does not take bids now."


class OwnAuction(DomainError):
    slug = "own-auction"
    status = 403
    text = "You cannot bid on your own lot."


class IdempotencyKeyReuse(DomainError):
    slug = "idempotency-key-reuse"
    text = "This key was used for another request."


class Unauthorized(DomainError):
    """No token where one is needed, or one that is wrong, has expired or belongs to somebody blocked."""

    slug = "unauthorized"
    status = 401
    text = "Send a token: Authorization: Bearer TOKEN. POST /api/v1/tokens gives one."


class TokenEnded(Unauthorized):
    text = "This token is not valid, or no longer."
