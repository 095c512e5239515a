"""The tree of categories and its order."""

from flask import Response, request, url_for
from flask_admin import expose
from wtforms.fields.choices import SelectChoice

from auctionapp.admin.door import DeskView, actor, fresh, said
from auctionapp.admin.forms import CategoryForm
from auctionapp.admin.queries import sales
from auctionapp.auctions.services import arranging
from auctionapp.errors import NotFound

TOP = "Nothing: at the top"


class CategoriesView(DeskView):
    @expose("/")
    def index(self) -> str:
        return self.render("admin/categories.html", branches=sales.tree())

    @expose("/new", methods=("GET", "POST"))
    def new(self) -> Response:
        form = _form(sales.tree())
        return self.act(form, lambda: said(lambda: arranging.add_category(actor(), form.name.data or "", _parent(form)),
                                           "The category is there."),
                        url_for(".index"), "New category", "It comes last among its neighbours.", "Add")

    @expose("/<int:category_id>/edit", methods=("GET", "POST"))
    def edit(self, category_id: int) -> Response:
        branches = sales.tree()
        branch = next((one for one in branches if one.id == category_id), None)
        if branch is None:
            raise NotFound()
        form = _form([one for one in branches if one.id != category_id], name=branch.name, parent=str(branch.parent_id or ""))
        return self.act(form, lambda: said(lambda: arranging.change_category(actor(), category_id, form.name.data or "",
                                                                     _parent(form)), "The category is saved."),
                        url_for(".index"), f"Category {branch.name}", f"Its address stays “{branch.slug}”.", "Save")

    @expose("/<int:category_id>/move", methods=("POST",))
    def move(self, category_id: int) -> Response:
        return self.done(lambda: said(lambda: arranging.move_category(actor(), category_id, request.form.get("to") == "up"),
                                      "Moved."), url_for(".index"))

    @expose("/<int:category_id>/remove", methods=("POST",))
    @fresh
    def remove(self, category_id: int) -> Response:
        return self.done(lambda: said(lambda: arranging.remove_category(actor(), category_id), "The category is removed."),
                         url_for(".index"))


def _form(branches: list[sales.Branch], **values: str) -> CategoryForm:
    form = CategoryForm(data=values)
    form.parent.choices = [SelectChoice("", TOP),
                           *(SelectChoice(str(one.id), "\N{EM SPACE}" * one.depth + one.name) for one in branches)]
    return form


def _parent(form: CategoryForm) -> int | None:
    return int(form.parent.data) if form.parent.data else None
