"""What may be reported, and how often."""

from auctionapp.errors import Conflict, NotAllowed

KINDS = ("auction", "message", "post", "comment", "person")
REASON_LENGTH = 1000


class TooManyReports(Conflict):
    slug = "too-many-reports"
    status = 429
    text = "You have reported a lot today. Please write again tomorrow."


class OwnSubject(NotAllowed):
    text = "This is your own: you can change or delete it yourself."
