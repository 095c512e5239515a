"""The house in which the table of `test_access.py` is tried, and how its rows are asked."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from PIL import Image
from sqlalchemy import select

from auctionapp import pictures
from auctionapp.accounts.identity import token_hash
from auctionapp.accounts.models import ApiToken, SignIn, User
from auctionapp.auctions.models import SavedSearch
from auctionapp.auctions.services import closing, second_chance
from auctionapp.chat import services as chats
from auctionapp.chat.queries import lobby_id
from auctionapp.clock import SetClock
from auctionapp.extensions import db
from auctionapp.mail.site import Site
from auctionapp.notifications.services import preferences
from auctionapp.people.models import PersonPicture
from auctionapp.posts import services as posts
from auctionapp.wallet import services as wallet
from auctionapp.wallet.models import Payment
from tests import factories

VISITORS = ("owner", "other", "barred", "guest", "blocked")
"""Whose thing it is; somebody else; one whom the owner has blocked; nobody; one whom the house blocked while signed in."""
_numbers = count(1)


class House:
    """The visitors, and things of the owner that are made anew for each row."""

    def __init__(self, app: Any) -> None:
        self.app = app
        self.people = {name: factories.seller(display_name=name.capitalize()).id for name in VISITORS if name != "guest"}
        self.owner = self.people["owner"]
        self.friend = factories.bidder(100_000, display_name="Friend")
        factories.person_block(self.owner, self.people["barred"])
        factories.seller_block(self.owner, self.people["barred"])
        self.signed_in = {"blocked": self._browser("blocked")}
        self.tokens = {"blocked": self._token(self.people["blocked"])}
        factories.block_by_house(self.people["blocked"])

    def ask(self, visitor: str, method: str, path: str, form: dict[str, Any]) -> str:
        """What the visitor is told: `in` (a refused form too: one was let in to send it), `login` (401 of the API), or
        the refusing status itself."""
        sent: dict[str, Any] = {"query_string": form} if method == "GET" else {"data": form}
        if path.startswith("/api/"):
            client = self.app.test_client()
            is_upload = any(isinstance(value, tuple) for value in form.values())
            sent = {"headers": self._bearer(visitor)}
            if method != "GET":
                sent |= {"data": form} if is_upload else {"json": form}
        else:
            client = self.signed_in.get(visitor) or self._browser(visitor)
        answer = client.open(path, method=method, **sent)
        answer.close()
        if answer.status_code == 401 or answer.headers.get("Location", "").startswith("/account/login"):
            return "login"
        return "in" if answer.status_code in (200, 201, 202, 204, 302, 303, 409, 422) else str(answer.status_code)

    def _browser(self, visitor: str) -> Any:
        client = self.app.test_client()
        if visitor in self.people:
            factories.sign_in(client, db.session.get(User, self.people[visitor]))
        return client

    def _bearer(self, visitor: str) -> dict[str, str]:
        if visitor not in self.people:
            return {}
        token = self.tokens.get(visitor) or self._token(self.people[visitor])
        return {"Authorization": f"Bearer {token}"}

    def _token(self, person_id: int) -> str:
        token = f"gavel_access_{next(_numbers)}"
        now = datetime.now(UTC)
        factories.kept(ApiToken(user_id=person_id, token_hash=token_hash(token), created_at=now,
                                expires_at=now + timedelta(days=1)))
        return token

    # -- things of the owner -------------------------------------------------------------------------------------

    def lot(self, **given: Any) -> int:
        return factories.auction(self.owner, **given).id

    def draft(self) -> int:
        return self.lot(state="draft")

    def sold_lot(self) -> int:
        lot = factories.sold_auction(db.session.get(User, self.owner), db.session.get(User, self.friend)).id
        chats.open_handover(lot)
        return lot

    def offer(self) -> int:
        """A second chance that is offered to the owner."""
        lot = factories.auction(self.people["other"], reserve_price_cents=5000)
        factories.give_money(self.owner, 2000)
        factories.bid(lot.id, self.owner, 2000)
        closing.close(lot.id, SetClock(lot.ends_at))
        return second_chance.offer(lot.id, self.people["other"], None)

    def lot_with_a_question(self) -> int:
        lot = self.lot()
        chats.post(lot, self.friend, "How old is it?")
        return lot

    def lot_with_a_bid(self) -> int:
        lot = self.lot()
        factories.bid(lot, self.friend, 2000)
        return lot

    def chat(self) -> int:
        return chats.open_direct(self.owner, self.friend).conversation_id

    def message(self) -> int:
        return chats.post_in(self.chat(), self.friend, "For you alone")["id"]

    def own_message(self) -> int:
        return chats.post_in(self.chat(), self.owner, "For you alone")["id"]

    def group(self) -> int:
        return chats.open_group(self.owner, f"Group {next(_numbers)}", [self.friend])

    def lobby(self) -> int:
        return lobby_id()

    def meant(self, value: Any) -> Any:
        """A value of a form; the words `owner` and `picture` stand for the owner's id and an upload."""
        if isinstance(value, list):
            return [self.meant(one) for one in value]
        return self.owner if value == "owner" else (self._upload(), "one.png") if value == "picture" else value

    def post(self) -> int:
        return factories.post(self.owner)

    def comment(self, post_id: int) -> int:
        return posts.comment(post_id, self.owner, "My own words")

    def sign_in(self) -> int:
        self._browser("owner")
        return self._last(SignIn)

    def token(self) -> int:
        self._token(self.owner)
        return self._last(ApiToken)

    def _last(self, model: Any) -> Any:
        return db.session.scalars(select(model.id).where(model.user_id == self.owner).order_by(model.id.desc())).first()

    def stored_picture(self) -> str:
        return pictures.store(self.app.config["MEDIA"], self._upload()).name

    def _upload(self) -> io.BytesIO:
        file = io.BytesIO()
        Image.new("RGB", (40, 40), "navy").save(file, "PNG")
        file.seek(0)
        return file

    def picture_file(self) -> str:
        return pictures.file_name(self.stored_picture(), pictures.SHOWN.widths[0])

    def picture(self) -> int:
        return factories.kept(PersonPicture(
            user_id=self.owner, name=self.stored_picture(), created_at=datetime.now(UTC))).id

    def search(self) -> int:
        return factories.kept(SavedSearch(user_id=self.owner, words=f"clock {next(_numbers)}", category="", tag="",
                                          status="", created_at=datetime.now(UTC))).id

    def payment(self) -> str:
        wallet.deposit(self.owner, 1000)
        return db.session.scalars(select(Payment.external_reference).where(Payment.user_id == self.owner)
                                  .order_by(Payment.id.desc())).first()

    def unsubscribe_token(self) -> str:
        return preferences.unsubscribe_path(Site.of(self.app.config), self.owner, "won").rpartition("/")[2]


