"""What notices and their mails say. Plain text: templates escape it, mails are not HTML (fault 55)."""

from collections.abc import Sequence
from dataclasses import dataclass

from auctionapp.mail.site import Site
from auctionapp.money import shown_amount


@dataclass(frozen=True)
class Notice:
    """One notice to one person; the key makes it happen once."""

    user_id: int
    kind: str
    """A name of `kinds.KINDS`."""
    key: str
    text: str
    path: str
    auction_id: int | None = None
    conversation_id: int | None = None
    number: int | None = None
    """As in `models.Notice`."""
    title: str = ""
    """What the subject of its mail names."""


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
                  f"{lot.path}#bid-panel", lot.id, title=lot.title)


def won(lot: Lot, user_id: int) -> Notice:
    return Notice(user_id, "won", f"won:{lot.id}",
                  f"You won {lot.title} for {lot.price}. Arrange the hand-over with the seller.",
                  f"{lot.path}/handover", lot.id, title=lot.title)


def lost(lot: Lot, user_id: int, sold: bool) -> Notice:
    text = (f"{lot.title} went to another bidder for {lot.price}." if sold else
            f"{lot.title} was not sold: the reserve was not met. Nothing is held from you for it.")
    return Notice(user_id, "lost", f"lost:{lot.id}:{user_id}", text, lot.path, lot.id, title=lot.title)


def sold(lot: Lot, user_id: int) -> Notice:
    return Notice(user_id, "sold", f"sold:{lot.id}",
                  f"{lot.title} was sold for {lot.price}. Arrange the hand-over with the winner.",
                  f"{lot.path}/handover", lot.id, title=lot.title)


def unsold(lot: Lot, user_id: int, had_bids: bool) -> Notice:
    why = "the reserve was not met" if had_bids else "nobody bid"
    return Notice(user_id, "unsold", f"unsold:{lot.id}", f"{lot.title} was not sold: {why}.", lot.path, lot.id, title=lot.title)


def reserve_reached(lot: Lot, user_id: int) -> Notice:
    return Notice(user_id, "reserve", f"reserve:{lot.id}:{user_id}",
                  f"The seller of {lot.title} lowered the reserve, and it is met now: the bid is {lot.price}.",
                  f"{lot.path}#bid-panel", lot.id, title=lot.title)


def payment(payment_id: int, user_id: int, kind: str, completed: bool, amount_cents: int, currency: str) -> Notice:
    what = "deposit" if kind == "deposit" else "withdrawal"
    amount = f"{shown_amount(amount_cents)} {currency}"
    text = f"Your {what} of {amount} was completed." if completed else (
        f"Your {what} of {amount} failed." + ("" if kind == "deposit" else " The money is available again."))
    return Notice(user_id, "payment", f"payment:{payment_id}", text, "/dashboard/wallet")


def report(user_id: int, first_id: int, newest_id: int, subject_kind: str, count: int) -> Notice:
    """One for each administrator, written anew with every report; `first_id` is the first that was not seen."""
    what = {"auction": "a lot"}.get(subject_kind, f"a {subject_kind}")
    text = f"Somebody reported {what}." if count == 1 else f"{count} new reports, the last of {what}."
    return Notice(user_id, "report", f"reports:{user_id}", text, f"/reports#report-{newest_id}", number=first_id)


# -- mail --------------------------------------------------------------------------------------------------------

SUBJECTS = {"outbid": "You were outbid", "won": "You won", "lost": "An auction has ended", "sold": "Your lot was sold",
            "unsold": "Your lot was not sold", "reserve": "The reserve is met"}
MANY = {"outbid": "You were outbid on {} lots", "message": "New messages in {} chats",
        "friend_request": "{} people want to be your friends", "friend_accepted": "{} people accepted your request",
        "comment": "{} comments on what you wrote", "like": "{} of your posts are liked",
        "report": "{} reports"}
LISTED = 20


def mail(notices: Sequence[Notice], site: Site, end: str) -> tuple[str, str]:
    """Subject and body of a mail that tells of these, all of one kind; `end` is the link that ends such mails."""
    first = notices[0]
    if len(notices) > 1:
        subject = MANY[first.kind].format(len(notices))
    else:
        subject = f"{SUBJECTS[first.kind]}: {first.title}" if first.kind in SUBJECTS else first.text
    told = [f"{one.text}\n\n{site.url(one.path)}" for one in notices[:LISTED]]
    if len(notices) > LISTED:
        told.append(f"And {len(notices) - LISTED} more: {site.url('/notifications')}")
    body = ["Hello,", *told, site.name,
            f"-- \nNo more mails of this kind: {end}\nAll choices: {site.url('/dashboard/notices')}\n"]
    return subject, "\n\n".join(body)
