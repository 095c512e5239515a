"""Forms of the wallet."""

import secrets

from flask_wtf import FlaskForm
from wtforms import HiddenField, StringField
from wtforms.validators import Regexp, ValidationError

from auctionapp.errors import InvalidAmount
from auctionapp.money import parse_typed_amount


class AmountForm(FlaskForm):
    """An amount to add or withdraw, with the key that makes a second press harmless (fault 10)."""

    amount = StringField("Amount")
    key = HiddenField(validators=[Regexp("[!-~]{0,100}$", message="This form is not as we made it. Load the page again.")])

    amount_cents: int = 0

    def validate_amount(self, field: StringField) -> None:
        cents = parse_typed_amount(field.data)
        if cents is None:
            raise ValidationError(InvalidAmount.text)
        self.amount_cents = cents

    def renew_key(self) -> None:
        self.key.data = secrets.token_urlsafe(16)
