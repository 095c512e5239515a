"""Correcting a wallet: nobody edits a balance, an administrator may add one more transfer with a reason (fault 15)."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from auctionapp import audit, events, transaction
from auctionapp.accounts.models import User
from auctionapp.audit import Actor
from auctionapp.clock import Clock, database_clock
from auctionapp.errors import InsufficientFunds, InvalidAmount, NotFound
from auctionapp.money import shown_amount
from auctionapp.wallet import ledger
from auctionapp.wallet.models import PERSON_KINDS, Transfer
from auctionapp.wallet.services import MAXIMUM_PAYMENT_CENTS, MAXIMUM_WALLET_CENTS

REASON_MAX = 300


def adjust(actor: Actor, user_id: int, amount_cents: int, reason: str, key: str,
           clock: Clock = database_clock) -> bool:
    """Move an amount in cents between the gateway and what a person has available: added, or taken when negative.

    The same `key` again changes nothing and returns False. The person reads the reason in the own wallet. Raises
    NotFound, InvalidAmount, InsufficientFunds for more than is available, ReasonMissing.
    """
    reason = audit.clean_reason(reason)[:REASON_MAX]
    if amount_cents == 0 or abs(amount_cents) > MAXIMUM_PAYMENT_CENTS:
        raise InvalidAmount(f"At most {shown_amount(MAXIMUM_PAYMENT_CENTS)} at once, and not nothing.")
    transfer_key = f"adjustment:{key}"[:80]

    def work(session: Session) -> bool:
        if session.get(User, user_id) is None:
            raise NotFound()
        ledger.ensure_accounts(session, user_id)
        accounts = ledger.lock_accounts(session, [user_id], house=("gateway",))
        if session.scalar(select(Transfer.id).where(Transfer.key == transfer_key)) is not None:
            return False
        now, available = clock.now(session), accounts.balance(user_id, "available")
        if available + amount_cents < 0:
            raise InsufficientFunds(available, -amount_cents - available)
        if sum(accounts.balance(user_id, kind) for kind in PERSON_KINDS) + amount_cents > MAXIMUM_WALLET_CENTS:
            raise InvalidAmount(f"A wallet holds at most {shown_amount(MAXIMUM_WALLET_CENTS)}.")
        gateway, own = accounts.id(None, "gateway"), accounts.id(user_id, "available")
        debit, credit = (gateway, own) if amount_cents > 0 else (own, gateway)
        ledger.post(session, [ledger.Movement(debit, credit, abs(amount_cents), "adjustment", transfer_key,
                                              reason=reason)], now)
        events.announce(session, events.WalletChanged((user_id,)))
        audit.record(session, actor, "adjust", "person", user_id, now, {"available_cents": available},
                     {"available_cents": available + amount_cents, "amount_cents": amount_cents}, reason)
        return True

    return transaction.write(work)
