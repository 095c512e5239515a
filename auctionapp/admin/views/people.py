"""People: search, roles, blocking (R17), sessions, what they did, the wallet."""

from collections.abc import Callable
from secrets import token_urlsafe

from flask import Response, url_for
from flask_admin import expose

from auctionapp.accounts import queries as accounts
from auctionapp.accounts.models import ROLES, User
from auctionapp.accounts.services import desk
from auctionapp.admin.door import DeskView, actor, fresh, said
from auctionapp.admin.forms import AdjustForm, BlockForm, ReasonForm, RoleForm
from auctionapp.admin.queries import people
from auctionapp.admin.tables import Choice, Column, page, sent_words
from auctionapp.auctions.services import blocking
from auctionapp.errors import InvalidAmount, NotFound
from auctionapp.extensions import db
from auctionapp.formatting import money_with_currency
from auctionapp.money import parse_typed_amount
from auctionapp.wallet import adjusting


class PeopleView(DeskView):
    @expose("/")
    def index(self) -> str:
        role = Choice("role", "Role", [("", "All roles"), *((role, role.capitalize()) for role in ROLES)])
        state = Choice("state", "State", [("", "All"), ("active", "Not blocked"), ("blocked", "Blocked")])
        columns = [
            Column("Name", "display_name", "person", of="id"),
            Column("Address", "email"),
            Column("Role", "role"),
            Column("Since", "created_at", "moment"),
            Column("State", "blocked_at", "blocked"),
        ]
        table = page(people.people(sent_words(), role.chosen, state.chosen), User.id, columns, [role, state])
        return self.render(
            "admin/list.html",
            title="People",
            table=table,
            search="Name, address or number",
            intro="Everybody with an account, the newest first.",
            empty="Nobody is found like that.",
        )

    @expose("/<int:user_id>/")
    def show(self, user_id: int) -> str:
        person = _person(user_id)
        return self.render(
            "admin/person.html",
            person=person,
            balances=people.balances(user_id),
            counts=people.counts(user_id),
            deeds=people.deeds(user_id),
            entries=people.entries_about("person", user_id),
            sign_ins=accounts.sign_ins(db.session(), user_id),
        )

    @expose("/<int:user_id>/block", methods=("GET", "POST"))
    @fresh
    def block(self, user_id: int) -> Response:
        person, form = _person(user_id), BlockForm()
        return self._form(
            person,
            form,
            lambda: said(
                lambda: blocking.block(actor(), user_id, form.reason.data or "", form.bids.data),
                f"{person.display_name} is blocked.",
            ),
            "Block {}",
            "All sessions, API tokens and open streams end at once, new bids are refused, and lots on sale are "
            "suspended. It takes effect in one step.",
            "Block",
            danger=True,
        )

    @expose("/<int:user_id>/unblock", methods=("GET", "POST"))
    @fresh
    def unblock(self, user_id: int) -> Response:
        person, form = _person(user_id), ReasonForm()
        return self._form(
            person,
            form,
            lambda: said(
                lambda: blocking.unblock(actor(), user_id, form.reason.data or ""),
                f"{person.display_name} may come in again.",
            ),
            "Unblock {}",
            "The person may sign in again. Suspended lots stay so until you let each go on; bids stay as the "
            "blocking left them.",
            "Unblock",
        )

    @expose("/<int:user_id>/role", methods=("GET", "POST"))
    @fresh
    def role(self, user_id: int) -> Response:
        person = _person(user_id)
        form = RoleForm(role=person.role)
        return self._form(
            person,
            form,
            lambda: said(
                lambda: desk.set_role(actor(), user_id, form.role.data, form.reason.data or ""),
                f"{person.display_name} is {form.role.data} now.",
            ),
            "Role of {}",
            "Roles add up: a seller may do what a user may, an administrator what a seller may.",
            "Save",
        )

    @expose("/<int:user_id>/end-sessions", methods=("POST",))
    @fresh
    def end_sessions(self, user_id: int) -> Response:
        _person(user_id)
        return self.done(
            lambda: said(
                lambda: desk.end_sessions(actor(), user_id), "All sessions and API tokens are ended."
            ),
            url_for(".show", user_id=user_id),
        )

    @expose("/<int:user_id>/adjust", methods=("GET", "POST"))
    @fresh
    def adjust(self, user_id: int) -> Response:
        person, form = _person(user_id), AdjustForm()
        if not form.is_submitted():
            form.key.data = token_urlsafe(16)

        def deed() -> str:
            cents = parse_typed_amount(form.amount.data)
            if cents is None:
                raise InvalidAmount()
            signed = cents if form.direction.data == "add" else -cents
            if not adjusting.adjust(actor(), user_id, signed, form.reason.data or "", form.key.data or ""):
                return "This adjustment was made already."
            return f"{money_with_currency(cents)} {'added' if signed > 0 else 'taken'}."

        available = money_with_currency(people.balances(user_id)["available"])
        return self._form(
            person,
            form,
            deed,
            "Adjust the wallet of {}",
            f"Available now: {available}. Nobody edits a "
            "balance: this adds one more transfer to the ledger, with your reason.",
            "Adjust",
            danger=True,
            money_fields=("amount",),
        )

    def _form(
        self,
        person: User,
        form: object,
        deed: Callable[[], str],
        title: str,
        intro: str,
        submit: str,
        danger: bool = False,
        **more: object,
    ) -> Response:
        return self.act(
            form,
            deed,
            url_for(".show", user_id=person.id),
            title.format(person.display_name),
            intro,
            submit,
            danger,
            **more,
        )


def _person(user_id: int) -> User:
    person = db.session.get(User, user_id)
    if person is None:
        raise NotFound()
    return person
