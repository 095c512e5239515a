"""Where each person wants to be told of what: in the site, by mail, both, neither."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from itsdangerous import BadSignature, URLSafeSerializer
from sqlalchemy import select
from sqlalchemy.orm import Session

from auctionapp import bulk, transaction
from auctionapp.accounts.models import User
from auctionapp.errors import NotFound
from auctionapp.mail.site import Site
from auctionapp.notifications.kinds import KINDS
from auctionapp.notifications.models import NoticePreference


@dataclass(frozen=True)
class Where:
    in_site: bool
    by_mail: bool


class Choices:
    """What some people want; the kind's default where they chose nothing."""

    def __init__(self, rows: Mapping[tuple[int, str], Where]):
        self._rows = rows

    def of(self, user_id: int, kind: str) -> Where:
        return self._rows.get((user_id, kind)) or Where(True, KINDS[kind].by_mail)


def choices(session: Session, user_ids: Collection[int]) -> Choices:
    """The preferences of these people, in one query."""
    dialect = session.get_bind().dialect.name
    rows = session.execute(
        select(NoticePreference.user_id, NoticePreference.kind, NoticePreference.in_site, NoticePreference.by_mail)
        .where(bulk.among(NoticePreference.user_id, "people", dialect)), {"people": sorted(user_ids)})
    return Choices({(row.user_id, row.kind): Where(row.in_site, row.by_mail) for row in rows})


def choose(user_id: int, wanted: Mapping[str, Where]) -> None:
    """Keep what a person wants for each of these kinds. Unknown kinds are left out."""
    rows = [{"user_id": user_id, "kind": kind, "in_site": where.in_site, "by_mail": where.by_mail}
            for kind, where in sorted(wanted.items()) if kind in KINDS]

    def work(session: Session) -> None:
        statement = bulk.dialect_insert(session, NoticePreference)
        session.execute(statement.on_conflict_do_update(
            index_elements=["user_id", "kind"],
            set_={"in_site": statement.excluded.in_site, "by_mail": statement.excluded.by_mail}), rows)

    if rows:
        transaction.write(work)


# -- the link in every mail that ends it ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Subscription:
    """One person's mails of one kind, as the link in such a mail names them."""

    user_id: int
    kind: str
    by_mail: bool


def unsubscribe_path(site: Site, user_id: int, kind: str) -> str:
    """The address that ends one person's mails of one kind. Whoever has the mail may use it, signed in or not."""
    return f"/unsubscribe/{_signer(site).dumps([user_id, kind])}"


def subscription(session: Session, site: Site, token: str) -> Subscription:
    """What a link names, as it stands now. Raises NotFound for anything that was not signed here."""
    try:
        user_id, kind = _signer(site).loads(token)
    except (BadSignature, ValueError, TypeError):
        raise NotFound() from None
    if kind not in KINDS or session.get(User, user_id) is None:
        raise NotFound()
    return Subscription(user_id, kind, choices(session, [user_id]).of(user_id, kind).by_mail)


def set_mail(session: Session, site: Site, token: str, by_mail: bool) -> None:
    """End the mails that a link names, or have them again. Raises NotFound."""
    named = subscription(session, site, token)
    now = choices(session, [named.user_id]).of(named.user_id, named.kind)
    choose(named.user_id, {named.kind: Where(now.in_site, by_mail)})


def _signer(site: Site) -> URLSafeSerializer:
    return URLSafeSerializer(site.secret_key, salt="notices by mail")
