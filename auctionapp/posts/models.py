"""Posts with their tags and pictures, who likes them, what is said under them."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from auctionapp.extensions import BigId, UtcDateTime, db


class Feed(db.Model):
    """The one feed of the house: its row is the lock under which new posts take their numbers (`topics.py`)."""

    __tablename__ = "feeds"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    topic_sequence: Mapped[int] = mapped_column(BigId, default=0, server_default="0")


class Post(db.Model):
    """The counts stand in the row and move under its lock. A deleted post keeps its words for whoever looks at reports."""

    __tablename__ = "posts"
    __table_args__ = (
        CheckConstraint("like_count >= 0", name="likes_not_negative"),
        CheckConstraint("comment_count >= 0", name="comments_not_negative"),
        Index("ix_posts_author", "author_id", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    author_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    title: Mapped[str] = mapped_column(String(120))
    text: Mapped[str] = mapped_column(Text)
    """Markdown, as it was typed."""
    excerpt: Mapped[str] = mapped_column(String(300), default="", server_default="")
    """The beginning of the text as plain words, for lists."""
    auction_id: Mapped[int | None] = mapped_column(ForeignKey("auctions.id", ondelete="SET NULL"), index=True)
    """The first of our auctions that the text links to."""
    like_count: Mapped[int] = mapped_column(default=0, server_default="0")
    comment_count: Mapped[int] = mapped_column(default=0, server_default="0")
    topic_sequence: Mapped[int] = mapped_column(BigId, default=0, server_default="0")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    edited_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    deleted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class PostTag(db.Model):
    __tablename__ = "post_tags"

    tag_id: Mapped[int] = mapped_column(ForeignKey("tags.id"), primary_key=True)
    post_id: Mapped[int] = mapped_column(ForeignKey("posts.id"), primary_key=True, index=True)


class PostPicture(db.Model):
    __tablename__ = "post_pictures"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    post_id: Mapped[int] = mapped_column(ForeignKey("posts.id"), index=True)
    name: Mapped[str] = mapped_column(String(60), unique=True)
    width: Mapped[int]
    height: Mapped[int]
    position: Mapped[int] = mapped_column(default=0, server_default="0")


class PostLike(db.Model):
    __tablename__ = "post_likes"
    __table_args__ = (Index("ix_post_likes_user", "user_id", "created_at"),)

    post_id: Mapped[int] = mapped_column(ForeignKey("posts.id"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Comment(db.Model):
    """A comment, or with `parent_id` a reply to one. A removed one with replies keeps its place."""

    __tablename__ = "comments"
    __table_args__ = (
        Index("ix_comments_thread", "post_id", "parent_id", "id"),
        Index("ix_comments_replies", "parent_id", "id"),
        Index("ix_comments_author", "author_id", "created_at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    post_id: Mapped[int] = mapped_column(ForeignKey("posts.id"))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("comments.id"))
    author_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    text: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    deleted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
