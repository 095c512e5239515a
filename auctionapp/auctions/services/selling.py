"""Putting lots on sale: drafts, publishing, and the changes that R9 allows. Every use case locks the lot's row."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import delete as delete_rows
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from auctionapp import transaction
from auctionapp.accounts.models import User
from auctionapp.auctions import lots, rules, seller_rules
from auctionapp.auctions.lots import Draft, InvalidLot
from auctionapp.auctions.models import (
    Auction,
    AuctionImage,
    AuctionTag,
    BidderAlias,
    Category,
    HouseSettings,
    IncrementTable,
    PriceStep,
    Tag,
    Watch,
    search_text,
)
from auctionapp.auctions.queries import second_chances
from auctionapp.auctions.representation import auction_json, bid_json
from auctionapp.auctions.services import attached
from auctionapp.auctions.services.closing import tell
from auctionapp.clock import Clock, database_clock
from auctionapp.errors import Conflict, NotAllowed, NotFound
from auctionapp.events import AuctionChanged, AuctionScheduled, PicturesDropped, ReserveReached, announce
from auctionapp.pictures import StoredPicture

__all__ = ["Draft", "InvalidLot", "add_pictures", "as_new", "create_draft", "delete", "draft_of", "edit", "publish"]

WITHDRAWN = "Withdrawn by the seller before the first bid."


def create_draft(seller_id: int, draft: Draft, clock: Clock = database_clock,
                 pictures: Sequence[StoredPicture] = (), on_sale: bool = False, relisted_from: int | None = None) -> int:
    """Save a lot as a draft that only its seller sees, or put it on sale in the same transaction; returns its id.

    `relisted_from` is an own unsold lot that is offered here once more. Raises NotAllowed for somebody who is not a
    seller, InvalidLot for fields that cannot stand so, Conflict for a lot that cannot be relisted.
    """
    def work(session: Session) -> int:
        _require_seller(session, seller_id)
        if relisted_from is not None:
            # Its lock keeps the acceptance of a second chance apart: one of the two finds the other.
            seller_rules.refuse_relisting(locked_own(session, relisted_from, seller_id),
                                          second_chances.offers_of(session, relisted_from))
        now = clock.now(session)
        draft_ = _cleaned(draft)
        lots.refuse_wrong(draft_, now)
        house = session.get_one(HouseSettings, 1)
        auction = Auction(seller_id=seller_id, state="draft", created_at=now,
                          increment_table_id=house.increment_table_id,
                          soft_close_cap_seconds=house.soft_close_cap_seconds, relisted_from_id=relisted_from)
        _write_fields(session, auction, draft_, house)
        session.add(auction)
        session.flush()
        attached.write_tags(session, AuctionTag.auction_id, auction.id, draft_.tags)
        _append_pictures(session, auction.id, pictures)
        if on_sale:
            _put_on_sale(session, auction, draft_, now)
        return auction.id

    return transaction.write(work)


def publish(auction_id: int, seller_id: int, clock: Clock = database_clock) -> None:
    """A draft goes on sale: scheduled or live by its start. Raises Conflict when its end has passed meanwhile.

    Publishing what is on sale already changes nothing, so that a form sent twice is harmless.
    """
    def work(session: Session) -> None:
        auction = locked_own(session, auction_id, seller_id)
        if auction.state == "open":
            return
        if auction.state != "draft":
            raise Conflict("This auction is over.")
        _require_seller(session, seller_id)
        _put_on_sale(session, auction, draft_of(session, auction), clock.now(session))

    transaction.write(work)


def edit(auction_id: int, seller_id: int, changes: Mapping[str, Any], clock: Clock = database_clock,
         pictures: Sequence[StoredPicture] = (), dropped_pictures: Sequence[int] = (),
         version: int | None = None, as_draft: bool = False) -> None:
    """Change a lot as R9 allows. `changes` are fields of Draft by name; `description_addition` adds to the description.

    Before the first bid everything may change. After it: the description may only grow, pictures may be added, the
    reserve may be lowered once (R4). A value that stands already is no change. `version` refuses an edit of
    something that has changed since it was read, `as_draft` one of a lot that is on sale. Raises NotFound, Conflict
    or InvalidLot.
    """
    def work(session: Session) -> None:
        auction = locked_own(session, auction_id, seller_id)
        now = clock.now(session)
        _require_editable(auction, now)
        if version is not None and version != auction.version:
            raise Conflict("This lot was changed in another window. Look at it again before you edit it.")
        if as_draft and auction.state != "draft":
            raise Conflict("This lot is on sale and does not become a draft again. Delete it while it has no bids.")
        before = draft_of(session, auction)
        after, wanted = _changed(before, changes, auction, now)
        if not wanted and not pictures and not dropped_pictures:
            return
        if auction.bid_number:
            _refuse_after_bids(before, wanted, dropped_pictures)
            _lower_reserve(session, auction, wanted, now)
        else:
            _refuse_wrong_changes(after, wanted, now)
        house = session.get_one(HouseSettings, 1)
        _write_fields(session, auction, after, house)
        if "tags" in wanted:
            session.execute(delete_rows(AuctionTag).where(AuctionTag.auction_id == auction_id))
            attached.write_tags(session, AuctionTag.auction_id, auction_id, after.tags)
        if auction.state == "open" and wanted.keys() & lots.SCHEDULE:
            auction.starts_at, auction.ends_at = lots.schedule(after, _start_floor(auction, now))
            auction.first_ends_at, auction.duration_seconds = auction.ends_at, None
            announce(session, AuctionScheduled(auction_id))
        attached.drop_pictures(session, AuctionImage.auction_id, auction_id, dropped_pictures)
        _append_pictures(session, auction_id, pictures)
        auction.version += 1
        announce(session, AuctionChanged(auction_id))

    transaction.write(work)


def add_pictures(auction_id: int, seller_id: int, pictures: Sequence[StoredPicture],
                 clock: Clock = database_clock) -> None:
    """Add pictures, which R9 allows at any time before the end."""
    edit(auction_id, seller_id, {}, clock, pictures=pictures)


def delete(auction_id: int, seller_id: int, clock: Clock = database_clock) -> bool:
    """Delete a lot without bids (R9); True when it is gone, False when it was cancelled instead.

    A lot under which other people have written (its chat, a report) stays as a cancelled one. Raises Conflict after
    the first bid.
    """
    def work(session: Session) -> bool:
        auction = locked_own(session, auction_id, seller_id)
        if auction.bid_number:
            raise Conflict("There are bids on this lot, so it cannot be deleted.")
        if auction.state not in ("draft", "open"):
            raise Conflict("This auction is over, so it stays in the records.")
        names = session.scalars(select(AuctionImage.name).where(AuctionImage.auction_id == auction_id)).all()
        try:
            with session.begin_nested():
                for dependent in (AuctionTag, AuctionImage, Watch):
                    session.execute(delete_rows(dependent).where(dependent.auction_id == auction_id))
                session.execute(delete_rows(Auction).where(Auction.id == auction_id))
        except IntegrityError:
            auction = locked_own(session, auction_id, seller_id)
            auction.state, auction.closed_at, auction.ended_reason = "cancelled", clock.now(session), WITHDRAWN
            auction.version += 1
            session.flush()
            tell(session, auction, "closed", auction_json(auction, now=auction.closed_at), auction.closed_at)
            announce(session, AuctionChanged(auction_id))
            return False
        announce(session, PicturesDropped(tuple(names)))
        return True

    return transaction.write(work)


def draft_of(session: Session, auction: Auction) -> Draft:
    """The lot as its seller described it."""
    return Draft(
        title=auction.title, description=auction.description, category_slug=auction.category.slug,
        tags=tuple(session.scalars(
            select(Tag.name).join(AuctionTag, AuctionTag.tag_id == Tag.id)
            .where(AuctionTag.auction_id == auction.id).order_by(Tag.name))),
        starting_price_cents=auction.starting_price_cents, bid_step_cents=auction.bid_step_cents,
        reserve_price_cents=auction.reserve_price_cents, starts_at=auction.starts_at, ends_at=auction.ends_at,
        duration_hours=None if auction.ends_at or auction.duration_seconds is None
        else auction.duration_seconds / 3600,
        soft_close_seconds=auction.soft_close_seconds, format=auction.format,
    )


def as_new(session: Session, auction: Auction) -> Draft:
    """What a further lot like this one begins with: everything but its times, of which the duration stays."""
    draft = draft_of(session, auction)
    seconds = auction.duration_seconds
    if auction.starts_at and auction.first_ends_at:
        seconds = round((auction.first_ends_at - auction.starts_at).total_seconds())
    hours = min(max(round((seconds or 72 * 3600) / 3600), 1), lots.LONGEST.days * 24)
    return replace(draft, starts_at=None, ends_at=None, duration_hours=float(hours))


def locked_own(session: Session, auction_id: int, seller_id: int) -> Auction:
    """The seller's own lot, locked and read anew. Raises NotFound for another's draft, NotAllowed for another's lot."""
    auction = session.scalars(
        select(Auction).where(Auction.id == auction_id)
        .with_for_update(of=Auction).execution_options(populate_existing=True)
    ).one_or_none()
    if auction is None or (auction.state == "draft" and auction.seller_id != seller_id):
        raise NotFound()
    if auction.seller_id != seller_id:
        raise NotAllowed("Only its seller may change a lot.")
    return auction


