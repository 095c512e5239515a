"""What notices and their mails say. Plain text: templates escape it, mails are not HTML (fault 55)."""

from dataclasses import dataclass

from auctionapp.mail.site import Site
from auctionapp.money import shown_amount


@dataclass(frozen=True)
class Notice:
    """One notice to one person; the key makes it happen once."""

    user_id: int
    kind: str
    key: str
    text: str
    path: str
    auction_id: int | None = None
    by_mail: bool = True
    """At once; a lost lead is mailed later, if it is still unread (`services.mail_outbid`)."""


@dataclass(frozen=True)
class Lot:
    """What is said of an auction; the price in cents with the site's currency."""

    id: int
    title: str
    price_cents: int | None
    currency: str

    @property
    def path(self) -> str:
        return f"/auctions/{self.id}"

    @property
    def price(self) -> str:
        return f"{shown_amount(self.price_cents or 0)} {self.currency}"


def outbid(lot: Lot, user_id: int, bid_id: int) -> Notice:
    return Notice(user_id, "outbid", f"outbid:{bid_id}", f"You were outbid on {lot.title}: the bid is {lot.price} now.",
                  f"{lot.path}#bid-panel", lot.id, by_mail=False)


def won(lot: Lot, user_id: int) -> Notice:
    return Notice(user_id, "won", f"won:{lot.id}",
                  f"You won {lot.title} for {lot.price}. Arrange the hand-over with the seller.",
                  f"{lot.path}/handover", lot.id)


def lost(lot: Lot, user_id: int, sold: bool) -> Notice:
    text = (f"{lot.title} went to another bidder for {lot.price}." if sold else
            f"{lot.title} was not sold: the reserve was not met. Nothing is held from you for it.")
    return Notice(user_id, "lost", f"lost:{lot.id}:{user_id}", text, lot.path, lot.id)


def sold(lot: Lot, user_id: int) -> Notice:
    return Notice(user_id, "sold", f"sold:{lot.id}",
                  f"{lot.title} was sold for {lot.price}. Arrange the hand-over with the winner.",
                  f"{lot.path}/handover", lot.id)


def unsold(lot: Lot, user_id: int, had_bids: bool) -> Notice:
    why = "the reserve was not met" if had_bids else "nobody bid"
    return Notice(user_id, "unsold", f"unsold:{lot.id}", f"{lot.title} was not sold: {why}.", lot.path, lot.id)


def reserve_reached(lot: Lot, user_id: int) -> Notice:
    return Notice(user_id, "reserve", f"reserve:{lot.id}:{user_id}",
                  f"The seller of {lot.title} lowered the reserve, and it is met now: the bid is {lot.price}.",
                  f"{lot.path}#bid-panel", lot.id)


def payment(payment_id: int, user_id: int, kind: str, completed: bool, amount_cents: int, currency: str) -> Notice:
    what = "deposit" if kind == "deposit" else "withdrawal"
    amount = f"{shown_amount(amount_cents)} {currency}"
    text = f"Your {what} of {amount} was completed." if completed else (
        f"Your {what} of {amount} failed." + ("" if kind == "deposit" else " The money is available again."))
    return Notice(user_id, "payment", f"payment:{payment_id}", text, "/dashboard/wallet", by_mail=False)


SUBJECTS = {"outbid": "You were outbid", "won": "You won", "lost": "An auction has ended", "sold": "Your lot was sold",
            "unsold": "Your lot was not sold", "reserve": "The reserve is met"}


def mail(notice: Notice, title: str, site: Site) -> tuple[str, str]:
    """Subject and body."""
    subject = f"{SUBJECTS[notice.kind]}: {title}"
    return subject, f"""Hello,

{notice.text}

{site.url(notice.path)}

{site.name}
"""
