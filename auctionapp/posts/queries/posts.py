"""Reads of posts: the feed, a person's, a tag's, one post. Newest first, older ones by a key and not by a page.

Nobody sees posts or comments of people whom the house or they themselves have blocked. The number of statements does
not depend on how many posts there are, or on how much is under them.
"""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Row, literal, select, union

from auctionapp.accounts.models import User
from auctionapp.auctions.models import Tag
from auctionapp.errors import NotFound
from auctionapp.extensions import db
from auctionapp.people.models import PersonBlock
from auctionapp.people.queries import followed_by, friends_of
from auctionapp.posts.models import Feed, Post, PostLike, PostPicture, PostTag

AT_ONCE = 10
_CURSOR = re.compile(r"([cr])([0-9]{1,18})", re.ASCII)


@dataclass(frozen=True)
class PostCard:
    """A post as lists show it."""

    id: int
    author_id: int
    author: str
    author_picture: str | None
    title: str
    excerpt: str
    like_count: int
    comment_count: int
    created_at: datetime
    edited: bool
    liked: bool
    tags: Sequence[Any]
    pictures: Sequence[PostPicture]
    auction_id: int | None
    """The auction that it links to; its card is `auctions.views.cards.by_id`."""


@dataclass(frozen=True)
class Cursor:
    """Where a feed goes on: among the posts of close people (`c`) or the rest (`r`), before this post's id."""

    part: str
    before: int

    def __str__(self) -> str:
        return f"{self.part}{self.before}"

    @classmethod
    def read(cls, text: str | None) -> "Cursor | None":
        found = _CURSOR.fullmatch(text or "")
        return cls(found[1], int(found[2])) if found else None


@dataclass
class Page:
    """Posts, and the cursor of what comes after them. `rest_from` is the place of the first post of other people."""

    posts: list[PostCard] = field(default_factory=list)
    after: Cursor | None = None
    rest_from: int | None = None


def sequence() -> int:
    """Where the feed's topic stands."""
    return db.session.scalar(select(Feed.topic_sequence).where(Feed.id == 1)) or 0


def feed(viewer_id: int | None, cursor: Cursor | None = None) -> Page:
    """Ten posts: friends, followed people and one's own first, then everybody else's."""
    if viewer_id is None:
        return _page(_wanted(None), viewer_id, cursor)
    close = union(friends_of(viewer_id), followed_by(viewer_id), select(literal(viewer_id)))
    wanted = _wanted(viewer_id)
    rows: list[tuple[str, Row[Any]]] = []
    for part, whose in (("c", Post.author_id.in_(close)), ("r", Post.author_id.not_in(close))):
        if cursor and cursor.part > part:
            continue
        some = wanted.where(whose)
        if cursor and cursor.part == part:
            some = some.where(Post.id < cursor.before)
        rows += [(part, row) for row in db.session.execute(some.limit(AT_ONCE + 1 - len(rows)))]
        if len(rows) > AT_ONCE:
            break
    shown = rows[:AT_ONCE]
    parts = [part for part, _ in shown]
    rest_from = parts.index("r") if "r" in parts and (cursor is None or cursor.part == "c") else None
    after = Cursor(parts[-1], shown[-1][1].id) if len(rows) > AT_ONCE else None
    return Page(_cards([row for _, row in shown], viewer_id), after, rest_from)


def tagged(slug: str, viewer_id: int | None, cursor: Cursor | None = None) -> Page:
    """Ten posts under a tag."""
    wanted = (_wanted(viewer_id).join(PostTag, PostTag.post_id == Post.id).join(Tag, Tag.id == PostTag.tag_id)
              .where(Tag.slug == slug))
    return _page(wanted, viewer_id, cursor)


def of_person(author_id: int, viewer_id: int | None, cursor: Cursor | None = None) -> Page:
    """Ten posts of one person."""
    return _page(_wanted(viewer_id).where(Post.author_id == author_id), viewer_id, cursor)


def tag_name(slug: str) -> str | None:
    return db.session.scalar(select(Tag.name).where(Tag.slug == slug))


def author(person_id: int) -> User:
    """The person of a page of posts. Raises NotFound where the house has blocked or nobody confirmed it."""
    person = db.session.get(User, person_id)
    if person is None or not person.is_active:
        raise NotFound()
    return person


def hidden_authors(viewer_id: int | None) -> list[int]:
    """Whom this reader has blocked."""
    if viewer_id is None:
        return []
    return list(db.session.scalars(select(PersonBlock.blocked_id).where(PersonBlock.blocker_id == viewer_id)))


