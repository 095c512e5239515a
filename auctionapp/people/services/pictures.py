"""A person's own pictures: kept, one of them active, and the signature. The files are stored around these calls."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from auctionapp import transaction
from auctionapp.accounts.models import User
from auctionapp.clock import Clock, database_clock
from auctionapp.errors import NotFound
from auctionapp.events import PicturesDropped, announce
from auctionapp.people import rules
from auctionapp.people.models import PersonPicture


def add_picture(user_id: int, name: str, clock: Clock = database_clock) -> int:
    """Keep a stored picture and show it from now on; its id. Raises TooManyPictures."""

    def work(session: Session) -> int:
        person = _locked(session, user_id)
        kept = session.scalar(select(func.count()).select_from(PersonPicture).where(PersonPicture.user_id == user_id))
        if kept >= rules.PICTURES_KEPT:
            raise rules.TooManyPictures()
        picture = PersonPicture(user_id=user_id, name=name, created_at=clock.now(session))
        session.add(picture)
        person.picture = name
        session.flush()
        return picture.id

    return transaction.write(work)


def use_picture(user_id: int, picture_id: int | None) -> None:
    """Show one of the kept pictures, or with None the drawn initials. Raises NotFound for somebody else's."""

    def work(session: Session) -> None:
        person = _locked(session, user_id)
        person.picture = _own(session, user_id, picture_id).name if picture_id is not None else None

    transaction.write(work)


def remove_picture(user_id: int, picture_id: int) -> None:
    """Forget a picture; if it was shown, the initials are. Raises NotFound for somebody else's, or one that is gone."""

    def work(session: Session) -> None:
        person = _locked(session, user_id)
        picture = _own(session, user_id, picture_id)
        if person.picture == picture.name:
            person.picture = None
        announce(session, PicturesDropped((picture.name,)))
        session.delete(picture)

    transaction.write(work)


def set_signature(user_id: int, name: str | None) -> None:
    """Put a stored picture, or none, in the place of the signature before."""

    def work(session: Session) -> None:
        person = _locked(session, user_id)
        if person.signature:
            announce(session, PicturesDropped((person.signature,)))
        person.signature = name

    transaction.write(work)


def _locked(session: Session, user_id: int) -> User:
    return session.scalars(
        select(User).where(User.id == user_id).with_for_update(key_share=True)
        .execution_options(populate_existing=True)).one()


def _own(session: Session, user_id: int, picture_id: int) -> PersonPicture:
    found = session.scalar(select(PersonPicture).where(
        PersonPicture.id == picture_id, PersonPicture.user_id == user_id))
    if found is None:
        raise NotFound()
    return found
