"""What notices and their mails say. Plain text: templates escape it, mails are not HTML (fault 55)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from auctionapp.formatting import local_time
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


def outbid(lot: Lot, user_id: int, bid_id: int, version: int) -> Notice:
    return Notice(user_id, "outbid", f"outbid:{bid_id}:{version}",
                  f"You were outbid on {lot.title}: the bid is {lot.price} now.", f"{lot.path}#bid-panel", lot.id,
                  title=lot.title)


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


def passed_over(lot: Lot, user_id: int) -> Notice:
    return Notice(user_id, "passed_over", f"passed_over:{lot.id}:{user_id}",
                  f"Bids on {lot.title} were taken out, and yours would lead again, but it could not be held: it counts no "
                  "more. You can bid anew.", f"{lot.path}#bid-panel", lot.id, title=lot.title)


def ending(lot: Lot, user_id: int, ends_at: datetime, left: timedelta, zone: ZoneInfo, has_bids: bool, leads: bool,
           key: str) -> Notice:
    """A watched lot ends soon; `key` names the reminder and the end that it belongs to."""
    minutes = max(1, round(left / timedelta(minutes=1)))
    soon = "in an hour" if minutes == 60 else "in a minute" if minutes == 1 else f"in {minutes} minutes"
    bid = f"The bid is {lot.price}." if has_bids else f"Nobody has bid yet: it starts at {lot.price}."
    text = f"{lot.title} ends {soon}: {local_time(ends_at, zone)}. {bid}{' You are leading.' if leads else ''}"
    return Notice(user_id, "ending", f"ending:{lot.id}:{user_id}:{key}", text, f"{lot.path}#bid-panel", lot.id, title=lot.title)


STOPPED = {"suspended": "{title} is suspended by the house: {reason} Nothing is held for it meanwhile.",
           "cancelled": "{title} was withdrawn by the house: {reason} Its bids are void and nothing is held for it.",
           "open": "{title} goes on: bids are taken again."}


def stopped(lot: Lot, user_id: int, state: str, reason: str, version: int) -> Notice:
    """What the house did to a lot; the reason is a public one."""
    ended = reason if reason.endswith((".", "?")) else f"{reason}."
    text = STOPPED[state].format(title=lot.title, reason=ended)
    return Notice(user_id, "stopped", f"stopped:{lot.id}:{version}:{user_id}", text if len(text) <= 300 else f"{text[:299]}…",
                  lot.path, lot.id, title=lot.title)


def ended_early(lot: Lot, user_id: int, reason: str) -> Notice:
    """What a seller's own ending (R9) means for a bidder; the reason is a public one."""
    ended = reason if reason.endswith((".", "?")) else f"{reason}."
    text = f"The seller ended {lot.title} early: {ended} Its bids are void and nothing is held for it."
    return Notice(user_id, "stopped", f"ended_early:{lot.id}:{user_id}", text if len(text) <= 300 else f"{text[:299]}…",
                  lot.path, lot.id, title=lot.title)


def second_chance_key(offer_id: int, state: str) -> str:
    """Of the notice that tells of an offer in this state."""
    return f"second_chance:{offer_id}:{state}"


def second_chance(lot: Lot, offer_id: int, state: str, bidder_id: int, seller_id: int) -> list[Notice]:
    """What becomes of an offer (R4), to those who learn it by this; an accepted one is told like any sale."""
    path, key = f"/dashboard/offers/{offer_id}", second_chance_key(offer_id, state)
    desk = f"/dashboard/auctions/{lot.id}"
    to_bidder = {
        "open": f"{lot.title} was not sold, and the seller offers it to you for {lot.price}. You have 48 hours to answer.",
        "lapsed": f"The offer of {lot.title} has lapsed without your answer.",
        "withdrawn": f"The seller has withdrawn the offer of {lot.title}.",
    }
    to_seller = {
        "declined": f"The highest bidder declined your offer of {lot.title}.",
        "lapsed": f"Your offer of {lot.title} has lapsed: the highest bidder did not answer.",
    }
    told = []
    if state in to_seller:
        told.append(Notice(seller_id, "offer_over", key, to_seller[state], desk, lot.id, title=lot.title))
    if state in to_bidder:
        told.append(Notice(bidder_id, "second_chance", f"{key}:bidder" if told else key, to_bidder[state], path, lot.id,
                           title=lot.title))
    return told


