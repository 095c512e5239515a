"""The password once more, before something dangerous."""

from flask import Response, make_response, redirect, request
from flask_admin import expose
from flask_login import current_user

from auctionapp.accounts.services import desk as accounts
from auctionapp.admin.door import FRESH, DeskView, own_desk_path
from auctionapp.admin.forms import ProveForm
from auctionapp.errors import DomainError
from auctionapp.extensions import limiter

tries = limiter.shared_limit("10 per 10 minutes", scope="passwords-desk", methods=["POST"],
                             key_func=lambda: f"person-{getattr(current_user, 'id', 0)}")


class ProveView(DeskView):
    def is_visible(self) -> bool:
        return False

    @expose("/", methods=("GET", "POST"))
    @tries
    def index(self) -> Response:
        form = ProveForm()
        if request.method == "GET":
            form.next.data = request.args.get("next", "")
        problem = None
        if form.validate_on_submit():
            try:
                accounts.prove_again(current_user.id, current_user.sign_in_id, form.password.data or "")
            except DomainError as refused:
                problem = refused.text
            else:
                return redirect(own_desk_path(form.next.data), 303)  # type: ignore[return-value]
        return make_response(self.render(
            "admin/prove.html", form=form, problem=problem, back=own_desk_path(form.next.data),
            minutes=int(FRESH.total_seconds() // 60)), 422 if form.is_submitted() else 200)
