"""Taking posts and comments away by the house, after a report. Their words stay in the row, for whoever looks at reports."""

from auctionapp import audit
from auctionapp.audit import Actor
from auctionapp.clock import Clock, database_clock
from auctionapp.errors import NotFound
from auctionapp.extensions import db
from auctionapp.posts import services
from auctionapp.posts.models import Comment, Post


def remove_post(actor: Actor, post_id: int, reason: str, clock: Clock = database_clock) -> None:
    """Take a post away in its author's place. Raises NotFound, ReasonMissing."""
    reason = audit.clean_reason(reason)
    post = db.session.get(Post, post_id, populate_existing=True)
    if post is None:
        raise NotFound()
    services.delete(post_id, post.author_id, clock, log=lambda session, now: audit.record(
        session, actor, "remove_post", "post", post_id, now, {"deleted": False}, {"deleted": True}, reason))


def remove_comment(actor: Actor, comment_id: int, reason: str, clock: Clock = database_clock) -> None:
    """Take a comment away in its author's place. Raises NotFound, ReasonMissing."""
    reason = audit.clean_reason(reason)
    comment = db.session.get(Comment, comment_id, populate_existing=True)
    if comment is None:
        raise NotFound()
    services.remove_comment(comment.post_id, comment_id, comment.author_id, clock, log=lambda session, now: audit.record(
        session, actor, "remove_comment", "comment", comment_id, now, {"deleted": False}, {"deleted": True}, reason))