def _require_seller(session: Session, seller_id: int) -> None:
    person = session.get(User, seller_id, populate_existing=True)
    if person is None or not person.is_active or not person.has_role("seller"):
        raise NotAllowed("Become a seller first: open Sell and accept the seller's terms.")


def _require_editable(auction: Auction, now: datetime) -> None:
    if auction.state not in ("draft", "open") or (
            auction.state == "open" and auction.ends_at is not None and auction.ends_at <= now):
        raise Conflict("This auction is over, so it can no longer be edited.")


def _cleaned(draft: Draft) -> Draft:
    return replace(draft, title=lots.clean_line(draft.title), description=lots.clean_text(draft.description),
                   tags=lots.distinct_tags(draft.tags))


def _changed(before: Draft, changes: Mapping[str, Any], auction: Auction,
             now: datetime) -> tuple[Draft, dict[str, Any]]:
    """The lot after the changes, and what they really change."""
    given = dict(changes)
    addition = lots.clean_text(given.pop("description_addition", None) or "")
    if given.get("ends_at") is not None:
        given["duration_hours"] = None
    elif given.get("duration_hours") is not None:
        given["ends_at"] = None
    if auction.state == "open" and given.get("starts_at", ...) is None:
        given["starts_at"] = min(before.starts_at or now, now)
    after = _cleaned(replace(before, **given))
    if auction.bid_number and after.description != before.description:
        if not after.description.startswith(before.description):
            raise Conflict("There are bids, so the description can only be added to.")
        addition = f"{after.description[len(before.description):].strip()}\n\n{addition}".strip()
        after = replace(after, description=before.description)
    if addition:
        longer = (lots.dated_addition(before.description, addition, now) if auction.bid_number
                  else f"{after.description}\n\n{addition}".strip())
        after = replace(after, description=longer)
    if {lots.tag_slug(name) for name in before.tags} == {lots.tag_slug(name) for name in after.tags}:
        after = replace(after, tags=before.tags)
    if auction.state == "open" and lots.duration_is_possible(after.duration_hours):
        ends_at = lots.schedule(after, _start_floor(auction, now))[1]
        after = replace(after, ends_at=ends_at, duration_hours=None)
    return after, lots.changed_fields(before, after)


