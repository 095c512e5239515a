"""Telling people what others did: asked for friendship, answered them, liked what they posted.

Each function takes many at once and looks at the database again, so that a storm costs a few transactions a second,
and a reaction that runs twice, or a sweep after it, changes nothing.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import case, exists, func, select, tuple_, update
from sqlalchemy.orm import Session, aliased

from auctionapp import transaction
from auctionapp.accounts.models import User
from auctionapp.clock import Clock, database_clock
from auctionapp.events import NoticesCreated, announce
from auctionapp.extensions import db
from auctionapp.mail.site import Site
from auctionapp.notifications import words
from auctionapp.notifications.models import Notice
from auctionapp.notifications.services.writing import notify
from auctionapp.people.models import Friendship, PersonBlock
from auctionapp.people.rules import TOLD_AGAIN_AFTER
from auctionapp.posts.models import Comment, Post, PostLike

NO_PAUSE = timedelta(0)
_asker, _other = aliased(User), aliased(User)


# -- friends -----------------------------------------------------------------------------------------------------


def tell_requests(pairs: Collection[tuple[int, int]], site: Site, clock: Clock = database_clock) -> None:
    """Tell people who was asked for friendship: pairs of who asks and who is asked.

    Once in 30 days for the same two, however often the request is withdrawn and made again.
    """
    def work(session: Session) -> None:
        rows = _friendships(pairs).where(
            Friendship.accepted_at.is_(None), Friendship.declined_at.is_(None), Friendship.withdrawn_at.is_(None))
        _tell_newer(session, [(words.friend_request(row.other_id, row.requester_id, row.asker), row.created_at)
                              for row in session.execute(rows)], site, clock.now(session), TOLD_AGAIN_AFTER)

    transaction.write(work)


def tell_accepted(pairs: Collection[tuple[int, int]], site: Site, clock: Clock = database_clock) -> None:
    """Tell who had asked that the answer was yes: pairs of who asked and who accepted. The request is answered and so
    read."""
    def work(session: Session) -> None:
        rows = session.execute(_friendships(pairs).where(Friendship.accepted_at.is_not(None))).all()
        now = clock.now(session)
        _mark_keys_read(session, [words.request_key(row.other_id, row.requester_id) for row in rows], now)
        _tell_newer(session, [(words.friend_accepted(row.requester_id, row.other_id, row.other), row.accepted_at)
                              for row in rows], site, now)

    transaction.write(work)


def read_refused(pairs: Collection[tuple[int, int]], clock: Clock = database_clock) -> None:
    """What was declined has been read: pairs of who asked and who was asked."""
    transaction.write(lambda session: _mark_keys_read(
        session, [words.request_key(asked_id, asker_id) for asker_id, asked_id in pairs], clock.now(session)))


def _friendships(pairs: Collection[tuple[int, int]]) -> Any:
    other_id = case((Friendship.low_id == Friendship.requester_id, Friendship.high_id), else_=Friendship.low_id)
    return (
        select(Friendship.requester_id, other_id.label("other_id"), Friendship.created_at, Friendship.accepted_at,
               _asker.display_name.label("asker"), _other.display_name.label("other"))
        .join(_asker, _asker.id == Friendship.requester_id).join(_other, _other.id == other_id)
        .where(tuple_(Friendship.low_id, Friendship.high_id).in_([tuple(sorted(pair)) for pair in pairs]),
               tuple_(Friendship.requester_id, other_id).in_(list(pairs))))


def _tell_newer(session: Session, told: Sequence[tuple[words.Notice, datetime]], site: Site, now: datetime,
                pause: timedelta = NO_PAUSE) -> None:
    """Write those notices anew whose key is missing, or was last told longer than `pause` before it happened again."""
    last = dict(session.execute(
        select(Notice.key, Notice.created_at).where(Notice.key.in_([notice.key for notice, _ in told]))).all())
    notify(session, [notice for notice, happened_at in told
                     if notice.key not in last or last[notice.key] < happened_at - pause], site, now, again=True)


def _mark_keys_read(session: Session, keys: Sequence[str], now: datetime) -> None:
    read = session.execute(
        update(Notice).where(Notice.key.in_(keys), Notice.read_at.is_(None)).values(read_at=now).returning(Notice.user_id)
        .execution_options(synchronize_session=False)).all()
    if read:
        announce(session, NoticesCreated((), tuple(sorted({user_id for user_id, in read}))))


# -- posts -------------------------------------------------------------------------------------------------------


def tell_comments(comment_ids: Collection[int], site: Site, clock: Clock = database_clock) -> None:
    """Tell a post's author of comments, and a comment's author of answers to it; nobody of themselves, or of people whom
    they have blocked."""
    answered, author = aliased(Comment), aliased(User)

    def work(session: Session) -> None:
        rows = session.execute(
            select(Comment.id, Comment.post_id, Comment.author_id, author.display_name, Post.title,
                   Post.author_id.label("poster_id"), answered.author_id.label("answered_id"))
            .join(Post, Post.id == Comment.post_id).join(author, author.id == Comment.author_id)
            .outerjoin(answered, answered.id == Comment.parent_id)
            .where(Comment.id.in_(comment_ids), Comment.deleted_at.is_(None), Post.deleted_at.is_(None),
                   author.blocked_at.is_(None)).order_by(Comment.id)).all()
        silenced = {(row.author_id, row.author_id) for row in rows} | _blocks(session, {row.author_id for row in rows})
        notices = []
        for row in rows:
            if row.poster_id != row.answered_id and (row.poster_id, row.author_id) not in silenced:
                notices.append(words.comment(row.id, row.post_id, row.poster_id, row.display_name, row.title))
            if row.answered_id is not None and (row.answered_id, row.author_id) not in silenced:
                notices.append(words.reply(row.id, row.post_id, row.answered_id, row.display_name, row.title))
        notify(session, notices, site, clock.now(session))

    transaction.write(work)


def _blocks(session: Session, blocked_ids: Collection[int]) -> set[tuple[int, int]]:
    """Who has blocked these people, as pairs of blocker and blocked."""
    return {(row.blocker_id, row.blocked_id) for row in session.execute(
        select(PersonBlock.blocker_id, PersonBlock.blocked_id).where(PersonBlock.blocked_id.in_(blocked_ids)))}


def tell_likes(post_ids: Collection[int], site: Site, clock: Clock = database_clock) -> None:
    """Tell authors who likes their posts: one notice for each post, written anew when more people like it than it
    ever told of. So liking again what one no longer liked is no news."""
    def work(session: Session) -> None:
        notify(session, _untold_likes(session, post_ids), site, clock.now(session), again=True)

    if _untold_likes(db.session(), post_ids):
        transaction.write(work)


def _untold_likes(session: Session, post_ids: Collection[int]) -> list[words.Notice]:
    liker = aliased(User)
    likes = (
        select(PostLike.post_id, Post.author_id, Post.title, liker.display_name,
               func.count().over(partition_by=PostLike.post_id).label("likes"),
               func.row_number().over(partition_by=PostLike.post_id,
                                      order_by=(PostLike.created_at.desc(), PostLike.user_id)).label("place"))
        .join(Post, Post.id == PostLike.post_id).join(liker, liker.id == PostLike.user_id)
        .where(PostLike.post_id.in_(post_ids), PostLike.user_id != Post.author_id, Post.deleted_at.is_(None),
               liker.blocked_at.is_(None), ~exists().where(
                   PersonBlock.blocker_id == Post.author_id, PersonBlock.blocked_id == PostLike.user_id)).subquery())
    newest = defaultdict(list)
    for row in session.execute(select(likes).where(likes.c.place <= 2).order_by(likes.c.place)):
        newest[row.post_id].append(row)
    notices = [words.like(post_id, rows[0].author_id, [row.display_name for row in rows], rows[0].likes, rows[0].title)
               for post_id, rows in newest.items()]
    told = dict(session.execute(select(Notice.key, Notice.number).where(
        Notice.key.in_([notice.key for notice in notices]))).all())
    return [notice for notice in notices if (notice.number or 0) > told.get(notice.key, 0)]
