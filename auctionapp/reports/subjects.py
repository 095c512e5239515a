"""What a report is about: the thing as its reporter sees it. What they may not see does not exist for them."""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from auctionapp.accounts.models import User
from auctionapp.auctions.models import Auction
from auctionapp.chat.models import Conversation, Message
from auctionapp.chat.queries import chats
from auctionapp.errors import NotFound
from auctionapp.posts.models import Comment
from auctionapp.posts.queries import comments, posts


@dataclass(frozen=True)
class Subject:
    kind: str
    id: int
    name: str
    """In a sentence: `the lot “Brass telescope”`."""
    text: str
    """What is kept of it with the report."""
    author_id: int
    path: str
    """Where its reader finds it, and goes back to."""


def subject(session: Session, kind: str, subject_id: int, reader_id: int) -> Subject:
    """The thing that this person wants to report. Raises NotFound for what they may not see (fault 41)."""
    find = FINDERS.get(kind)
    if find is None:
        raise NotFound()
    return find(session, subject_id, reader_id)


def _auction(session: Session, auction_id: int, reader_id: int) -> Subject:
    lot = session.get(Auction, auction_id, populate_existing=True)
    if lot is None or (lot.state == "draft" and lot.seller_id != reader_id):
        raise NotFound()
    return Subject("auction", lot.id, f"the lot “{lot.title}”", f"{lot.title}\n\n{lot.description}", lot.seller_id,
                   f"/auctions/{lot.id}")


def _person(session: Session, user_id: int, _reader_id: int) -> Subject:
    person = session.get(User, user_id, populate_existing=True)
    if person is None or not person.is_active:
        raise NotFound()
    return Subject("person", person.id, person.display_name, f"{person.display_name}\n\n{person.about}".strip(), person.id,
                   f"/people/{person.id}")


def _message(session: Session, message_id: int, reader_id: int) -> Subject:
    """A message that still stands, of a chat that the reader may see."""
    row = session.execute(
        select(Message.id, Message.conversation_id, Message.text, Message.picture, Message.author_id, Conversation.kind,
               Conversation.auction_id, User.display_name)
        .join(Conversation, Conversation.id == Message.conversation_id).join(User, User.id == Message.author_id)
        .where(Message.id == message_id, Message.kind == "text", Message.deleted_at.is_(None))).first()
    if row is None:
        raise NotFound()
    if row.kind == "auction":
        chats.public_auction(row.auction_id, reader_id)
        path = f"/auctions/{row.auction_id}"
    else:
        chats.see(row.conversation_id, reader_id)
        path = "/lobby" if row.kind == "lobby" else f"/inbox/{row.conversation_id}"
    return Subject("message", row.id, f"a message by {row.display_name}", _with_pictures(row.text, bool(row.picture)),
                   row.author_id, f"{path}#message-{row.id}")


def _post(_session: Session, post_id: int, reader_id: int) -> Subject:
    post = posts.one(post_id, reader_id)
    return Subject("post", post_id, f"the post “{post.card.title}”",
                   _with_pictures(f"{post.card.title}\n\n{post.text}", bool(post.card.pictures)),
                   post.card.author_id, f"/posts/{post_id}")


def _comment(session: Session, comment_id: int, reader_id: int) -> Subject:
    """A comment that still stands, under a post that the reader sees."""
    comment = session.get(Comment, comment_id, populate_existing=True)
    if comment is None or comment.deleted_at is not None:
        raise NotFound()
    posts.one(comment.post_id, reader_id)
    line = comments.line(comment.post_id, comment_id, reader_id)
    return Subject("comment", comment_id, f"a comment by {line.author}", comment.text, comment.author_id,
                   f"/posts/{comment.post_id}#comment-{comment_id}")


def _with_pictures(text: str, some: bool) -> str:
    return f"{text}\n\n(with a picture)".strip() if some else text


FINDERS: dict[str, Callable[[Session, int, int], Subject]] = {
    "auction": _auction, "comment": _comment, "message": _message, "person": _person, "post": _post}