def _start_floor(auction: Auction, now: datetime) -> datetime:
    """A lot that has begun keeps its start; any other starts now at the earliest."""
    return min(auction.starts_at or now, now)


def _refuse_wrong_changes(after: Draft, wanted: Mapping[str, Any], now: datetime) -> None:
    """What was not touched is not judged again: a lot that ends in 5 s may still get a better title."""
    try:
        lots.refuse_wrong(after, now)
    except InvalidLot as refusal:
        touched = set(wanted) | {name.removesuffix("_cents") for name in wanted}
        if "starting_price_cents" in wanted:
            touched.add("reserve_price")
        if lots.SCHEDULE & touched:
            touched |= lots.SCHEDULE
        errors = {name: words for name, words in refusal.errors.items() if name in touched}
        if errors:
            raise InvalidLot(errors) from None


def _refuse_after_bids(before: Draft, wanted: Mapping[str, Any], dropped_pictures: Sequence[int]) -> None:
    if dropped_pictures or wanted.keys() - {"description", "reserve_price_cents"}:
        raise Conflict("There are bids, so only the description and pictures can be added to, and the reserve lowered.")
    if "description" in wanted and len(wanted["description"]) > lots.DESCRIPTION_LENGTH:
        raise InvalidLot({"description": f"At most {lots.DESCRIPTION_LENGTH} characters with what stands already."})


