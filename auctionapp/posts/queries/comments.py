"""Reads of what is said under a post: comments with their replies, oldest first, earlier ones by a key."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import exists, func, or_, select
from sqlalchemy.orm import aliased

from auctionapp.accounts.models import User
from auctionapp.errors import NotFound
from auctionapp.extensions import LARGEST_ID, db
from auctionapp.posts.models import Comment, Post
from auctionapp.posts.queries.posts import unblocked

AT_ONCE = 20
REPLIES_AT_ONCE = 10


@dataclass
class Replies:
    """Answers to one comment, oldest first, and the `before` of the earlier ones."""

    lines: list["Line"] = field(default_factory=list)
    earlier: int | None = None


@dataclass(frozen=True)
class Line:
    """A comment or a reply as everybody sees it."""

    id: int
    post_id: int
    parent_id: int | None
    author_id: int
    author: str
    author_picture: str | None
    of_post_author: bool
    text: str
    created_at: datetime
    removed: bool
    replies: Replies = field(default_factory=Replies)
    authors: tuple[int, ...] = ()
    """Of a broadcast: who wrote it and what it stands under. Who has blocked one of them is not shown it."""

    @property
    def thread_id(self) -> int:
        """The comment that an answer to this one stands under."""
        return self.parent_id or self.id


@dataclass(frozen=True)
class Thread:
    """Some comments of a post, oldest first, and the `before` of the earlier ones."""

    post_id: int
    lines: list[Line]
    earlier: int | None


def thread(post_id: int, viewer_id: int | None, before: int | None = None) -> Thread:
    """The newest twenty comments (or those before one's id), each with its newest ten replies."""
    reply = aliased(Comment)
    has_replies = exists(select(reply.id).where(reply.parent_id == Comment.id, reply.deleted_at.is_(None)))
    wanted = (_lines(viewer_id)
              .where(Comment.post_id == post_id, Comment.parent_id.is_(None),
                     or_(Comment.deleted_at.is_(None), has_replies))
              .order_by(Comment.id.desc()).limit(AT_ONCE + 1))
    if before is not None:
        wanted = wanted.where(Comment.id < min(before, LARGEST_ID))
    rows = db.session.execute(wanted).all()
    shown = rows[:AT_ONCE]
    answers = _newest_replies([row.id for row in shown], viewer_id)
    return Thread(post_id, [_line(row, answers.get(row.id)) for row in reversed(shown)],
                  shown[-1].id if len(rows) > AT_ONCE else None)


def replies(post_id: int, parent_id: int, viewer_id: int | None, before: int | None = None) -> Replies:
    """The newest replies to a comment, or those before one's id."""
    wanted = (_lines(viewer_id).where(Comment.post_id == post_id, Comment.parent_id == parent_id,
                                      Comment.deleted_at.is_(None))
              .order_by(Comment.id.desc()).limit(REPLIES_AT_ONCE + 1))
    if before is not None:
        wanted = wanted.where(Comment.id < min(before, LARGEST_ID))
    return _replies(db.session.execute(wanted).all())


def line(post_id: int, comment_id: int, viewer_id: int | None) -> Line:
    """One comment that this reader sees, for answering or removing it. Raises NotFound."""
    row = db.session.execute(_lines(viewer_id).where(
        Comment.id == comment_id, Comment.post_id == post_id, Comment.deleted_at.is_(None))).first()
    if row is None:
        raise NotFound()
    return _line(row)


def by_id(comment_ids: Iterable[int]) -> dict[int, Line]:
    """Comments for a broadcast, removed ones and those with replies alike."""
    ids = list(comment_ids)
    if not ids:
        return {}
    above = aliased(Comment)
    rows = db.session.execute(
        _lines(None).add_columns(above.author_id.label("above_author_id"))
        .outerjoin(above, above.id == Comment.parent_id).where(Comment.id.in_(ids)))
    return {row.id: replace(_line(row), authors=tuple({row.author_id, row.above_author_id} - {None})) for row in rows}


def with_replies(comment_ids: Iterable[int]) -> set[int]:
    """Which of these comments are answered by something that still stands."""
    return set(db.session.scalars(select(Comment.parent_id).where(
        Comment.parent_id.in_(list(comment_ids)), Comment.deleted_at.is_(None)).distinct()))


def _lines(viewer_id: int | None) -> Any:
    return (select(Comment.id, Comment.post_id, Comment.parent_id, Comment.author_id, Comment.text,
                   Comment.created_at, Comment.deleted_at, User.display_name, User.picture,
                   Post.author_id.label("post_author_id"))
            .join(User, User.id == Comment.author_id).join(Post, Post.id == Comment.post_id)
            .where(*unblocked(viewer_id)))


def _line(row: Any, answers: Replies | None = None) -> Line:
    removed = row.deleted_at is not None
    return Line(row.id, row.post_id, row.parent_id, row.author_id, row.display_name, row.picture,
                row.author_id == row.post_author_id, "" if removed else row.text, row.created_at, removed,
                answers or Replies())


def _newest_replies(parent_ids: list[int], viewer_id: int | None) -> Mapping[int, Replies]:
    """The newest replies to each of these comments, in one statement."""
    if not parent_ids:
        return {}
    place = func.row_number().over(partition_by=Comment.parent_id, order_by=Comment.id.desc()).label("place")
    numbered = (_lines(viewer_id).add_columns(place)
                .where(Comment.parent_id.in_(parent_ids), Comment.deleted_at.is_(None)).subquery())
    found: dict[int, list[Any]] = defaultdict(list)
    for row in db.session.execute(select(numbered).where(numbered.c.place <= REPLIES_AT_ONCE + 1)
                                  .order_by(numbered.c.id.desc())):
        found[row.parent_id].append(row)
    return {parent_id: _replies(rows) for parent_id, rows in found.items()}


def _replies(rows: Any) -> Replies:
    shown = rows[:REPLIES_AT_ONCE]
    return Replies([_line(row) for row in reversed(shown)], shown[-1].id if len(rows) > REPLIES_AT_ONCE else None)
