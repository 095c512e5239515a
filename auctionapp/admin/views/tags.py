"""Tags: another spelling, or two that mean the same made one."""

from flask import Response, url_for
from flask_admin import expose

from auctionapp.admin.door import DeskView, actor, fresh, said
from auctionapp.admin.forms import MergeTagForm, RenameTagForm
from auctionapp.admin.queries import sales
from auctionapp.admin.tables import Column, page, sent_words
from auctionapp.auctions.lots import tag_slug
from auctionapp.auctions.models import Tag
from auctionapp.auctions.services import arranging
from auctionapp.errors import NotFound
from auctionapp.extensions import db


class TagsView(DeskView):
    @expose("/")
    def index(self) -> str:
        columns = [
            Column("Tag", "name"),
            Column("Address", "slug"),
            Column("Lots", "lots", "number"),
            Column("Posts", "posts", "number"),
            Column("Rename", "id", "link", to=lambda row: url_for(".rename", tag_id=row.id)),
            Column("Merge", "id", "link", to=lambda row: url_for(".merge", tag_id=row.id)),
        ]
        return self.render(
            "admin/list.html",
            title="Tags",
            table=page(sales.tags(sent_words()), Tag.id, columns),
            search="Part of a tag",
            intro="Sellers and writers make them; here two that mean the same become one.",
            empty="No tag is found like that.",
        )

    @expose("/<int:tag_id>/rename", methods=("GET", "POST"))
    def rename(self, tag_id: int) -> Response:
        tag = _tag(tag_id)
        form = RenameTagForm(data={"name": tag.name})
        return self.act(
            form,
            lambda: said(
                lambda: arranging.rename_tag(actor(), tag_id, form.name.data or ""), "The tag is renamed."
            ),
            url_for(".index"),
            f"Rename {tag.name}",
            "Its address follows the name.",
            "Rename",
        )

    @expose("/<int:tag_id>/merge", methods=("GET", "POST"))
    @fresh
    def merge(self, tag_id: int) -> Response:
        tag, form = _tag(tag_id), MergeTagForm()

        def deed() -> str:
            into = db.session.query(Tag).filter_by(slug=tag_slug(form.into.data or "")).first()
            if into is None:
                form.into.errors = ["There is no such tag."]
                raise arranging.InvalidArrangement("Nothing was changed.")
            names = tag.name, into.name
            arranging.merge_tags(actor(), tag_id, into.id)
            return f"{names[0]} is {names[1]} now."

        return self.act(
            form,
            deed,
            url_for(".index"),
            f"Merge {tag.name}",
            "This tag goes; there is no way back but tagging anew.",
            "Merge",
            danger=True,
        )


def _tag(tag_id: int) -> Tag:
    tag = db.session.get(Tag, tag_id)
    if tag is None:
        raise NotFound()
    return tag
