"""The house: every table of the trading floor, the categories, the increment table, the house's own accounts."""

import json

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

CATEGORIES = [
    ("art", "Art"),
    ("antiques", "Antiques and clocks"),
    ("books", "Books and manuscripts"),
    ("cameras", "Cameras and optics"),
    ("ceramics", "Ceramics and glass"),
    ("coins", "Coins and stamps"),
    ("collectibles", "Collectibles"),
    ("electronics", "Electronics"),
    ("fashion", "Fashion"),
    ("furniture", "Furniture and design"),
    ("jewellery", "Jewellery and watches"),
    ("music", "Music and instruments"),
    ("sport", "Sport and outdoors"),
    ("tools", "Tools and machines"),
    ("toys", "Toys and models"),
    ("vehicles", "Vehicles and parts"),
    ("wine", "Wine and food"),
    ("other", "Everything else"),
]
INCREMENTS = [
    (99, 5),
    (499, 25),
    (2499, 50),
    (9999, 100),
    (24999, 250),
    (49999, 500),
    (99999, 1000),
    (249999, 2500),
    (499999, 5000),
    (None, 10000),
]
"""R1: (price up to, increment) in cents; eBay's table for the US."""


def upgrade():
    op.create_table(
        "categories",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("position", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_categories")),
        sa.UniqueConstraint("slug", name=op.f("uq_categories_slug")),
    )
    op.create_table(
        "email_codes",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("purpose", sa.String(length=10), nullable=False),
        sa.Column("code_hash", sa.String(length=200), nullable=False),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False),
        sa.Column("display_name", sa.String(length=60), nullable=True),
        sa.Column("password_hash", sa.String(length=200), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "purpose IN ('register', 'reset', 'address')", name=op.f("email_codes_purpose_known")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_email_codes")),
    )
    op.create_index("ix_email_codes_email_purpose", "email_codes", ["email", "purpose"], unique=False)
    op.create_index(op.f("ix_email_codes_created_at"), "email_codes", ["created_at"], unique=False)
    op.create_index(
        "uq_email_codes_current", "email_codes", ["email", "purpose"], unique=True,
        sqlite_where=sa.text("ended_at IS NULL"), postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "increment_tables",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("steps", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_increment_tables")),
    )
    op.create_table(
        "tags",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tags")),
        sa.UniqueConstraint("slug", name=op.f("uq_tags_slug")),
    )
    op.create_table(
        "topic_events",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("topic", sa.String(length=40), nullable=False),
        sa.Column("sequence", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_topic_events")),
    )
    op.create_index("uq_topic_events_topic_sequence", "topic_events", ["topic", "sequence"], unique=True)
    op.create_table(
        "users",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("display_name", sa.String(length=60), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("role", sa.String(length=10), server_default="user", nullable=False),
        sa.Column("time_zone", sa.String(length=60), server_default="", nullable=False),
        sa.Column("about", sa.Text(), server_default="", nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("blocked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("blocked_reason", sa.String(length=500), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "topic_sequence",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.CheckConstraint("role IN ('user', 'seller', 'admin')", name=op.f("users_role_known")),
        sa.CheckConstraint("email = lower(email)", name=op.f("users_email_lower")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
        sa.UniqueConstraint("email", name=op.f("uq_users_email")),
    )
    op.create_table(
        "accounts",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("owner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column(
            "balance_cents",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.CheckConstraint(
            "(kind IN ('available', 'held', 'withdrawing') AND owner_id IS NOT NULL) OR (kind IN ('gateway', 'escrow', 'fees') AND owner_id IS NULL)",
            name=op.f("accounts_kind_fits_owner"),
        ),
        sa.CheckConstraint(
            "kind = 'gateway' OR balance_cents >= 0", name=op.f("accounts_balance_not_negative")
        ),
        sa.ForeignKeyConstraint(["owner_id"], ["users.id"], name=op.f("fk_accounts_owner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounts")),
        postgresql_with={"fillfactor": 50},
    )
    op.create_index(
        "uq_accounts_house_kind",
        "accounts",
        ["kind"],
        unique=True,
        postgresql_where=sa.text("owner_id IS NULL"),
        sqlite_where=sa.text("owner_id IS NULL"),
    )
    op.create_index("uq_accounts_owner_kind", "accounts", ["owner_id", "kind"], unique=True)
    op.create_table(
        "api_tokens",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=60), server_default="", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_api_tokens_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_tokens")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_api_tokens_token_hash")),
    )
    op.create_index(op.f("ix_api_tokens_user_id"), "api_tokens", ["user_id"], unique=False)
    op.create_table(
        "auctions",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("seller_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("description", sa.Text(), server_default="", nullable=False),
        sa.Column("search_text", sa.Text(), server_default="", nullable=False),
        sa.Column("category_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("format", sa.String(length=10), server_default="english", nullable=False),
        sa.Column(
            "starting_price_cents", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("bid_step_cents", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("reserve_price_cents", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("reserve_lowered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("increment_table_id", sa.Integer(), nullable=False),
        sa.Column("soft_close_seconds", sa.Integer(), server_default="120", nullable=False),
        sa.Column("soft_close_cap_seconds", sa.Integer(), server_default="3600", nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("first_ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("duration_seconds", sa.Integer(), nullable=True),
        sa.Column("outage_extended", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("price_cents", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("leader_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column(
            "leader_maximum_cents", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("leading_bid_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("bid_count", sa.Integer(), server_default="0", nullable=False),
        sa.Column("bid_number", sa.Integer(), server_default="0", nullable=False),
        sa.Column("step_sequence", sa.Integer(), server_default="0", nullable=False),
        sa.Column("alias_count", sa.Integer(), server_default="0", nullable=False),
        sa.Column(
            "topic_sequence",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("winning_bid_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("hammer_price_cents", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_reason", sa.String(length=500), nullable=True),
        sa.Column("close_failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("close_again_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(state = 'sold') = (hammer_price_cents IS NOT NULL)", name=op.f("auctions_sold_iff_hammer_price")
        ),
        sa.CheckConstraint(
            "(state = 'sold') = (winning_bid_id IS NOT NULL)", name=op.f("auctions_sold_iff_winning_bid")
        ),
        sa.CheckConstraint(
            "(state IN ('sold', 'unsold', 'cancelled')) = (closed_at IS NOT NULL)",
            name=op.f("auctions_closed_iff_over"),
        ),
        sa.CheckConstraint("state = 'draft' OR ends_at IS NOT NULL", name=op.f("auctions_published_has_end")),
        sa.CheckConstraint(
            "state IN ('draft', 'open', 'suspended', 'sold', 'unsold', 'cancelled')",
            name=op.f("auctions_state_known"),
        ),
        sa.CheckConstraint(
            "(leader_id IS NULL) = (leader_maximum_cents IS NULL)", name=op.f("auctions_leader_iff_maximum")
        ),
        sa.CheckConstraint(
            "(leader_id IS NULL) = (price_cents IS NULL)", name=op.f("auctions_leader_iff_price")
        ),
        sa.CheckConstraint("bid_step_cents > 0", name=op.f("auctions_bid_step_positive")),
        sa.CheckConstraint("price_cents <= leader_maximum_cents", name=op.f("auctions_price_within_maximum")),
        sa.CheckConstraint("starting_price_cents > 0", name=op.f("auctions_starting_price_positive")),
        sa.ForeignKeyConstraint(["category_id"], ["categories.id"], name=op.f("fk_auctions_category_id")),
        sa.ForeignKeyConstraint(
            ["increment_table_id"], ["increment_tables.id"], name=op.f("fk_auctions_increment_table_id")
        ),
        sa.ForeignKeyConstraint(["leader_id"], ["users.id"], name=op.f("fk_auctions_leader_id")),
        sa.ForeignKeyConstraint(["seller_id"], ["users.id"], name=op.f("fk_auctions_seller_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_auctions")),
        postgresql_with={"fillfactor": 50},
    )
    op.create_index("ix_auctions_category", "auctions", ["category_id", "state", "ends_at"], unique=False)
    op.create_index(op.f("ix_auctions_leader_id"), "auctions", ["leader_id"], unique=False)
    op.create_index("ix_auctions_seller", "auctions", ["seller_id", "id"], unique=False)
    op.create_index("ix_auctions_state_ends", "auctions", ["state", "ends_at"], unique=False)
    op.create_index("ix_auctions_state_published", "auctions", ["state", "published_at"], unique=False)
    op.create_table(
        "house_settings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("commission_basis_points", sa.Integer(), server_default="500", nullable=False),
        sa.Column("soft_close_seconds", sa.Integer(), server_default="120", nullable=False),
        sa.Column("soft_close_cap_seconds", sa.Integer(), server_default="3600", nullable=False),
        sa.Column("increment_table_id", sa.Integer(), nullable=False),
        sa.Column("last_sweep_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("id = 1", name=op.f("house_settings_one_row")),
        sa.ForeignKeyConstraint(
            ["increment_table_id"], ["increment_tables.id"], name=op.f("fk_house_settings_increment_table_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_house_settings")),
    )
    op.create_table(
        "idempotency_keys",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("method", sa.String(length=8), nullable=False),
        sa.Column("path", sa.String(length=200), nullable=False),
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("body_hash", sa.String(length=64), nullable=False),
        sa.Column("result", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_idempotency_keys_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_idempotency_keys")),
    )
    op.create_index(op.f("ix_idempotency_keys_created_at"), "idempotency_keys", ["created_at"], unique=False)
    op.create_index(
        "uq_idempotency_keys_caller", "idempotency_keys", ["user_id", "method", "path", "key"], unique=True
    )
    op.create_table(
        "mails",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("recipient", sa.String(length=254), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=10), server_default="queued", nullable=False),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False),
        sa.Column("error", sa.String(length=300), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_try_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('queued', 'sent', 'failed')", name=op.f("mails_state_known")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_mails_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mails")),
    )
    op.create_index("ix_mails_state", "mails", ["state"], unique=False)
    op.create_index(op.f("ix_mails_user_id"), "mails", ["user_id"], unique=False)
    op.create_index(op.f("ix_mails_recipient"), "mails", ["recipient"], unique=False)
    op.create_table(
        "payments",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("amount_cents", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("state", sa.String(length=10), server_default="pending", nullable=False),
        sa.Column("gateway", sa.String(length=20), nullable=False),
        sa.Column("external_reference", sa.String(length=80), nullable=True),
        sa.Column("payment_url", sa.String(length=500), nullable=True),
        sa.Column("failure", sa.String(length=300), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ask_again_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(state = 'pending') = (finished_at IS NULL)", name=op.f("payments_finished_iff_final")
        ),
        sa.CheckConstraint(
            "(state = 'pending') = (ask_again_at IS NOT NULL)", name=op.f("payments_asked_about_iff_pending")
        ),
        sa.CheckConstraint("kind IN ('deposit', 'withdrawal')", name=op.f("payments_kind_known")),
        sa.CheckConstraint("state IN ('pending', 'completed', 'failed')", name=op.f("payments_state_known")),
        sa.CheckConstraint("amount_cents > 0", name=op.f("payments_amount_positive")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_payments_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payments")),
        sa.UniqueConstraint("external_reference", name=op.f("uq_payments_external_reference")),
    )
    op.create_index("ix_payments_user", "payments", ["user_id", "id"], unique=False)
    op.create_index(
        "ix_payments_pending",
        "payments",
        ["ask_again_at"],
        unique=False,
        postgresql_where=sa.text("state = 'pending'"),
        sqlite_where=sa.text("state = 'pending'"),
    )
    op.create_table(
        "sandbox_payments",
        sa.Column("reference", sa.String(length=40), nullable=False),
        sa.Column("merchant_key", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("amount_cents", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "state IN ('pending', 'completed', 'failed')", name=op.f("sandbox_payments_state_known")
        ),
        sa.PrimaryKeyConstraint("reference", name=op.f("pk_sandbox_payments")),
        sa.UniqueConstraint("merchant_key", name=op.f("uq_sandbox_payments_merchant_key")),
    )
    op.create_table(
        "seller_blocks",
        sa.Column("seller_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("bidder_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("(CURRENT_TIMESTAMP)"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(["bidder_id"], ["users.id"], name=op.f("fk_seller_blocks_bidder_id")),
        sa.ForeignKeyConstraint(["seller_id"], ["users.id"], name=op.f("fk_seller_blocks_seller_id")),
        sa.PrimaryKeyConstraint("seller_id", "bidder_id", name=op.f("pk_seller_blocks")),
    )
    op.create_table(
        "sign_ins",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("user_agent", sa.String(length=200), server_default="", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("remembered", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_sign_ins_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_ins")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_sign_ins_token_hash")),
    )
    op.create_index(op.f("ix_sign_ins_user_id"), "sign_ins", ["user_id"], unique=False)
    op.create_index(op.f("ix_sign_ins_expires_at"), "sign_ins", ["expires_at"], unique=False)
    op.create_table(
        "auction_images",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("auction_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(
            ["auction_id"], ["auctions.id"], name=op.f("fk_auction_images_auction_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_auction_images")),
        sa.UniqueConstraint("name", name=op.f("uq_auction_images_name")),
    )
    op.create_index(op.f("ix_auction_images_auction_id"), "auction_images", ["auction_id"], unique=False)
    op.create_table(
        "auction_tags",
        sa.Column("auction_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("tag_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["auction_id"], ["auctions.id"], name=op.f("fk_auction_tags_auction_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["tag_id"], ["tags.id"], name=op.f("fk_auction_tags_tag_id")),
        sa.PrimaryKeyConstraint("auction_id", "tag_id", name=op.f("pk_auction_tags")),
    )
    op.create_index(op.f("ix_auction_tags_tag_id"), "auction_tags", ["tag_id"], unique=False)
    op.create_table(
        "bidder_aliases",
        sa.Column("auction_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("alias", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["auction_id"], ["auctions.id"], name=op.f("fk_bidder_aliases_auction_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_bidder_aliases_user_id")),
        sa.PrimaryKeyConstraint("auction_id", "user_id", name=op.f("pk_bidder_aliases")),
    )
    op.create_index(op.f("ix_bidder_aliases_user_id"), "bidder_aliases", ["user_id"], unique=False)
    op.create_index("uq_bidder_aliases_alias", "bidder_aliases", ["auction_id", "alias"], unique=True)
    op.create_table(
        "bids",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("auction_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("bidder_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=6), nullable=False),
        sa.Column("maximum_cents", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("state", sa.String(length=10), server_default="standing", nullable=False),
        sa.Column("placed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('manual', 'auto')", name=op.f("bids_kind_known")),
        sa.CheckConstraint("state IN ('standing', 'retracted', 'void')", name=op.f("bids_state_known")),
        sa.CheckConstraint("maximum_cents > 0", name=op.f("bids_maximum_positive")),
        sa.ForeignKeyConstraint(["auction_id"], ["auctions.id"], name=op.f("fk_bids_auction_id")),
        sa.ForeignKeyConstraint(["bidder_id"], ["users.id"], name=op.f("fk_bids_bidder_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bids")),
    )
    op.create_index("ix_bids_bidder", "bids", ["bidder_id", "auction_id"], unique=False)
    op.create_index("uq_bids_auction_number", "bids", ["auction_id", "number"], unique=True)
    op.create_table(
        "conversations",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("auction_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind IN ('auction', 'handover', 'direct', 'group', 'lobby')",
            name=op.f("conversations_kind_known"),
        ),
        sa.ForeignKeyConstraint(["auction_id"], ["auctions.id"], name=op.f("fk_conversations_auction_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conversations")),
    )
    op.create_index("uq_conversations_auction_kind", "conversations", ["auction_id", "kind"], unique=True)
    op.create_table(
        "notices",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("auction_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("text", sa.String(length=300), nullable=False),
        sa.Column("path", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("mailed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["auction_id"], ["auctions.id"], name=op.f("fk_notices_auction_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_notices_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notices")),
        sa.UniqueConstraint("key", name=op.f("uq_notices_key")),
    )
    op.create_index(
        "ix_notices_unread",
        "notices",
        ["user_id"],
        unique=False,
        postgresql_where=sa.text("read_at IS NULL"),
        sqlite_where=sa.text("read_at IS NULL"),
    )
    op.create_index("ix_notices_user", "notices", ["user_id", "id"], unique=False)
    op.create_index("ix_notices_auction", "notices", ["auction_id", "user_id"], unique=False)
    op.create_table(
        "price_steps",
        sa.Column("auction_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("sequence", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("bid_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("bidder_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("alias", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=6), nullable=False),
        sa.Column("amount_cents", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("reason", sa.String(length=20), nullable=False),
        sa.Column("is_offer", sa.Boolean(), nullable=False),
        sa.Column("placed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('manual', 'auto')", name=op.f("price_steps_kind_known")),
        sa.CheckConstraint("amount_cents > 0", name=op.f("price_steps_amount_positive")),
        sa.ForeignKeyConstraint(["auction_id"], ["auctions.id"], name=op.f("fk_price_steps_auction_id")),
        sa.ForeignKeyConstraint(["bidder_id"], ["users.id"], name=op.f("fk_price_steps_bidder_id")),
        sa.PrimaryKeyConstraint("auction_id", "sequence", name=op.f("pk_price_steps")),
    )
    op.create_table(
        "reports",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("reporter_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("auction_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("reason", sa.String(length=1000), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["auction_id"], ["auctions.id"], name=op.f("fk_reports_auction_id")),
        sa.ForeignKeyConstraint(["reporter_id"], ["users.id"], name=op.f("fk_reports_reporter_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reports")),
    )
    op.create_index(op.f("ix_reports_auction_id"), "reports", ["auction_id"], unique=False)
    op.create_table(
        "transfers",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("debit_account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("credit_account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("amount_cents", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=14), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("auction_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("payment_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("reason", sa.String(length=300), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind IN ('deposit', 'withdraw', 'withdrawn', 'withdraw_back', 'hold', 'release', 'capture', 'payout', 'fee', 'adjustment')",
            name=op.f("transfers_kind_known"),
        ),
        sa.CheckConstraint("amount_cents > 0", name=op.f("transfers_amount_positive")),
        sa.CheckConstraint("debit_account_id <> credit_account_id", name=op.f("transfers_accounts_differ")),
        sa.ForeignKeyConstraint(["auction_id"], ["auctions.id"], name=op.f("fk_transfers_auction_id")),
        sa.ForeignKeyConstraint(
            ["credit_account_id"], ["accounts.id"], name=op.f("fk_transfers_credit_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["debit_account_id"], ["accounts.id"], name=op.f("fk_transfers_debit_account_id")
        ),
        sa.ForeignKeyConstraint(["payment_id"], ["payments.id"], name=op.f("fk_transfers_payment_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transfers")),
        sa.UniqueConstraint("key", name=op.f("uq_transfers_key")),
    )
    op.create_index(op.f("ix_transfers_auction_id"), "transfers", ["auction_id"], unique=False)
    op.create_index("ix_transfers_credit", "transfers", ["credit_account_id", "id"], unique=False)
    op.create_index("ix_transfers_debit", "transfers", ["debit_account_id", "id"], unique=False)
    op.create_index(op.f("ix_transfers_payment_id"), "transfers", ["payment_id"], unique=False)
    op.create_table(
        "watches",
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("auction_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("(CURRENT_TIMESTAMP)"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["auction_id"], ["auctions.id"], name=op.f("fk_watches_auction_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_watches_user_id")),
        sa.PrimaryKeyConstraint("user_id", "auction_id", name=op.f("pk_watches")),
    )
    op.create_index(op.f("ix_watches_auction_id"), "watches", ["auction_id"], unique=False)
    op.create_table(
        "conversation_members",
        sa.Column("conversation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "read_message_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.id"], name=op.f("fk_conversation_members_conversation_id")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_conversation_members_user_id")),
        sa.PrimaryKeyConstraint("conversation_id", "user_id", name=op.f("pk_conversation_members")),
    )
    op.create_index(
        op.f("ix_conversation_members_user_id"), "conversation_members", ["user_id"], unique=False
    )
    op.create_table(
        "holds",
        sa.Column(
            "bid_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("auction_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("bidder_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("amount_cents", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("state IN ('active', 'released', 'captured')", name=op.f("holds_state_known")),
        sa.CheckConstraint("amount_cents > 0", name=op.f("holds_amount_positive")),
        sa.ForeignKeyConstraint(["auction_id"], ["auctions.id"], name=op.f("fk_holds_auction_id")),
        sa.ForeignKeyConstraint(["bid_id"], ["bids.id"], name=op.f("fk_holds_bid_id")),
        sa.ForeignKeyConstraint(["bidder_id"], ["users.id"], name=op.f("fk_holds_bidder_id")),
        sa.PrimaryKeyConstraint("bid_id", name=op.f("pk_holds")),
    )
    op.create_index(
        "ix_holds_bidder_active",
        "holds",
        ["bidder_id"],
        unique=False,
        postgresql_where=sa.text("state = 'active'"),
        sqlite_where=sa.text("state = 'active'"),
    )
    op.create_index(
        "uq_holds_active",
        "holds",
        ["auction_id"],
        unique=True,
        postgresql_where=sa.text("state = 'active'"),
        sqlite_where=sa.text("state = 'active'"),
    )
    op.create_index(
        "uq_holds_captured",
        "holds",
        ["auction_id"],
        unique=True,
        postgresql_where=sa.text("state = 'captured'"),
        sqlite_where=sa.text("state = 'captured'"),
    )
    op.create_table(
        "messages",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("conversation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("author_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["users.id"], name=op.f("fk_messages_author_id")),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.id"], name=op.f("fk_messages_conversation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_messages")),
    )
    op.create_index("ix_messages_author", "messages", ["author_id", "created_at"], unique=False)
    op.create_index("ix_messages_conversation", "messages", ["conversation_id", "id"], unique=False)

    seed()
    make_transfers_append_only()


def seed() -> None:
    connection = op.get_bind()
    for position, (slug, name) in enumerate(CATEGORIES):
        connection.execute(
            sa.text("INSERT INTO categories (slug, name, position) VALUES (:slug, :name, :position)"),
            {"slug": slug, "name": name, "position": position},
        )
    connection.execute(
        sa.text("INSERT INTO increment_tables (steps, created_at) VALUES (:steps, CURRENT_TIMESTAMP)"),
        {"steps": json.dumps(INCREMENTS)},
    )
    connection.execute(sa.text("INSERT INTO house_settings (id, increment_table_id) VALUES (1, 1)"))
    for kind in ("gateway", "escrow", "fees"):
        connection.execute(sa.text("INSERT INTO accounts (kind) VALUES (:kind)"), {"kind": kind})


def make_transfers_append_only() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("""
            CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN RAISE EXCEPTION 'transfers are append-only'; END $$""")
        op.execute("""
            CREATE TRIGGER transfers_append_only BEFORE UPDATE OR DELETE ON transfers
            FOR EACH ROW EXECUTE FUNCTION refuse_change()""")
        return
    for action in ("UPDATE", "DELETE"):
        op.execute(f"""
            CREATE TRIGGER transfers_no_{action.lower()} BEFORE {action} ON transfers
            BEGIN SELECT RAISE(ABORT, 'transfers are append-only'); END""")


def downgrade():
    op.drop_index("ix_messages_conversation", table_name="messages")
    op.drop_index("ix_messages_author", table_name="messages")
    op.drop_table("messages")
    op.drop_index(
        "uq_holds_captured",
        table_name="holds",
        postgresql_where=sa.text("state = 'captured'"),
        sqlite_where=sa.text("state = 'captured'"),
    )
    op.drop_index(
        "uq_holds_active",
        table_name="holds",
        postgresql_where=sa.text("state = 'active'"),
        sqlite_where=sa.text("state = 'active'"),
    )
    op.drop_index(
        "ix_holds_bidder_active",
        table_name="holds",
        postgresql_where=sa.text("state = 'active'"),
        sqlite_where=sa.text("state = 'active'"),
    )
    op.drop_table("holds")
    op.drop_index(op.f("ix_conversation_members_user_id"), table_name="conversation_members")
    op.drop_table("conversation_members")
    op.drop_index(op.f("ix_watches_auction_id"), table_name="watches")
    op.drop_table("watches")
    op.drop_index(op.f("ix_transfers_payment_id"), table_name="transfers")
    op.drop_index("ix_transfers_debit", table_name="transfers")
    op.drop_index("ix_transfers_credit", table_name="transfers")
    op.drop_index(op.f("ix_transfers_auction_id"), table_name="transfers")
    op.drop_table("transfers")
    op.drop_index(op.f("ix_reports_auction_id"), table_name="reports")
    op.drop_table("reports")
    op.drop_table("price_steps")
    op.drop_index("ix_notices_auction", table_name="notices")
    op.drop_index("ix_notices_user", table_name="notices")
    op.drop_index(
        "ix_notices_unread",
        table_name="notices",
        postgresql_where=sa.text("read_at IS NULL"),
        sqlite_where=sa.text("read_at IS NULL"),
    )
    op.drop_table("notices")
    op.drop_index("uq_conversations_auction_kind", table_name="conversations")
    op.drop_table("conversations")
    op.drop_index("uq_bids_auction_number", table_name="bids")
    op.drop_index("ix_bids_bidder", table_name="bids")
    op.drop_table("bids")
    op.drop_index("uq_bidder_aliases_alias", table_name="bidder_aliases")
    op.drop_index(op.f("ix_bidder_aliases_user_id"), table_name="bidder_aliases")
    op.drop_table("bidder_aliases")
    op.drop_index(op.f("ix_auction_tags_tag_id"), table_name="auction_tags")
    op.drop_table("auction_tags")
    op.drop_index(op.f("ix_auction_images_auction_id"), table_name="auction_images")
    op.drop_table("auction_images")
    op.drop_index(op.f("ix_sign_ins_expires_at"), table_name="sign_ins")
    op.drop_index(op.f("ix_sign_ins_user_id"), table_name="sign_ins")
    op.drop_table("sign_ins")
    op.drop_table("seller_blocks")
    op.drop_table("sandbox_payments")
    op.drop_index(
        "ix_payments_pending",
        table_name="payments",
        postgresql_where=sa.text("state = 'pending'"),
        sqlite_where=sa.text("state = 'pending'"),
    )
    op.drop_index("ix_payments_user", table_name="payments")
    op.drop_table("payments")
    op.drop_index(op.f("ix_mails_recipient"), table_name="mails")
    op.drop_index(op.f("ix_mails_user_id"), table_name="mails")
    op.drop_index("ix_mails_state", table_name="mails")
    op.drop_table("mails")
    op.drop_index("uq_idempotency_keys_caller", table_name="idempotency_keys")
    op.drop_index(op.f("ix_idempotency_keys_created_at"), table_name="idempotency_keys")
    op.drop_table("idempotency_keys")
    op.drop_table("house_settings")
    op.drop_index("ix_auctions_state_published", table_name="auctions")
    op.drop_index("ix_auctions_state_ends", table_name="auctions")
    op.drop_index("ix_auctions_seller", table_name="auctions")
    op.drop_index(op.f("ix_auctions_leader_id"), table_name="auctions")
    op.drop_index("ix_auctions_category", table_name="auctions")
    op.drop_table("auctions")
    op.drop_index(op.f("ix_api_tokens_user_id"), table_name="api_tokens")
    op.drop_table("api_tokens")
    op.drop_index("uq_accounts_owner_kind", table_name="accounts")
    op.drop_index(
        "uq_accounts_house_kind",
        table_name="accounts",
        postgresql_where=sa.text("owner_id IS NULL"),
        sqlite_where=sa.text("owner_id IS NULL"),
    )
    op.drop_table("accounts")
    op.drop_table("users")
    op.drop_index("uq_topic_events_topic_sequence", table_name="topic_events")
    op.drop_table("topic_events")
    op.drop_table("tags")
    op.drop_table("increment_tables")
    op.drop_index("uq_email_codes_current", table_name="email_codes")
    op.drop_index(op.f("ix_email_codes_created_at"), table_name="email_codes")
    op.drop_index("ix_email_codes_email_purpose", table_name="email_codes")
    op.drop_table("email_codes")
    op.drop_table("categories")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION refuse_change")
