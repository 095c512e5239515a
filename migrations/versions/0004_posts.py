"""Posts, what is liked and said under them, and the feed that announces them."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
WHEN = sa.DateTime(timezone=True)


def upgrade():
    op.create_table(
        "feeds",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("topic_sequence", BIG_ID, server_default="0", nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("feeds_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feeds")),
    )
    op.execute("INSERT INTO feeds (id) VALUES (1)")
    op.create_table(
        "posts",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("author_id", BIG_ID, nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("excerpt", sa.String(length=300), server_default="", nullable=False),
        sa.Column("auction_id", BIG_ID),
        sa.Column("like_count", sa.Integer(), server_default="0", nullable=False),
        sa.Column("comment_count", sa.Integer(), server_default="0", nullable=False),
        sa.Column("topic_sequence", BIG_ID, server_default="0", nullable=False),
        sa.Column("created_at", WHEN, nullable=False),
        sa.Column("edited_at", WHEN),
        sa.Column("deleted_at", WHEN),
        sa.CheckConstraint("like_count >= 0", name=op.f("posts_likes_not_negative")),
        sa.CheckConstraint("comment_count >= 0", name=op.f("posts_comments_not_negative")),
        sa.ForeignKeyConstraint(["author_id"], ["users.id"], name=op.f("fk_posts_author_id")),
        sa.ForeignKeyConstraint(["auction_id"], ["auctions.id"], name=op.f("fk_posts_auction_id"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_posts")),
    )
    op.create_index("ix_posts_author", "posts", ["author_id", "id"])
    op.create_index(op.f("ix_posts_auction_id"), "posts", ["auction_id"])
    op.create_table(
        "post_tags",
        sa.Column("tag_id", sa.Integer(), nullable=False),
        sa.Column("post_id", BIG_ID, nullable=False),
        sa.ForeignKeyConstraint(["tag_id"], ["tags.id"], name=op.f("fk_post_tags_tag_id")),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name=op.f("fk_post_tags_post_id")),
        sa.PrimaryKeyConstraint("tag_id", "post_id", name=op.f("pk_post_tags")),
    )
    op.create_index(op.f("ix_post_tags_post_id"), "post_tags", ["post_id"])
    op.create_table(
        "post_pictures",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("post_id", BIG_ID, nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name=op.f("fk_post_pictures_post_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_post_pictures")),
        sa.UniqueConstraint("name", name=op.f("uq_post_pictures_name")),
    )
    op.create_index(op.f("ix_post_pictures_post_id"), "post_pictures", ["post_id"])
    op.create_table(
        "post_likes",
        sa.Column("post_id", BIG_ID, nullable=False),
        sa.Column("user_id", BIG_ID, nullable=False),
        sa.Column("created_at", WHEN, nullable=False),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name=op.f("fk_post_likes_post_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_post_likes_user_id")),
        sa.PrimaryKeyConstraint("post_id", "user_id", name=op.f("pk_post_likes")),
    )
    op.create_index("ix_post_likes_user", "post_likes", ["user_id", "created_at"])
    op.create_table(
        "comments",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("post_id", BIG_ID, nullable=False),
        sa.Column("parent_id", BIG_ID),
        sa.Column("author_id", BIG_ID, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created_at", WHEN, nullable=False),
        sa.Column("deleted_at", WHEN),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name=op.f("fk_comments_post_id")),
        sa.ForeignKeyConstraint(["parent_id"], ["comments.id"], name=op.f("fk_comments_parent_id")),
        sa.ForeignKeyConstraint(["author_id"], ["users.id"], name=op.f("fk_comments_author_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_comments")),
    )
    op.create_index("ix_comments_thread", "comments", ["post_id", "parent_id", "id"])
    op.create_index("ix_comments_replies", "comments", ["parent_id", "id"])
    op.create_index("ix_comments_author", "comments", ["author_id", "created_at"])
