"""Writing posts, liking them, saying something under them.

What changes a post takes the next number of its topic first and so holds its row: counts are exact, and a stream's
cursor skips nothing. A new post takes its number in the feed's topic, whose row is the one lock of all new posts.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete as delete_rows
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from auctionapp import bulk, idempotency, quotas, topics, transaction
from auctionapp.accounts.models import User
from auctionapp.auctions.lots import tag_slug
from auctionapp.auctions.models import Auction
from auctionapp.auctions.services import attached
from auctionapp.clock import Clock, database_clock
from auctionapp.errors import NotAllowed, NotFound
from auctionapp.events import PostCommented, PostLiked, WordsGone, announce
from auctionapp.idempotency import Key
from auctionapp.people.queries import blockers_of
from auctionapp.pictures import StoredPicture
from auctionapp.posts import markdown, rules
from auctionapp.posts.models import Comment, Feed, Post, PostLike, PostPicture, PostTag
from auctionapp.posts.rules import Draft

TOO_MANY_PICTURES = f"A post has at most {rules.PICTURES} pictures."


Log = Callable[[Session, datetime], None]
"""Writes beside a change, in its transaction, that somebody made it in the place of its author."""


def publish(author_id: int, draft: Draft, pictures: Sequence[StoredPicture] = (), public_url: str = "",
            key: Key | None = None, clock: Clock = database_clock) -> tuple[int, bool]:
    """Publish a post. Returns its id, and False when the same key has published it before (then the pictures that
    came along belong to nothing).

    `public_url` is this house's own address, by which links to its auctions are known. Raises NotAllowed, InvalidPost,
    TooOften, IdempotencyKeyReuse.
    """
    draft = rules.cleaned(draft)
    excerpt = rules.excerpt(markdown.to_words(draft.text))
    linked = markdown.linked_auction(draft.text, public_url)

    def work(session: Session) -> tuple[int, bool]:
        sequence = _next_number(session, Feed, 1)
        earlier = idempotency.earlier_result(session, key)
        if earlier is not None:
            session.rollback()
            return earlier["id"], False
        now = clock.now(session)
        _require_active(session, author_id)
        _refuse_too_often(session, "posts", Post, author_id, now)
        post = Post(author_id=author_id, title=draft.title, text=draft.text, excerpt=excerpt,
                    auction_id=_known_auction(session, linked), created_at=now)
        session.add(post)
        session.flush()
        attached.write_tags(session, PostTag.post_id, post.id, draft.tags)
        _append_pictures(session, post.id, pictures)
        topics.record(session, [{
            "topic": topics.feed_topic(), "sequence": sequence, "kind": "post",
            "payload": {"id": post.id, "author_id": author_id, "tags": [tag_slug(name) for name in draft.tags]}}], now)
        idempotency.keep(session, key, {"id": post.id}, now)
        return post.id, True

    return transaction.write(work)


def edit(post_id: int, author_id: int, draft: Draft, pictures: Sequence[StoredPicture] = (),
         dropped_pictures: Sequence[int] = (), public_url: str = "", clock: Clock = database_clock) -> None:
    """Change one's own post. Raises NotFound for another's, NotAllowed, InvalidPost."""
    draft = rules.cleaned(draft)
    excerpt = rules.excerpt(markdown.to_words(draft.text))
    linked = markdown.linked_auction(draft.text, public_url)

    def work(session: Session) -> None:
        post, sequence = _own(session, post_id, author_id)
        _require_active(session, author_id)
        now = clock.now(session)
        post.title, post.text, post.excerpt = draft.title, draft.text, excerpt
        post.auction_id = _known_auction(session, linked)
        post.edited_at = now
        session.execute(delete_rows(PostTag).where(PostTag.post_id == post_id))
        attached.write_tags(session, PostTag.post_id, post_id, draft.tags)
        attached.drop_pictures(session, PostPicture.post_id, post_id, dropped_pictures)
        _append_pictures(session, post_id, pictures)
        _tell(session, post_id, sequence, "edit", {"id": post_id}, now)

    transaction.write(work)


def delete(post_id: int, author_id: int, clock: Clock = database_clock, log: Log | None = None) -> None:
    """Take one's own post away, its pictures for good. Raises NotFound for another's.

    `log` writes in the same transaction who did it in the author's place.
    """
    def work(session: Session) -> None:
        post, sequence = _own(session, post_id, author_id, by_house=log is not None)
        now = clock.now(session)
        post.deleted_at = now
        attached.drop_pictures(session, PostPicture.post_id, post_id)
        _tell(session, post_id, sequence, "deletion", {"id": post_id}, now)
        announce(session, WordsGone(post_id))
        if log:
            log(session, now)

    transaction.write(work)


def like(post_id: int, person_id: int, liked: bool, clock: Clock = database_clock) -> None:
    """Like a post or no longer; what stands already changes nothing. Raises NotFound, NotAllowed, Unwelcome."""
    def work(session: Session) -> None:
        post, sequence = _locked(session, post_id)
        _require_welcome(session, person_id, {post.author_id})
        now = clock.now(session)
        these = {"post_id": post_id, "user_id": person_id}
        change: Any = (bulk.dialect_insert(session, PostLike).values(**these, created_at=now).on_conflict_do_nothing()
                       if liked else delete_rows(PostLike).filter_by(**these))
        if session.execute(change.returning(PostLike.user_id)).first() is None:
            session.rollback()
            return
        post.like_count += 1 if liked else -1
        _tell(session, post_id, sequence, "likes", {"count": post.like_count}, now)
        if liked and person_id != post.author_id:
            announce(session, PostLiked(post_id, person_id))

    transaction.write(work)


def comment(post_id: int, author_id: int, text: str, parent_id: int | None = None, key: Key | None = None,
            clock: Clock = database_clock) -> int:
    """Say something under a post, or answer a comment; an answer to an answer stands beside it. Returns its id.

    Raises NotFound, NotAllowed, Unwelcome, CommentBlank, CommentTooLong, TooOften, IdempotencyKeyReuse.
    """
    text = rules.clean_comment(text)

    def work(session: Session) -> int:
        post, sequence = _locked(session, post_id)
        earlier = idempotency.earlier_result(session, key)
        if earlier is not None:
            session.rollback()
            return earlier["id"]
        parent = _answered(session, post_id, parent_id)
        thread = session.get(Comment, parent.parent_id) if parent and parent.parent_id else parent
        _require_welcome(session, author_id, {post.author_id} | {one.author_id for one in (parent, thread) if one})
        now = clock.now(session)
        _refuse_too_often(session, "comments", Comment, author_id, now)
        made = Comment(post_id=post_id, parent_id=(parent.parent_id or parent.id) if parent else None,
                       author_id=author_id, text=text, created_at=now)
        session.add(made)
        post.comment_count += 1
        session.flush()
        _tell(session, post_id, sequence, "comment", {"id": made.id}, now)
        idempotency.keep(session, key, {"id": made.id}, now)
        announce(session, PostCommented(made.id))
        return made.id

    return transaction.write(work)


def remove_comment(post_id: int, comment_id: int, person_id: int, clock: Clock = database_clock,
                   log: Log | None = None) -> None:
    """Take away one's own comment, or any under one's own post; once more changes nothing. Raises NotFound."""
    def work(session: Session) -> None:
        post, sequence = _locked(session, post_id, by_house=log is not None)
        found = session.get(Comment, comment_id, populate_existing=True)
        if found is None or found.post_id != post_id or person_id not in (found.author_id, post.author_id):
            raise NotFound()
        if found.deleted_at is not None:
            session.rollback()
            return
        now = clock.now(session)
        found.deleted_at = now
        post.comment_count -= 1
        _tell(session, post_id, sequence, "removal", {"id": comment_id}, now)
        announce(session, WordsGone(post_id, comment_id))
        if log:
            log(session, now)

    transaction.write(work)


def _next_number(session: Session, model: Any, row_id: int) -> int | None:
    """Lock the row of a topic by taking its next number; None where there is no such row."""
    return session.scalar(
        update(model).where(model.id == row_id).values(topic_sequence=model.topic_sequence + 1)
        .returning(model.topic_sequence).execution_options(synchronize_session=False))


def _locked(session: Session, post_id: int, by_house: bool = False) -> tuple[Post, int]:
    """The post that everybody sees, locked, with its topic's next number. Raises NotFound.

    The house also takes away what nobody sees because it has blocked the author.
    """
    sequence = _next_number(session, Post, post_id)
    post = session.get(Post, post_id, populate_existing=True)
    if sequence is None or post is None or post.deleted_at is not None:
        raise NotFound()
    if not by_house and session.scalar(select(User.blocked_at).where(User.id == post.author_id)) is not None:
        raise NotFound()
    return post, sequence


def _own(session: Session, post_id: int, author_id: int, by_house: bool = False) -> tuple[Post, int]:
    post, sequence = _locked(session, post_id, by_house)
    if post.author_id != author_id:
        raise NotFound()
    return post, sequence


def _require_active(session: Session, person_id: int) -> None:
    person = session.get(User, person_id, populate_existing=True)
    if person is None or not person.is_active:
        raise NotAllowed("You may not write here.")


def _require_welcome(session: Session, person_id: int, authors: set[int]) -> None:
    _require_active(session, person_id)
    if blockers_of(session, person_id, authors):
        raise rules.Unwelcome()


def _answered(session: Session, post_id: int, parent_id: int | None) -> Comment | None:
    if parent_id is None:
        return None
    parent = session.get(Comment, parent_id)
    if parent is None or parent.post_id != post_id or parent.deleted_at is not None:
        raise NotFound("What you answer is no longer there.")
    return parent


def _refuse_too_often(session: Session, what: str, model: Any, author_id: int, now: datetime) -> None:
    seconds = quotas.used_up(session, what, now, model.created_at, model.author_id == author_id)
    if seconds is not None:
        raise rules.TooOften(seconds)


def _tell(session: Session, post_id: int, sequence: int, kind: str, payload: dict[str, Any], now: datetime) -> None:
    topics.record(session, [
        {"topic": topics.post_topic(post_id), "sequence": sequence, "kind": kind, "payload": payload}], now)


def _known_auction(session: Session, auction_id: int | None) -> int | None:
    """The linked auction if it is there for everybody."""
    return auction_id and session.scalar(
        select(Auction.id).where(Auction.id == auction_id, Auction.state != "draft"))


def _append_pictures(session: Session, post_id: int, pictures: Sequence[StoredPicture]) -> None:
    attached.append_pictures(session, PostPicture.post_id, post_id, pictures, rules.PICTURES,
                             lambda: rules.InvalidPost({"pictures": TOO_MANY_PICTURES}))
