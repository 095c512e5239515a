"""Every kind of notice: what its preference says, where it is told unless the person chose otherwise, and when by mail."""

from dataclasses import dataclass
from datetime import timedelta

SOON = timedelta(minutes=1)
AFTER_A_WHILE = timedelta(minutes=10)


@dataclass(frozen=True)
class Kind:
    name: str
    family: str
    """What the list is filtered by."""
    words: str
    """In the table of preferences and on the page that ends its mail."""
    icon: str
    by_mail: bool
    """Unless the person chose otherwise."""
    mail_after: timedelta | None = None
    """Mailed only if it is unread by then, with others of its kind in one mail; None is mailed at once."""
    admins_only: bool = False


FAMILIES = {"bids": "Bids", "sales": "Sales", "money": "Money", "messages": "Messages", "friends": "Friends",
            "posts": "Posts", "house": "House"}

KINDS = {kind.name: kind for kind in (
    Kind("outbid", "bids", "You were outbid", "arrow-up", True, SOON),
    Kind("won", "bids", "You won a lot", "trophy", True),
    Kind("lost", "bids", "A lot on which you bid went to somebody else", "gavel", True),
    Kind("ending", "bids", "A lot that you watch ends: an hour and ten minutes before", "clock", False),
    Kind("reserve", "bids", "A lowered reserve is met on a lot on which you bid", "gavel", True),
    Kind("passed_over", "bids", "Your bid would lead again, but could not be held", "warning", True),
    Kind("stopped", "bids", "A lot of yours, or with your bid, was suspended, withdrawn or goes on", "warning", True),
    Kind("second_chance", "bids", "A lot that ended below its reserve is offered to you", "tag", True),
    Kind("sold", "sales", "Your lot was sold", "tag", True),
    Kind("unsold", "sales", "Your lot was not sold", "box", True),
    Kind("offer_over", "sales", "Your second-chance offer was declined or has lapsed", "box", True),
    Kind("payment", "money", "A deposit or withdrawal was completed or failed", "wallet", True),
    Kind("message", "messages", "New messages in your inbox", "message", True, AFTER_A_WHILE),
    Kind("friend_request", "friends", "Somebody wants to be your friend", "people", True, AFTER_A_WHILE),
    Kind("friend_accepted", "friends", "Somebody accepted your request", "people", False, AFTER_A_WHILE),
    Kind("comment", "posts", "A comment on your post, or a reply to your comment", "comment", True, AFTER_A_WHILE),
    Kind("like", "posts", "Somebody likes your post", "heart", False, AFTER_A_WHILE),
    Kind("report", "house", "Somebody reported something", "flag", True, AFTER_A_WHILE, admins_only=True),
)}


def of_family(family: str) -> list[str]:
    """Names of the kinds of one family."""
    return [kind.name for kind in KINDS.values() if kind.family == family]
