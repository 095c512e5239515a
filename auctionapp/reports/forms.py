"""The form of every report."""

from wtforms import TextAreaField
from wtforms.validators import DataRequired, Length

from auctionapp.forms import PageForm
from auctionapp.reports.rules import REASON_LENGTH


class ReportForm(PageForm):
    reason = TextAreaField("What is wrong?", [
        DataRequired("Say in a few words what is wrong."),
        Length(max=REASON_LENGTH, message=f"At most {REASON_LENGTH} characters."),
    ])
