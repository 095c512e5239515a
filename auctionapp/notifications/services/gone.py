"""Notices of what is no more: nobody is led to a page that is not there, or mailed of it."""

from collections.abc import Collection, Sequence

from sqlalchemy import String, cast, delete, literal, or_, select, tuple_, union_all
from sqlalchemy.orm import Session

from auctionapp import transaction
from auctionapp.accounts.models import User
from auctionapp.events import NoticesCreated, announce
from auctionapp.notifications.models import Notice
from auctionapp.people.models import Friendship
from auctionapp.posts.models import Comment, Post


def forget_words(post_ids: Collection[int], comment_ids: Collection[int]) -> None:
    """Take away the notices of posts that were deleted, with all that was said under them, and of removed comments."""
    number = cast(Comment.id, String)
    these = or_(Comment.post_id.in_(post_ids), Comment.id.in_(comment_ids))
    keys = union_all(*(select((literal(kind) + number).label("key")).where(these) for kind in ("comment:", "reply:")),
                     select(literal("like:") + cast(Post.id, String)).where(Post.id.in_(post_ids))).subquery()

    def work(session: Session) -> None:
        gone = session.execute(
            delete(Notice).where(Notice.key.in_(select(keys.c.key))).returning(Notice.user_id)
            .execution_options(synchronize_session=False)).all()
        if gone:
            announce(session, NoticesCreated((), tuple(sorted({user_id for user_id, in gone}))))

    transaction.write(work)


def over(session: Session, notices: Sequence[Notice]) -> set[int]:
    """Ids of those of these notices that tell of a comment or post that was removed, or of a request for friendship that
    was answered or withdrawn."""
    found: set[int] = set()
    for kind, is_over in (("friend_request", _closed_requests), ("comment", _removed_comments), ("like", _deleted_posts)):
        told = {notice.id: tuple(map(int, notice.key.split(":")[1:])) for notice in notices if notice.kind == kind}
        ended = is_over(session, set(told.values())) if told else set()
        found |= {notice_id for notice_id, numbers in told.items() if numbers in ended}
    return found


Numbers = set[tuple[int, ...]]
"""What the keys of notices name, after their first word."""


def _closed_requests(session: Session, wanted: Numbers) -> Numbers:
    """Of pairs of who asked and who was asked, those whose request waits no more."""
    rows = session.execute(
        select(Friendship.requester_id, Friendship.low_id + Friendship.high_id - Friendship.requester_id).where(
            tuple_(Friendship.low_id, Friendship.high_id).in_([tuple(sorted(pair)) for pair in wanted]),
            or_(Friendship.accepted_at.is_not(None), Friendship.declined_at.is_not(None),
                Friendship.withdrawn_at.is_not(None))))
    return {tuple(row) for row in rows}


def _removed_comments(session: Session, wanted: Numbers) -> Numbers:
    rows = session.execute(
        select(Comment.id).join(Post, Post.id == Comment.post_id).join(User, User.id == Comment.author_id)
        .where(Comment.id.in_([number for number, in wanted]),
               or_(Comment.deleted_at.is_not(None), Post.deleted_at.is_not(None), User.blocked_at.is_not(None))))
    return {tuple(row) for row in rows}


def _deleted_posts(session: Session, wanted: Numbers) -> Numbers:
    rows = session.execute(
        select(Post.id).where(Post.id.in_([number for number, in wanted]), Post.deleted_at.is_not(None)))
    return {tuple(row) for row in rows}
