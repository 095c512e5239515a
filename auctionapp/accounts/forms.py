"""The forms about accounts. What is not a field here is ignored (fault 42)."""

from collections.abc import Callable
from datetime import date
from typing import Any

from wtforms import (
    BooleanField,
    DateField,
    HiddenField,
    PasswordField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, EqualTo, InputRequired, Length, Optional, ValidationError

from auctionapp.accounts import rules
from auctionapp.errors import DomainError
from auctionapp.forms import PageForm

NEW_PASSWORD = {"autocomplete": "new-password", "minlength": rules.PASSWORD_MIN, "maxlength": rules.PASSWORD_MAX}
CODE = {"autocomplete": "one-time-code", "inputmode": "numeric", "maxlength": 20}
EMAIL = {"autocomplete": "username", "type": "email", "maxlength": rules.EMAIL_MAX, "autocapitalize": "none",
         "spellcheck": "false"}
SAME = "The two passwords differ."
PASSWORD_HINT = f"At least {rules.PASSWORD_MIN} characters. A few unrelated words are easy to keep in mind."


def obeys(rule: Callable[[str], Any]) -> Callable[[PageForm, Any], None]:
    """A validator out of a rule that raises a DomainError."""

    def check(_form: PageForm, field: Any) -> None:
        try:
            rule(field.data)
        except DomainError as refusal:
            raise ValidationError(refusal.text) from None

    return check


def email_field() -> StringField:
    return StringField("E-mail address", [DataRequired("Write your address."), obeys(rules.clean_email)],
                       render_kw=EMAIL)


def new_password_field(label: str = "Password") -> PasswordField:
    return PasswordField(label, [InputRequired("Choose a password.")], description=PASSWORD_HINT, render_kw=NEW_PASSWORD)


def password_again_field(other: str = "password") -> PasswordField:
    return PasswordField("The same password again", [EqualTo(other, SAME)], render_kw=NEW_PASSWORD)


def check_new_password(field: Any, email: str, name: str = "") -> None:
    """Raises ValidationError for a password that the rules refuse."""
    try:
        rules.check_password(rules.clean_password(field.data), email, name)
    except DomainError as refusal:
        raise ValidationError(refusal.text) from None


class RegisterForm(PageForm):
    email = email_field()
    display_name = StringField("Name", [InputRequired("Write a name."), obeys(rules.clean_name)],
                               description="Others see it in chats. While bidding you are “Bidder 3” or the like.",
                               render_kw={"autocomplete": "nickname", "maxlength": rules.NAME_MAX})
    password = new_password_field()
    password_again = password_again_field()
    terms = BooleanField("I accept the rules of the house, and that a bid is binding",
                         [InputRequired("Registering needs your agreement.")])

    def validate_password(self, field: Any) -> None:
        check_new_password(field, (self.email.data or "").strip().lower(), self.display_name.data or "")


class LoginForm(PageForm):
    email = StringField("E-mail address", [InputRequired("Write your address.")], render_kw=EMAIL)
    password = PasswordField("Password", [InputRequired("Write your password.")],
                             render_kw={"autocomplete": "current-password"})
    remember = BooleanField("Stay signed in on this device for 30 days")
    next = HiddenField()


class TypedCodeForm(PageForm):
    code = StringField("Six-digit code", [InputRequired("Write the code from the mail."), Length(max=20)], render_kw=CODE)

    def typed_code(self) -> str:
        """The code without the blanks that people put in."""
        return "".join((self.code.data or "").split())


class CodeForm(TypedCodeForm):
    email = email_field()


class EmailForm(PageForm):
    email = email_field()


class ResetForm(CodeForm):
    password = new_password_field("New password")
    password_again = password_again_field()

    def validate_password(self, field: Any) -> None:
        check_new_password(field, (self.email.data or "").strip().lower())


class ChangePasswordForm(PageForm):
    old_password = PasswordField("Present password", [InputRequired("Write your present password.")],
                                 render_kw={"autocomplete": "current-password"})
    password = new_password_field("New password")
    password_again = password_again_field()


class SellForm(PageForm):
    terms = BooleanField("I accept the seller's terms", [InputRequired("Selling needs your agreement.")])


class ProfileForm(PageForm):
    display_name = StringField("Name", [InputRequired("Write a name."), obeys(rules.clean_name)],
                               description="Everybody sees it beside what you write and sell.",
                               render_kw={"autocomplete": "nickname", "maxlength": rules.NAME_MAX})
    about = TextAreaField("About you", [Length(max=rules.ABOUT_MAX + 200)],
                          render_kw={"maxlength": rules.ABOUT_MAX, "rows": 5})
    first_name = StringField("First name", [obeys(rules.clean_real_name)],
                             render_kw={"autocomplete": "given-name", "maxlength": rules.NAME_MAX})
    last_name = StringField("Last name", [obeys(rules.clean_real_name)],
                            render_kw={"autocomplete": "family-name", "maxlength": rules.NAME_MAX})
    born_on = DateField("Date of birth", [Optional()], render_kw={"autocomplete": "bday"})
    shows_birthday = BooleanField("Show day and month on my profile",
                                  description="The year is never shown. Unticked, nobody sees the date.")
    time_zone = SelectField("Time zone", description="Times on the pages are shown in this zone.")

    def validate_born_on(self, field: Any) -> None:
        try:
            rules.check_birthday(field.data, date.today())  # noqa: DTZ011 (a day more or less is no matter here)
        except DomainError as refusal:
            raise ValidationError(refusal.text) from None


class AddressForm(PageForm):
    email = StringField("New e-mail address", [DataRequired("Write your new address."), obeys(rules.clean_email)],
                        render_kw=EMAIL | {"autocomplete": "email"})
    password = PasswordField("Password", [InputRequired("Write your password.")],
                             render_kw={"autocomplete": "current-password"})
