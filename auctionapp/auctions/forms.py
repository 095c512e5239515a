"""The seller's form, the form for additions after the first bid."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

from flask_wtf import FlaskForm
from flask_wtf.file import MultipleFileField
from wtforms import (
    BooleanField,
    HiddenField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Length, ValidationError

from auctionapp import localtime
from auctionapp.auctions import lots
from auctionapp.auctions.lots import Draft
from auctionapp.errors import InvalidAmount
from auctionapp.money import format_amount, parse_typed_amount

NO_TIME = "Write a date and a time, such as 2026-11-21 18:00."
SKIPPED_TIME = "The clocks of this zone skip that time. Choose another one."
TWICE_TIME = "The clocks are set back then, so this time comes twice. Say below which one you mean."


class AmountField(StringField):
    """An amount in the site's currency; `cents` is what it says (R15)."""

    cents: int | None = None

    def pre_validate(self, form: Any) -> None:
        self.cents = parse_typed_amount(self.data)
        if self.cents is None and (self.data or "").strip():
            raise ValidationError(InvalidAmount.text)


class LotForm(FlaskForm):
    """A lot before its first bid. Field names are those of the REST API."""

    title = StringField("Name of the lot", [InputRequired("Give the lot a name."), Length(max=lots.TITLE_LENGTH)])
    description = TextAreaField("Description", [Length(max=lots.DESCRIPTION_LENGTH)])
    category = SelectField("Category", [InputRequired("Choose a category.")], validate_choice=True)
    tags = StringField("Tags", [Length(max=lots.TAGS * (lots.TAG_LENGTH + 2))])
    pictures = MultipleFileField("Pictures")
    drop = SelectMultipleField("Take away", validate_choice=False)
    starting_price = AmountField("Starting price", [InputRequired("Name a starting price.")])
    bid_step = AmountField("Step")
    reserve_price = AmountField("Reserve")
    start = RadioField("Start", validate_choice=False, choices=[
        SelectChoice("now", "When I publish it"), SelectChoice("later", "Later")])
    starts_at = StringField("Starts on")
    end = RadioField("End", validate_choice=False, choices=[
        SelectChoice("at", "At a date and time"), SelectChoice("after", "After a number of hours")])
    ends_at = StringField("Ends on")
    duration_hours = StringField("Hours")
    time_zone = SelectField("Time zone")
    fold = SelectField("Which of the two", validate_choice=False, choices=[
        SelectChoice("", "Choose"), SelectChoice("earlier", "The earlier"), SelectChoice("later", "The later")])
    soft_close = BooleanField("A bid near the end moves the end later")
    version = HiddenField()

    asks_which = False
    """A typed time comes twice, so the form asks which one is meant."""

    def offer(self, categories: Sequence[Any], zone: ZoneInfo) -> None:
        """Fill what the form lets people choose from."""
        self.category.choices = [SelectChoice("", "Choose a category"),
                                 *(SelectChoice(one.slug, one.indented) for one in categories)]
        zones = localtime.zone_names()
        if zone.key not in zones:
            zones = (*zones, zone.key)
        self.time_zone.choices = [SelectChoice(name, name) for name in zones]
        if not self.time_zone.data:
            self.time_zone.data = zone.key

    def fill(self, draft: Draft, zone: ZoneInfo, version: int | None = None) -> None:
        """Show a lot as it stands, its times in the seller's zone."""
        self.title.data, self.description.data = draft.title, draft.description
        self.category.data, self.tags.data = draft.category_slug, ", ".join(draft.tags)
        for field, cents in ((self.starting_price, draft.starting_price_cents), (self.bid_step, draft.bid_step_cents),
                             (self.reserve_price, draft.reserve_price_cents)):
            field.data = "" if cents is None else format_amount(cents)
        self.start.data = "later" if draft.starts_at else "now"
        self.starts_at.data = localtime.typed(draft.starts_at, zone) if draft.starts_at else ""
        self.end.data = "at" if draft.ends_at else "after"
        self.ends_at.data = localtime.typed(draft.ends_at, zone) if draft.ends_at else ""
        self.duration_hours.data = "" if draft.duration_hours is None else f"{draft.duration_hours:.4f}".rstrip("0").rstrip(".")
        self.soft_close.data = draft.soft_close_seconds != 0
        self.version.data = "" if version is None else str(version)

    def draft(self, before: Draft | None = None) -> Draft | None:
        """The lot that was typed, or None with errors beside the fields.

        `before` is what stands: a time shown to the minute and not touched keeps its seconds, a soft close that
        stays on keeps its window.
        """
        self._judge_times_missing()
        if not self.validate():
            self._read_times(before)
            return None
        starts_at, ends_at, hours = self._read_times(before)
        if self.errors:
            return None
        return Draft(
            title=lots.clean_line(self.title.data or ""), description=lots.clean_text(self.description.data or ""),
            category_slug=self.category.data, tags=lots.tag_names(self.tags.data or ""),
            starting_price_cents=self.starting_price.cents or 0, bid_step_cents=self.bid_step.cents,
            reserve_price_cents=self.reserve_price.cents, starts_at=starts_at, ends_at=ends_at, duration_hours=hours,
            soft_close_seconds=self._soft_close_seconds(before),
        )

    def seen_version(self) -> int | None:
        """The version that this form was filled from, where it says one."""
        text = self.version.data or ""
        return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None

    def dropped_pictures(self) -> list[int]:
        """Ids of pictures ticked to be taken away."""
        return [int(text) for text in self.drop.data or [] if text.isascii() and text.isdigit() and len(text) < 19]

    def show_errors(self, errors: Mapping[str, str]) -> list[str]:
        """Put a refusal's words beside their fields; returns those that have no field here."""
        homeless = []
        for name, words in errors.items():
            field = self._fields.get(name)
            if field is None:
                homeless.append(words)
            else:
                field.errors = [*field.errors, words]
        return homeless

    def _judge_times_missing(self) -> None:
        """Programs may leave the choices out: what is filled in says them."""
        if self.start.data not in ("now", "later"):
            self.start.data = "later" if (self.starts_at.data or "").strip() else "now"
        if self.end.data not in ("at", "after"):
            self.end.data = "after" if (self.duration_hours.data or "").strip() else "at"

    def _read_times(self, before: Draft | None) -> tuple[datetime | None, datetime | None, float | None]:
        starts_at = ends_at = hours = None
        if self.start.data == "later":
            starts_at = self._moment(self.starts_at, before.starts_at if before else None)
        if self.end.data == "after":
            hours = self._hours()
        else:
            ends_at = self._moment(self.ends_at, before.ends_at if before else None)
        return starts_at, ends_at, hours

    def _moment(self, field: StringField, standing: datetime | None) -> datetime | None:
        typed = (field.data or "").strip()
        if not typed or self.time_zone.errors:
            field.errors = [*field.errors, NO_TIME]
            return None
        zone = ZoneInfo(self.time_zone.data)
        if standing is not None and typed == localtime.typed(standing, zone):
            return standing
        try:
            if localtime.comes_twice(typed, zone) and self.fold.data not in ("earlier", "later"):
                self.asks_which = True
                field.errors = [*field.errors, TWICE_TIME]
                return None
            return localtime.parse_local(typed, zone, later=self.fold.data == "later")
        except localtime.NoSuchTime:
            field.errors = [*field.errors, SKIPPED_TIME]
        except ValueError:
            field.errors = [*field.errors, NO_TIME]
        return None

    def _hours(self) -> float | None:
        typed = (self.duration_hours.data or "").strip().replace(",", ".", 1)
        try:
            hours = float(Decimal(typed)) if typed.isascii() and len(typed) <= 12 else None
        except InvalidOperation:
            hours = None
        if hours is None or not lots.duration_is_possible(hours):
            words = f"Write a number of hours, such as 24, at most {lots.LONGEST.days * 24}."
            self.duration_hours.errors = [*self.duration_hours.errors, words]
            return None
        return hours

    def _soft_close_seconds(self, before: Draft | None) -> int | None:
        if not self.soft_close.data:
            return 0
        return before.soft_close_seconds or None if before else None


class ReserveForm(FlaskForm):
    """A lower reserve, or none any more (R4)."""

    reserve_price = AmountField("New reserve")
    none = BooleanField("Give the reserve up: the highest bid wins whatever it is")


class EndForm(FlaskForm):
    """Ending a lot before its time (R9): the reason where bids become void, the price seen where it is sold."""

    reason = StringField("Reason", [Length(max=500)])
    seen_price = HiddenField()


class SecondChanceForm(FlaskForm):
    """For how much an unsold lot is offered to its highest bidder (R4)."""

    how = RadioField("Ask for", validate_choice=False, choices=[
        SelectChoice("maximum", "The bidder's maximum"), SelectChoice("amount", "An amount up to the last price")])
    amount = AmountField("Amount")


class AdditionForm(FlaskForm):
    """What may still be done after the first bid (R9)."""

    description_addition = TextAreaField("Add to the description", [Length(max=lots.DESCRIPTION_LENGTH)])
    pictures = MultipleFileField("Add pictures")
    reserve_price = AmountField("Lower the reserve")
    version = HiddenField()
