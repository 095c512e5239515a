"""Every table, for migrations and for whoever needs the whole schema at once."""

from auctionapp.accounts import models as accounts
from auctionapp.announcements import models as announcements
from auctionapp.auctions import models as auctions
from auctionapp.audit import AdminAction
from auctionapp.chat import models as chat
from auctionapp.idempotency import IdempotencyKey
from auctionapp.mail import models as mail
from auctionapp.notifications import models as notifications
from auctionapp.people import models as people
from auctionapp.posts import models as posts
from auctionapp.quotas import QuotaSetting
from auctionapp.reports import models as reports
from auctionapp.topics import TopicEvent
from auctionapp.wallet import models as wallet

__all__ = [
    "AdminAction", "IdempotencyKey", "QuotaSetting", "TopicEvent", "accounts", "announcements", "auctions", "chat", "mail",
    "notifications", "people", "posts", "reports", "wallet",
]
