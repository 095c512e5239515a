"""Forms of the desk. What is not a field here is ignored (fault 42)."""

from wtforms import (
    HiddenField,
    IntegerField,
    PasswordField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional

from auctionapp.audit import REASON_MAX
from auctionapp.forms import PageForm
from auctionapp.quotas import LEAST, MOST, QUOTAS

SHORT_REASON = {"rows": 3, "maxlength": REASON_MAX}


def reason_field(label: str, hint: str) -> TextAreaField:
    return TextAreaField(
        label,
        [DataRequired("Give a reason."), Length(max=REASON_MAX)],
        description=hint,
        render_kw=SHORT_REASON,
    )


class ProveForm(PageForm):
    password = PasswordField(
        "Password", [InputRequired("Write your password.")], render_kw={"autocomplete": "current-password"}
    )
    next = HiddenField()


class ReasonForm(PageForm):
    reason = reason_field("Reason", "Kept in the log.")


class PublicReasonForm(PageForm):
    reason = reason_field(
        "Public reason", "Everybody reads it on the lot's page; seller and bidders are told."
    )


class BlockForm(PageForm):
    reason = reason_field("Reason", "Kept with the account and in the log; the person is not told by us.")
    bids = RadioField(
        "Bids that stand",
        [InputRequired("Choose what becomes of the bids.")],
        choices=[
            SelectChoice(
                "stay",
                "Stay: where this person leads, the price of now is their maximum; the rest of the hold is released",
            ),
            SelectChoice(
                "void",
                "Are void: they count no more, and each auction is decided anew by the bids that remain",
            ),
        ],
    )


class RoleForm(PageForm):
    role = RadioField(
        "Role",
        [InputRequired("Choose a role.")],
        choices=[
            SelectChoice("user", "User: bids, writes"),
            SelectChoice("seller", "Seller: sells too"),
            SelectChoice("admin", "Administrator: comes to this desk too"),
        ],
    )
    reason = reason_field("Reason", "Kept in the log.")


class AdjustForm(PageForm):
    direction = RadioField(
        "What happens",
        [InputRequired("Choose a direction.")],
        choices=[
            SelectChoice("add", "Add to the wallet"),
            SelectChoice("take", "Take from what is available"),
        ],
    )
    amount = StringField("Amount", [InputRequired("Write an amount.")])
    reason = reason_field("Reason", "The person reads it in the own wallet.")
    key = HiddenField(validators=[DataRequired(), Length(max=60)])


class CategoryForm(PageForm):
    name = StringField("Name", [DataRequired("Write a name."), Length(max=60)], render_kw={"maxlength": 60})
    parent = SelectField("Below", validators=[Optional()])


class RenameTagForm(PageForm):
    name = StringField("Name", [DataRequired("Write a name."), Length(max=40)], render_kw={"maxlength": 40})


class MergeTagForm(PageForm):
    into = StringField(
        "Merge into",
        [DataRequired("Write the name of the other tag."), Length(max=40)],
        description="The name of a tag that stays. Every lot and post with this tag gets that one instead.",
        render_kw={"maxlength": 40, "list": "tag-names", "autocomplete": "off"},
    )


class IncrementsForm(PageForm):
    steps = TextAreaField(
        "Increments",
        [DataRequired("Write at least one line."), Length(max=2000)],
        description=(
            "One line each: the price up to which it counts, a colon, the increment. The last line begins with “above”."
        ),
        render_kw={"rows": 12, "spellcheck": "false", "class": "input input--steps"},
    )


class HouseForm(PageForm):
    commission = StringField(
        "Commission in per cent",
        [InputRequired("Write a number such as 5 or 7.5.")],
        description=("What the house keeps of a hammer price. It counts for every close from now on."),
        render_kw={"inputmode": "decimal"},
    )
    soft_close_seconds = IntegerField(
        "Soft close in seconds",
        [InputRequired("Write a number."), NumberRange(0, 86_400)],
        description="0 switches it off. Sellers may choose another; lots keep theirs.",
    )
    soft_close_cap_seconds = IntegerField(
        "Longest extension in all, in seconds", [InputRequired("Write a number."), NumberRange(0, 86_400)]
    )
    reason = reason_field("Reason", "Kept in the log.")


QuotasForm = type("QuotasForm", (PageForm,), {quota.name: IntegerField(
    quota.words, [InputRequired("Write a number."), NumberRange(LEAST, MOST, f"Write {LEAST} to {MOST:,}.")])
    for quota in QUOTAS} | {"reason": reason_field("Reason", "Kept in the log.")})
"""A field for each quota, by its name."""


class AnnouncementForm(PageForm):
    text = StringField(
        "Text", [DataRequired("Write what is to be said."), Length(max=300)], render_kw={"maxlength": 300}
    )
    tone = RadioField(
        "Tone",
        [InputRequired("Choose a tone.")],
        choices=[SelectChoice("info", "News"), SelectChoice("warning", "Warning")],
        default="info",
    )
    starts_at = StringField(
        "From", [Optional()], description="Empty: now.", render_kw={"type": "datetime-local"}
    )
    ends_at = StringField(
        "Until", [InputRequired("Say until when it is shown.")], render_kw={"type": "datetime-local"}
    )


class NoteForm(PageForm):
    note = TextAreaField(
        "Note",
        [DataRequired("Say what was done or found."), Length(max=REASON_MAX)],
        description=("What you did or found. It closes every open report of the same thing."),
        render_kw=SHORT_REASON,
    )
