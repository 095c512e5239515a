"""People, for administrators: lists, one person, what that person did."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Integer, Row, Select, String, cast, func, literal, null, or_, select, union_all

from auctionapp.accounts.models import SignIn, User
from auctionapp.auctions.models import Auction, Bid, BidderAlias
from auctionapp.audit import AdminAction
from auctionapp.extensions import UtcDateTime, db
from auctionapp.posts.models import Comment, Post
from auctionapp.reports.models import Report
from auctionapp.wallet.models import Account, Payment

DID = 50
"""So many of a person's latest deeds are shown."""


def people(words: str, role: str, state: str) -> Select:
    """People by a part of name or address, or by their number; a part is looked for in all of them."""
    found = select(User.id, User.display_name, User.email, User.role, User.created_at, User.confirmed_at, User.blocked_at)
    if words:
        part = words.lower().replace("/", "//").replace("%", "/%").replace("_", "/_")
        matches: list[Any] = [User.email.like(f"%{part}%", escape="/"),
                   func.lower(User.display_name).like(f"%{part}%", escape="/")]
        if words.isascii() and words.isdigit() and len(words) <= 18:
            matches.append(User.id == int(words))
        found = found.where(or_(*matches))
    if role:
        found = found.where(User.role == role)
    if state:
        found = found.where(User.blocked_at.is_not(None) if state == "blocked" else User.blocked_at.is_(None))
    return found


def balances(user_id: int) -> dict[str, int]:
    """Cents by kind of account."""
    rows = db.session.execute(select(Account.kind, Account.balance_cents).where(Account.owner_id == user_id))
    return {"available": 0, "held": 0, "withdrawing": 0} | {kind: cents for kind, cents in rows}


def counts(user_id: int) -> Row:
    """How much there is of this person, in one statement."""

    def number(table: Any, *conditions: Any) -> Any:
        return select(func.count()).select_from(table).where(*conditions).scalar_subquery()

    about = [("auction", select(Auction.id).where(Auction.seller_id == user_id)),
             ("post", select(Post.id).where(Post.author_id == user_id)),
             ("comment", select(Comment.id).where(Comment.author_id == user_id))]
    with_bids = select(BidderAlias.auction_id).where(BidderAlias.user_id == user_id)
    on_them = or_((Report.subject_kind == "person") & (Report.subject_id == user_id),
                  *((Report.subject_kind == kind) & Report.subject_id.in_(ids) for kind, ids in about))
    return db.session.execute(select(
        number(SignIn, SignIn.user_id == user_id).label("sign_ins"),
        number(Auction, Auction.seller_id == user_id, Auction.state == "open").label("on_sale"),
        number(Auction, Auction.id.in_(with_bids), Auction.leader_id == user_id, Auction.state == "open").label("leads"),
        number(Report, on_them, Report.closed_at.is_(None)).label("open_reports"),
    )).one()


def deeds(user_id: int) -> Sequence[Row]:
    """The latest of what a person did, newest first. Private messages are nobody's to read, so they are not here."""
    text = String()

    def latest(kind: str, model: Any, who: Any, when: Any, words: Any, cents: Any, place: Any) -> Select:
        part = (select(literal(kind).label("kind"), cast(words, text).label("words"), cents.label("amount_cents"),
                       place.label("place"), when.label("at"))
                .where(who == user_id).order_by(when.desc()).limit(DID).subquery())
        return select(part)

    nothing, nowhere = cast(null(), Integer), cast(null(), Integer)
    bids = (select(literal("bid").label("kind"), cast(Auction.title, text).label("words"),
                   Bid.maximum_cents.label("amount_cents"), Auction.id.label("place"), Bid.placed_at.label("at"))
            .join(Auction, Auction.id == Bid.auction_id).where(Bid.bidder_id == user_id)
            .order_by(Bid.id.desc()).limit(DID).subquery())
    parts = union_all(
        select(bids),
        latest("lot", Auction, Auction.seller_id, Auction.created_at, Auction.title, nothing, Auction.id),
        latest("payment", Payment, Payment.user_id, Payment.created_at, Payment.kind, Payment.amount_cents, nowhere),
        latest("post", Post, Post.author_id, Post.created_at, Post.title, nothing, Post.id),
        latest("comment", Comment, Comment.author_id, Comment.created_at, Comment.text, nothing, Comment.post_id),
        latest("report", Report, Report.reporter_id, Report.created_at, Report.reason, nothing, Report.id),
        latest("sign-in", SignIn, SignIn.user_id, SignIn.created_at, SignIn.user_agent, nothing, nowhere),
    ).subquery()
    at = cast(parts.c.at, UtcDateTime)
    return db.session.execute(
        select(parts.c.kind, parts.c.words, parts.c.amount_cents, parts.c.place,
               (parts.c.at if db.engine.dialect.name == "sqlite" else at).label("at"))
        .order_by(parts.c.at.desc()).limit(DID)).all()


def entries_about(kind: str, subject_id: int, limit: int = 10) -> Sequence[Row]:
    """The latest entries of the log about one thing."""
    return db.session.execute(log().where(AdminAction.subject_kind == kind, AdminAction.subject_id == subject_id)
                              .order_by(AdminAction.id.desc()).limit(limit)).all()


def log() -> Select:
    return select(AdminAction.id, AdminAction.admin_id, User.display_name.label("admin"), AdminAction.action,
                  AdminAction.subject_kind, AdminAction.subject_id, AdminAction.before, AdminAction.after,
                  AdminAction.reason, AdminAction.address, AdminAction.created_at).join(User, User.id == AdminAction.admin_id)
