"""The form of a post, and that of a comment as its fragments fill it."""

import secrets
from dataclasses import dataclass, field

from flask_wtf.file import MultipleFileField
from wtforms import HiddenField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from auctionapp.auctions import lots
from auctionapp.forms import PageForm
from auctionapp.posts import rules
from auctionapp.posts.rules import Draft


class PostForm(PageForm):
    title = StringField("Title", [InputRequired("Give the post a title."), Length(max=rules.TITLE_LENGTH)])
    text = TextAreaField("Text", [InputRequired("Write something first.")])
    tags = StringField("Tags", [Length(max=rules.TAGS * (rules.TAG_LENGTH + 2))])
    pictures = MultipleFileField("Pictures")
    drop = SelectMultipleField("Take away", validate_choice=False)
    key = HiddenField()

    def fill(self, draft: Draft) -> None:
        self.title.data, self.text.data, self.tags.data = draft.title, draft.text, ", ".join(draft.tags)

    def draft(self) -> Draft:
        """What was typed; `rules.cleaned` judges it."""
        return Draft(self.title.data or "", self.text.data or "", lots.tag_names(self.tags.data or ""))

    def dropped_pictures(self) -> list[int]:
        """Ids of pictures ticked to be taken away."""
        return [int(text) for text in self.drop.data or [] if text.isascii() and text.isdigit() and len(text) < 19]

    def show_errors(self, refusal: rules.InvalidPost) -> None:
        """Put a refusal's words beside their fields."""
        for name, words in refusal.errors.items():
            self._fields[name].errors = [words]


def new_key() -> str:
    """For the hidden field by which a form that is sent twice does its work once (fault 10)."""
    return secrets.token_urlsafe(16)


@dataclass(frozen=True)
class Typed:
    """What a comment's form keeps: the text that was refused with the reason, and a key for the next try."""

    text: str = ""
    error: str = ""
    parent_id: int | None = None
    fresh: bool = False
    """It takes the place of one that was sent: the cursor goes on in it."""
    key: str = field(default_factory=new_key)