def _lower_reserve(session: Session, auction: Auction, wanted: Mapping[str, Any], now: datetime) -> None:
    """R4: a lowered reserve that the leader's maximum reaches becomes the price, and a step says why."""
    if "reserve_price_cents" not in wanted:
        return
    table = session.get_one(IncrementTable, auction.increment_table_id)
    terms = rules.Terms.of(auction, table.steps)
    standing = rules.Standing(ends_at=auction.ends_at, price_cents=auction.price_cents, leader_id=auction.leader_id,
                              leader_maximum_cents=auction.leader_maximum_cents)
    decision = rules.lower_reserve(terms, standing, wanted["reserve_price_cents"],
                                   auction.reserve_lowered_at is not None, now)
    auction.reserve_lowered_at = now
    for step in decision.steps:
        write_step(session, auction, terms, step, now)
    maximum = auction.leader_maximum_cents
    if not rules.reserve_met(terms.reserve_price_cents, maximum) and (
            rules.reserve_met(wanted["reserve_price_cents"], maximum) is not False):
        announce(session, ReserveReached(auction.id))


def write_step(session: Session, auction: Auction, terms: rules.Terms, step: rules.Step, now: datetime) -> None:
    """Append a step that no offer made, under the bid that leads, and make its amount the price. The auction is locked."""
    alias = session.scalars(select(BidderAlias.alias).where(
        BidderAlias.auction_id == auction.id, BidderAlias.user_id == step.bidder_id)).one()
    auction.price_cents = step.amount_cents
    auction.step_sequence += 1
    session.add(PriceStep(
        auction_id=auction.id, sequence=auction.step_sequence, bid_id=auction.leading_bid_id, alias=alias,
        bidder_id=step.bidder_id, kind=step.kind, amount_cents=step.amount_cents, reason=step.reason,
        is_offer=step.is_offer, placed_at=now))
    tell(session, auction, "bid", bid_json(
        auction.id, auction.step_sequence, alias, step.amount_cents, step.kind, now, leading=True,
        price_cents=step.amount_cents, next_minimum_cents=rules.next_minimum(terms, step.amount_cents),
        number=auction.bid_number), now)


def _put_on_sale(session: Session, auction: Auction, draft: Draft, now: datetime) -> None:
    starts_at, ends_at = lots.schedule(draft, now)
    if ends_at <= starts_at:
        raise Conflict("The end of this draft has passed. Edit it and set a later one, then publish it.")
    auction.state = "open"
    auction.starts_at, auction.ends_at, auction.first_ends_at = starts_at, ends_at, ends_at
    auction.duration_seconds = None
    auction.published_at = now
    announce(session, AuctionScheduled(auction.id))
    announce(session, AuctionChanged(auction.id))


def _write_fields(session: Session, auction: Auction, draft: Draft, house: HouseSettings) -> None:
    category_id = session.scalar(select(Category.id).where(Category.slug == draft.category_slug))
    if category_id is None:
        raise InvalidLot({"category": "Choose one of the categories."})
    auction.title, auction.description = draft.title, draft.description
    auction.search_text = search_text(draft.title, draft.description)
    auction.category_id = category_id
    auction.format = draft.format
    auction.starting_price_cents = draft.starting_price_cents
    auction.bid_step_cents = draft.bid_step_cents
    auction.reserve_price_cents = draft.reserve_price_cents
    auction.soft_close_seconds = (
        house.soft_close_seconds if draft.soft_close_seconds is None else draft.soft_close_seconds)
    if auction.state == "draft":
        auction.starts_at, auction.ends_at = draft.starts_at, draft.ends_at
        auction.duration_seconds = lots.duration_seconds(draft)


def _append_pictures(session: Session, auction_id: int, pictures: Sequence[StoredPicture]) -> None:
    attached.append_pictures(
        session, AuctionImage.auction_id, auction_id, pictures, lots.PICTURES,
        lambda: InvalidLot({"pictures": f"A lot has at most {lots.PICTURES} pictures."}))