def unblocked(viewer_id: int | None) -> list[Any]:
    """The conditions on `users` under which this reader sees what somebody wrote."""
    shown = [User.blocked_at.is_(None)]
    if viewer_id is not None:
        shown.append(User.id.not_in(select(PersonBlock.blocked_id).where(PersonBlock.blocker_id == viewer_id)))
    return shown


_CARD = (Post.id, Post.author_id, Post.title, Post.excerpt, Post.auction_id, Post.like_count, Post.comment_count,
         Post.created_at, Post.edited_at, User.display_name, User.picture)


def _wanted(viewer_id: int | None) -> Any:
    return (select(*_CARD).join(User, User.id == Post.author_id)
            .where(Post.deleted_at.is_(None), *unblocked(viewer_id)).order_by(Post.id.desc()))


def _page(wanted: Any, viewer_id: int | None, cursor: Cursor | None) -> Page:
    if cursor:
        wanted = wanted.where(Post.id < cursor.before)
    rows = db.session.execute(wanted.limit(AT_ONCE + 1)).all()
    shown = rows[:AT_ONCE]
    return Page(_cards(shown, viewer_id), Cursor("r", shown[-1].id) if len(rows) > AT_ONCE else None)


def _cards(rows: Sequence[Row[Any]], viewer_id: int | None) -> list[PostCard]:
    ids = [row.id for row in rows]
    if not ids:
        return []
    tags, shown, liked = tags_of(ids), _pictures_of(ids), _liked(ids, viewer_id)
    return [PostCard(row.id, row.author_id, row.display_name, row.picture, row.title, row.excerpt, row.like_count,
                     row.comment_count, row.created_at, row.edited_at is not None, row.id in liked, tags[row.id],
                     shown[row.id], row.auction_id) for row in rows]


def tags_of(post_ids: Sequence[int]) -> Mapping[int, list[Any]]:
    """Name and slug of the tags of each post."""
    found: dict[int, list[Any]] = defaultdict(list)
    for row in db.session.execute(select(PostTag.post_id, Tag.name, Tag.slug).join(Tag, Tag.id == PostTag.tag_id)
                                  .where(PostTag.post_id.in_(post_ids)).order_by(Tag.name)):
        found[row.post_id].append(row)
    return found


def _pictures_of(post_ids: Sequence[int]) -> Mapping[int, list[PostPicture]]:
    found: dict[int, list[PostPicture]] = defaultdict(list)
    for picture in db.session.scalars(select(PostPicture).where(PostPicture.post_id.in_(post_ids))
                                      .order_by(PostPicture.position, PostPicture.id)):
        found[picture.post_id].append(picture)
    return found


def _liked(post_ids: Sequence[int], viewer_id: int | None) -> set[int]:
    if viewer_id is None:
        return set()
    return set(db.session.scalars(select(PostLike.post_id).where(
        PostLike.user_id == viewer_id, PostLike.post_id.in_(post_ids))))


@dataclass(frozen=True)
class OnePost:
    """A post as its page shows it."""

    card: PostCard
    text: str
    topic_sequence: int
    takes_mine: bool
    """Whether this reader may like and comment: the author has not blocked them."""
    signature: str | None = None
    """The author's, as a name of `pictures.py`."""


def one(post_id: int, viewer_id: int | None) -> OnePost:
    """The post. Raises NotFound for what is deleted, and for what a person wrote whom the house or the reader blocked."""
    row = db.session.execute(
        _wanted(viewer_id).add_columns(Post.text, Post.topic_sequence, User.signature)
        .where(Post.id == post_id)).first()
    if row is None:
        raise NotFound()
    blocked = viewer_id is not None and db.session.get(PersonBlock, (row.author_id, viewer_id)) is not None
    return OnePost(_cards([row], viewer_id)[0], row.text, row.topic_sequence, not blocked, row.signature)


def own(post_id: int, author_id: int) -> OnePost:
    """One's own post. Raises NotFound for another's (fault 41)."""
    found = one(post_id, author_id)
    if found.card.author_id != author_id:
        raise NotFound()
    return found


@dataclass(frozen=True)
class Counts:
    """What everybody sees move on a post's page."""

    id: int
    like_count: int
    comment_count: int
    deleted: bool


def counts(post_id: int) -> Counts | None:
    row = db.session.execute(
        select(Post.id, Post.like_count, Post.comment_count, Post.deleted_at).where(Post.id == post_id)).first()
    return Counts(row.id, row.like_count, row.comment_count, row.deleted_at is not None) if row else None