def payment(payment_id: int, user_id: int, kind: str, completed: bool, amount_cents: int, currency: str) -> Notice:
    what = "deposit" if kind == "deposit" else "withdrawal"
    amount = f"{shown_amount(amount_cents)} {currency}"
    text = f"Your {what} of {amount} was completed." if completed else (
        f"Your {what} of {amount} failed." + ("" if kind == "deposit" else " The money is available again."))
    return Notice(user_id, "payment", f"payment:{payment_id}", text, "/dashboard/wallet")


NEW_MESSAGES = "New messages"


def messages(conversation_id: int, user_id: int, where: str, first_number: int) -> Notice:
    """One for each person and chat; the list puts their number in the place of the first words."""
    return Notice(user_id, "message", f"message:{conversation_id}:{user_id}", f"{NEW_MESSAGES} {where}",
                  f"/inbox/{conversation_id}", conversation_id=conversation_id, number=first_number)


def counted(text: str, count: int) -> str:
    """A notice of messages, with how many they are now."""
    number = "A new message" if count == 1 else f"{count} new messages"
    return number + text.removeprefix(NEW_MESSAGES)


def request_key(asked_id: int, asker_id: int) -> str:
    return f"friend_request:{asker_id}:{asked_id}"


def friend_request(asked_id: int, asker_id: int, asker: str) -> Notice:
    return Notice(asked_id, "friend_request", request_key(asked_id, asker_id), f"{asker} would like to be your friend.",
                  f"/people/{asker_id}")


def friend_accepted(asker_id: int, asked_id: int, asked: str) -> Notice:
    return Notice(asker_id, "friend_accepted", f"friend_accepted:{asked_id}:{asker_id}",
                  f"{asked} accepted your request: you are friends.", f"/people/{asked_id}")


def comment(comment_id: int, post_id: int, user_id: int, author: str, title: str) -> Notice:
    return Notice(user_id, "comment", f"comment:{comment_id}", f"{author} commented on “{title}”.",
                  f"/posts/{post_id}#comment-{comment_id}")


def reply(comment_id: int, post_id: int, user_id: int, author: str, title: str) -> Notice:
    return Notice(user_id, "comment", f"reply:{comment_id}", f"{author} answered your comment on “{title}”.",
                  f"/posts/{post_id}#comment-{comment_id}")


def like(post_id: int, user_id: int, newest: Sequence[str], count: int, title: str) -> Notice:
    """One for each post; `newest` are the names of the last two who like it."""
    if count == 1:
        who = f"{newest[0]} likes"
    elif count == 2:
        who = f"{newest[0]} and {newest[1]} like"
    else:
        who = f"{newest[0]} and {count - 1} others like"
    return Notice(user_id, "like", f"like:{post_id}", f"{who} “{title}”.", f"/posts/{post_id}", number=count)


def report(user_id: int, first_id: int, newest_id: int, subject_kind: str, count: int) -> Notice:
    """One for each administrator, written anew with every report; `first_id` is the first that was not seen."""
    what = {"auction": "a lot"}.get(subject_kind, f"a {subject_kind}")
    text = f"Somebody reported {what}." if count == 1 else f"{count} new reports, the last of {what}."
    path = f"/admin/reports/{newest_id}/" if count == 1 else "/admin/reports/"
    return Notice(user_id, "report", f"reports:{user_id}", text, path, number=first_id)


# -- mail --------------------------------------------------------------------------------------------------------

SUBJECTS = {"outbid": "You were outbid", "won": "You won", "lost": "An auction has ended", "sold": "Your lot was sold",
            "unsold": "Your lot was not sold", "reserve": "The reserve is met", "passed_over": "Your bid counts no more",
            "stopped": "News of a lot", "ending": "A lot that you watch ends soon",
            "second_chance": "Second chance", "offer_over": "Your second-chance offer"}
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
