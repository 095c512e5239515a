"""How the house is arranged: the tree of categories, tags, increments and the settings. Only administrators come here.

Nothing that is in use is ever deleted: lots move first.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence

from sqlalchemy import ColumnElement, Table, delete, func, select
from sqlalchemy.orm import Session

from auctionapp import audit, bulk, quotas, transaction
from auctionapp.auctions import lots
from auctionapp.auctions.models import Auction, AuctionTag, Category, HouseSettings, IncrementTable, Tag
from auctionapp.audit import Actor
from auctionapp.clock import Clock, database_clock
from auctionapp.errors import Conflict, DomainError, NotFound

NAME_MAX = 60
DEEPEST = 3
MOST_STEPS = 30
LARGEST_CENTS = 10**12
COMMISSION_MOST = 5_000
SECONDS_MOST = 24 * 3600


class InvalidArrangement(DomainError):
    slug = "invalid-arrangement"


def add_category(actor: Actor, name: str, parent_id: int | None, clock: Clock = database_clock) -> int:
    """A category at the end of its siblings; returns its id. Raises InvalidArrangement, Conflict for a name in use."""
    name = _clean_name(name)

    def work(session: Session) -> int:
        _lock_house(session)
        slug = _slug(name)
        if session.scalar(select(Category.id).where(Category.slug == slug)) is not None:
            raise Conflict("There is a category of this name already.")
        _refuse_wrong_parent(session, None, parent_id)
        made = Category(slug=slug, name=name, parent_id=parent_id, position=_next_position(session, parent_id))
        session.add(made)
        session.flush()
        audit.record(session, actor, "add_category", "category", made.id, clock.now(session),
                     after={"name": name, "parent_id": parent_id})
        return made.id

    return transaction.write(work)


def change_category(actor: Actor, category_id: int, name: str, parent_id: int | None,
                    clock: Clock = database_clock) -> None:
    """Another name or place in the tree; its address stays. Raises NotFound, InvalidArrangement for a circle."""
    name = _clean_name(name)

    def work(session: Session) -> None:
        category = _category(session, category_id)
        _refuse_wrong_parent(session, category_id, parent_id)
        before = {"name": category.name, "parent_id": category.parent_id}
        if before == {"name": name, "parent_id": parent_id}:
            return
        if category.parent_id != parent_id:
            category.position = _next_position(session, parent_id)
        category.name, category.parent_id = name, parent_id
        audit.record(session, actor, "change_category", "category", category_id, clock.now(session), before,
                     {"name": name, "parent_id": parent_id})

    transaction.write(work)


def move_category(actor: Actor, category_id: int, up: bool, clock: Clock = database_clock) -> None:
    """One place up or down among its siblings; at the end of the row nothing happens. Raises NotFound."""

    def work(session: Session) -> None:
        category = _category(session, category_id)
        siblings = list(session.scalars(
            select(Category).where(_has_parent(category.parent_id)).order_by(Category.position, Category.id)))
        place = siblings.index(category)
        other = place - 1 if up else place + 1
        if not 0 <= other < len(siblings):
            return
        siblings[place], siblings[other] = siblings[other], siblings[place]
        for position, sibling in enumerate(siblings):
            sibling.position = position
        audit.record(session, actor, "move_category", "category", category_id, clock.now(session),
                     {"place": place}, {"place": other})

    transaction.write(work)


def remove_category(actor: Actor, category_id: int, clock: Clock = database_clock) -> None:
    """Remove an empty category. Raises NotFound, Conflict while it has lots or categories below it."""

    def work(session: Session) -> None:
        category = _category(session, category_id)
        lots_in = session.scalar(select(func.count()).select_from(Auction).where(Auction.category_id == category_id))
        below = session.scalar(select(func.count()).select_from(Category).where(Category.parent_id == category_id))
        if lots_in or below:
            raise Conflict("This category has lots or categories below it, so it cannot be removed.")
        before = {"name": category.name, "slug": category.slug, "parent_id": category.parent_id}
        session.delete(category)
        audit.record(session, actor, "remove_category", "category", category_id, clock.now(session), before)

    transaction.write(work)


def merge_tags(actor: Actor, from_id: int, into_id: int, clock: Clock = database_clock) -> None:
    """Everything with the first tag gets the second instead, and the first goes. Raises NotFound, Conflict."""
    if from_id == into_id:
        raise Conflict("Choose another tag to merge into.")

    def work(session: Session) -> None:
        _lock_house(session)
        tags = {tag.id: tag for tag in session.scalars(select(Tag).where(Tag.id.in_((from_id, into_id))))}
        if len(tags) < 2:
            raise NotFound()
        moved = session.scalars(select(AuctionTag.auction_id).where(AuctionTag.tag_id == from_id)).all()
        for link in _tag_links():
            _move_links(session, link, from_id, into_id)
        session.execute(delete(Tag).where(Tag.id == from_id))
        audit.record(session, actor, "merge_tags", "tag", into_id, clock.now(session),
                     {"tag": tags[from_id].name, "lots": len(moved)}, {"tag": tags[into_id].name})

    transaction.write(work)


def rename_tag(actor: Actor, tag_id: int, name: str, clock: Clock = database_clock) -> None:
    """Another spelling of the same tag. Raises NotFound, InvalidArrangement, Conflict where that is another tag."""
    names = lots.distinct_tags([name])
    if not names or len(names[0]) > 40:
        raise InvalidArrangement("Write a name of at most 40 characters.")

    def work(session: Session) -> None:
        tag = session.get(Tag, tag_id, populate_existing=True)
        if tag is None:
            raise NotFound()
        slug = lots.tag_slug(names[0])
        if session.scalar(select(Tag.id).where(Tag.slug == slug, Tag.id != tag_id)) is not None:
            raise Conflict("There is such a tag already: merge the two instead.")
        before = {"name": tag.name, "slug": tag.slug}
        if before == {"name": names[0], "slug": slug}:
            return
        tag.name, tag.slug = names[0], slug
        audit.record(session, actor, "rename_tag", "tag", tag_id, clock.now(session), before,
                     {"name": names[0], "slug": slug})

    transaction.write(work)


def set_increments(actor: Actor, steps: Sequence[Sequence[int | None]], clock: Clock = database_clock) -> int:
    """A new version of the house's increments (R1); lots keep the version that they were made with. Returns its id.

    `steps` are pairs of (price up to, increment) in cents, rising; the last has no limit. Raises InvalidArrangement.
    """
    _refuse_wrong_steps(steps)

    def work(session: Session) -> int:
        house = _lock_house(session)
        now = clock.now(session)
        before = session.get_one(IncrementTable, house.increment_table_id)
        made = IncrementTable(steps=[list(step) for step in steps], created_at=now)
        session.add(made)
        session.flush()
        house.increment_table_id = made.id
        audit.record(session, actor, "set_increments", "increment_table", made.id, now,
                     {"table": before.id, "steps": before.steps}, {"table": made.id, "steps": made.steps})
        return made.id

    return transaction.write(work)


def set_house(actor: Actor, commission_basis_points: int, soft_close_seconds: int, soft_close_cap_seconds: int,
              reason: str, clock: Clock = database_clock) -> None:
    """Commission (it counts for every close from now on) and the soft close of lots to come.

    Raises InvalidArrangement, ReasonMissing.
    """
    reason = audit.clean_reason(reason)
    if not 0 <= commission_basis_points <= COMMISSION_MOST:
        raise InvalidArrangement("The commission is 0 to 50 %.")
    if not (0 <= soft_close_seconds <= SECONDS_MOST and soft_close_seconds <= soft_close_cap_seconds <= SECONDS_MOST):
        raise InvalidArrangement("The soft close is 0 to 24 hours, and its cap is not shorter than it.")
    wanted = {"commission_basis_points": commission_basis_points, "soft_close_seconds": soft_close_seconds,
              "soft_close_cap_seconds": soft_close_cap_seconds}

    def work(session: Session) -> None:
        house = _lock_house(session)
        before = {name: getattr(house, name) for name in wanted}
        if before == wanted:
            return
        for name, value in wanted.items():
            setattr(house, name, value)
        audit.record(session, actor, "set_house", "house", 1, clock.now(session), before, wanted, reason)

    transaction.write(work)


def set_quotas(actor: Actor, wanted: Mapping[str, int], reason: str, clock: Clock = database_clock) -> None:
    """How often people may write, ask and report, by the names of `quotas.QUOTAS`; those that are not named stay.

    Raises InvalidQuotas, ReasonMissing.
    """

    def work(session: Session) -> None:
        _lock_house(session)
        quotas.change(session, actor, wanted, reason, clock.now(session))

    transaction.write(work)
    quotas.forget_kept()


def _lock_house(session: Session) -> HouseSettings:
    """One administrator at a time arranges the house."""
    return session.scalars(select(HouseSettings).with_for_update().execution_options(populate_existing=True)).one()


def _category(session: Session, category_id: int) -> Category:
    _lock_house(session)
    category = session.get(Category, category_id, populate_existing=True)
    if category is None:
        raise NotFound()
    return category


def _clean_name(given: str) -> str:
    name = " ".join(given.split())
    if not 0 < len(name) <= NAME_MAX or not name.isprintable() or not _slug(name):
        raise InvalidArrangement(f"Write a name of 1 to {NAME_MAX} characters.")
    return name


def _slug(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:40]


def _has_parent(parent_id: int | None) -> ColumnElement[bool]:
    return Category.parent_id.is_(None) if parent_id is None else Category.parent_id == parent_id


def _next_position(session: Session, parent_id: int | None) -> int:
    last = session.scalar(select(func.max(Category.position)).where(_has_parent(parent_id)))
    return 0 if last is None else last + 1


def _refuse_wrong_parent(session: Session, category_id: int | None, parent_id: int | None) -> None:
    parents = {row.id: row.parent_id for row in session.execute(select(Category.id, Category.parent_id))}
    if parent_id is not None and parent_id not in parents:
        raise InvalidArrangement("There is no such category above it.")
    above, depth = parent_id, 1
    while above is not None:
        if above == category_id:
            raise InvalidArrangement("A category cannot stand below itself.")
        above, depth = parents[above], depth + 1
    if category_id is not None:
        depth += _height(parents, category_id)
    if depth > DEEPEST:
        raise InvalidArrangement(f"The tree has at most {DEEPEST} levels.")


def _height(parents: dict[int, int | None], category_id: int) -> int:
    below = [one for one, parent in parents.items() if parent == category_id]
    return 1 + max(_height(parents, one) for one in below) if below else 0


def _refuse_wrong_steps(steps: Sequence[Sequence[int | None]]) -> None:
    if not 0 < len(steps) <= MOST_STEPS:
        raise InvalidArrangement(f"Write 1 to {MOST_STEPS} lines.")
    limits = [limit for limit, _ in steps]
    if limits[-1] is not None or any(limit is None for limit in limits[:-1]):
        raise InvalidArrangement("Only the last line has no limit.")
    prices = [limit for limit in limits if limit is not None]
    if any(not 0 < price <= LARGEST_CENTS for price in prices) or any(
            later <= earlier for earlier, later in zip(prices, prices[1:], strict=False)):
        raise InvalidArrangement("The prices must rise from line to line.")
    if any(step is None or not 0 < step <= LARGEST_CENTS for _, step in steps):
        raise InvalidArrangement("Each increment is at least 0.01.")


def _tag_links() -> list[Table]:
    """Every table between tags and something else: of lots and, standing above us and known by its name, of posts."""
    links = [AuctionTag.__table__]
    posts = Tag.metadata.tables.get("post_tags")
    return links if posts is None else [*links, posts]


def _move_links(session: Session, link: Table, from_id: int, into_id: int) -> None:
    [other] = [column for column in link.primary_key.columns if column.name != "tag_id"]
    owners = list(session.scalars(select(other).where(link.c.tag_id == from_id)))
    if owners:
        session.execute(bulk.dialect_insert(session, link).on_conflict_do_nothing(),
                        [{other.name: owner, "tag_id": into_id} for owner in owners])
    session.execute(delete(link).where(link.c.tag_id == from_id))