Make = Callable[[House], Any]

USUAL: dict[str, Make] = {
    "auction_id": House.lot, "alias": lambda house: 1, "conversation_id": House.chat, "group_id": House.group,
    "user_id": lambda house: house.friend, "person_id": lambda house: house.owner, "post_id": House.post,
    "offer_id": House.offer,
    "search_id": House.search, "sign_in_id": House.sign_in, "token_id": House.token, "picture_id": House.picture,
    "message_id": House.own_message, "name": House.picture_file, "reference": House.payment, "token": House.unsubscribe_token,
    "slug": lambda house: "bid-too-low", "filename": lambda house: "css/base.css",
}
"""What stands for a part of an address, by its name there, unless the row says otherwise."""


def parts_of(row: str) -> list[str]:
    """Names of the parts of a row's address."""
    return re.findall(r"<(\w+)>", row)


def address(house: House, row: str, given: dict[str, Make]) -> str:
    """The row's path, with things made anew in the places of its parts."""
    made: dict[str, Any] = {}
    for name in parts_of(row):
        if name in given:
            made[name] = given[name](house)
        elif name == "comment_id":
            made[name] = house.comment(made["post_id"])
        else:
            made[name] = USUAL[name](house)
    return re.sub(r"<(\w+)>", lambda part: str(made[part[1]]), row)


def rows_of(rules: Any) -> set[str]:
    """Every method and address that an application answers, `<any(…)>` written out: `GET /auctions/<auction_id>`."""
    found = set()
    for rule in rules:
        path = re.sub(r"<(?!any)(?:\w+(?:\([^)]*\))?:)?(\w+)>", r"<\1>", rule.rule)
        choices = re.search(r"<any\(([^)]*)\):\w+>", path)
        words = [word.strip() for word in choices[1].split(",")] if choices else [""]
        for method in rule.methods - {"HEAD", "OPTIONS"}:
            found |= {f"{method} {path.replace(choices[0], word) if choices else path}" for word in words}
    return found
