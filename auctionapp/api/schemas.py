"""What is sent to the API and what it answers, as the OpenAPI document shows it."""

from marshmallow import Schema, validate
from marshmallow.fields import Boolean, Dict, List, Nested, String

from auctionapp.accounts import rules as accounts
from auctionapp.api.answers import LAST_PAGE, MOST_PER_PAGE, PER_PAGE
from auctionapp.api.fields import (
    SIGNED_AMOUNT_PATTERN,
    Amount,
    Moment,
    NotYet,
    Number,
    QueryNumber,
    Text,
    Whole,
)
from auctionapp.auctions import lots
from auctionapp.chat import rules as chat
from auctionapp.notifications.kinds import KINDS

STATUSES = ("draft", "scheduled", "live", "suspended", "sold", "unsold", "cancelled")
SORTS = ("newest", "ending", "price", "-price", "bids")


def said(text: str, **more: object) -> dict[str, object]:
    return {"description": text, **more}


# -- answers -----------------------------------------------------------------------------------------------------


class ProblemSchema(Schema):
    type = String(required=True, metadata=said("Ends in the word that names the problem, such as bid-too-low."))
    title = String(required=True)
    status = Whole(required=True)
    detail = String(required=True)
    errors = Dict(keys=String(), values=List(String()), metadata=said("Of a validation: field to messages."))
    next_minimum_bid = Amount(metadata=said("Of bid-too-low."))
    available = Amount(metadata=said("Of insufficient-funds.", pattern=SIGNED_AMOUNT_PATTERN))


class PersonSchema(Schema):
    id = Whole(required=True)
    display_name = String(required=True)


class AuctionSchema(Schema):
    id = Whole(required=True)
    title = String(required=True)
    description = String(required=True)
    category = String(required=True, metadata=said("A slug of GET /categories."))
    tags = List(String(), required=True, metadata=said("Slugs."))
    images = List(String(), required=True, metadata=said("Addresses on this site."))
    seller = Nested(PersonSchema, required=True)
    status = String(required=True, validate=validate.OneOf(STATUSES))
    format = String(required=True, validate=validate.OneOf(["english"]))
    starting_price = Amount(required=True)
    bid_step = Amount(required=True, allow_none=True, metadata=said("null: the house's increments."))
    current_price = Amount(required=True, allow_none=True, metadata=said("null before the first bid."))
    next_minimum_bid = Amount(required=True)
    bid_count = Whole(required=True)
    reserve_met = Boolean(required=True, allow_none=True, metadata=said("null without a reserve."))
    buy_now_price = Amount(required=True, allow_none=True)
    leader = String(required=True, allow_none=True, metadata=said("An alias of this auction.", example="Bidder 3"))
    my_maximum = Amount(metadata=said("Only for the one who leads: the own maximum."))
    starts_at = Moment(required=True, allow_none=True, metadata=said("null in a draft that starts when published."))
    ends_at = Moment(required=True, allow_none=True, metadata=said("The effective end, after extensions."))
    extended = Boolean(required=True)
    version = Whole(required=True)


class BidSchema(Schema):
    id = String(required=True)
    auction_id = Whole(required=True)
    sequence = Whole(required=True, allow_none=True, metadata=said("null: an own raise that moved no price."))
    bidder = String(required=True, metadata=said("An alias of this auction.", example="Bidder 3"))
    amount = Amount(required=True, metadata=said("The visible price that this step set."))
    kind = String(required=True, validate=validate.OneOf(["manual", "auto"]))
    placed_at = Moment(required=True)
    leading = Boolean(required=True, metadata=said("Whether this bidder led once this was decided."))
    current_price = Amount(required=True, metadata=said("Once this was decided."))
    next_minimum_bid = Amount(required=True, metadata=said("Once this was decided."))


class MessageSchema(Schema):
    id = Whole(required=True)
    author = String(required=True)
    seller = Boolean(required=True, metadata=said("Whether the auction's seller wrote it."))
    text = String(required=True)
    created_at = Moment(required=True)


class MessagesSchema(Schema):
    items = List(Nested(MessageSchema), required=True, metadata=said("Newest first."))
    next_before = Whole(required=True, allow_none=True, metadata=said("For ?before=, null when there are no older ones."))


class ConversationMessageSchema(MessageSchema):
    seller = Boolean(required=True, metadata=said("Of a hand-over: whether the auction's seller wrote it."))
    number = Whole(required=True, metadata=said("Within its chat, from 1 without a gap."))
    kind = String(required=True, validate=validate.OneOf(["text", "system"]), metadata=said(
        "system: what happened to the chat, such as who came and went."))
    author_id = Whole(required=True)
    picture = String(required=True, allow_none=True, metadata=said("Its address on this site."))
    edited_at = Moment(required=True, allow_none=True)
    deleted = Boolean(required=True, metadata=said("Then there are no words and no picture any more."))


class ConversationMessagesSchema(Schema):
    items = List(Nested(ConversationMessageSchema), required=True, metadata=said("Newest first."))
    next_before = Whole(required=True, allow_none=True, metadata=said("For ?before=, null when there are no older ones."))


class ConversationSchema(Schema):
    id = Whole(required=True)
    kind = String(required=True, validate=validate.OneOf(["direct", "group", "handover"]))
    name = String(required=True, metadata=said("Of the group, of the other person, or of what is handed over."))
    members = List(Nested(PersonSchema), required=True, metadata=said("The caller among them."))
    auction_id = Whole(required=True, allow_none=True, metadata=said("Of a hand-over."))
    unread = Whole(required=True, metadata=said("Messages that the caller has not read."))
    last_message = Nested(ConversationMessageSchema, required=True, allow_none=True)
    created_at = Moment(required=True)


class CategorySchema(Schema):
    id = Whole(required=True)
    slug = String(required=True)
    name = String(required=True)


class TokenSchema(Schema):
    token = String(required=True, metadata=said("Shown this once."))
    expires_at = Moment(required=True)


class RegistrationSchema(Schema):
    detail = String(required=True)


class NewUserSchema(Schema):
    id = Whole(required=True)


class MeSchema(Schema):
    id = Whole(required=True)
    email = String(required=True)
    display_name = String(required=True)
    roles = List(String(validate=validate.OneOf(["user", "seller", "admin"])), required=True)


class WalletSchema(Schema):
    currency = String(required=True, metadata=said("ISO 4217.", example="EUR"))
    available = Amount(required=True, metadata=said("", pattern=SIGNED_AMOUNT_PATTERN))
    held = Amount(required=True, metadata=said("Set aside for bids that lead.", pattern=SIGNED_AMOUNT_PATTERN))
    withdrawing = Amount(required=True, metadata=said("On its way out.", pattern=SIGNED_AMOUNT_PATTERN))
    total = Amount(required=True, metadata=said("available + held", pattern=SIGNED_AMOUNT_PATTERN))


class EntrySchema(Schema):
    id = String(required=True)
    kind = String(required=True, validate=validate.OneOf(
        ["deposit", "withdrawal", "hold", "release", "purchase", "sale", "fee", "adjustment"]))
    amount = Amount(required=True, metadata=said("With its sign.", pattern=SIGNED_AMOUNT_PATTERN))
    status = String(required=True, validate=validate.OneOf(["pending", "completed", "failed"]))
    external_reference = String(allow_none=True)
    auction_id = Whole(allow_none=True)
    created_at = Moment(required=True)


class PaymentSchema(Schema):
    id = Whole(required=True)
    kind = String(required=True, validate=validate.OneOf(["deposit", "withdrawal"]))
    amount = Amount(required=True)
    status = String(required=True, validate=validate.OneOf(["pending", "completed", "failed"]))
    external_reference = String(required=True, allow_none=True)
    payment_url = String(allow_none=True, metadata=said("Where the person pays."))


class NotificationSchema(Schema):
    id = Whole(required=True)
    kind = String(required=True, validate=validate.OneOf(list(KINDS)))
    text = String(required=True)
    path = String(required=True, metadata=said("On this site: where it leads.", example="/auctions/42"))
    auction_id = Whole(required=True, allow_none=True)
    read = Boolean(required=True)
    created_at = Moment(required=True)


class ReadSchema(Schema):
    read = Whole(required=True, metadata=said("How many were unread and are read now."))
    unread = Whole(required=True, metadata=said("How many are still unread."))


def page_of(item: type[Schema], name: str) -> type[Schema]:
    """A page of a list, as a schema."""
    return Schema.from_dict({
        "items": List(Nested(item), required=True), "page": Whole(required=True),
        "per_page": Whole(required=True), "total": Whole(required=True),
    }, name=name)


AuctionPageSchema = page_of(AuctionSchema, "AuctionPage")
BidPageSchema = page_of(BidSchema, "BidPage")
EntryPageSchema = page_of(EntrySchema, "EntryPage")
ConversationPageSchema = page_of(ConversationSchema, "ConversationPage")
CategoryPageSchema = page_of(CategorySchema, "CategoryPage")
NotificationPageSchema = page_of(NotificationSchema, "NotificationPage")
TagPageSchema = page_of(CategorySchema, "TagPage")


# -- queries -----------------------------------------------------------------------------------------------------


class PageQuery(Schema):
    page = QueryNumber(load_default=1, validate=validate.Range(1, LAST_PAGE))
    per_page = QueryNumber(load_default=PER_PAGE, validate=validate.Range(1, LAST_PAGE),
                           metadata=said(f"At most {MOST_PER_PAGE}; more is taken as {MOST_PER_PAGE}."))


class LongPageQuery(PageQuery):
    """Of lists that are read as a whole."""

    per_page = QueryNumber(load_default=MOST_PER_PAGE, validate=validate.Range(1, LAST_PAGE),
                           metadata=said(f"At most {MOST_PER_PAGE}; more is taken as {MOST_PER_PAGE}."))


class AuctionQuery(PageQuery):
    q = Text(load_default="", validate=validate.Length(max=200), metadata=said("Words in title and description."))
    category = Text(load_default="", validate=validate.Length(max=40), metadata=said("A slug."))
    tag = Text(load_default="", validate=validate.Length(max=40), metadata=said("A slug."))
    status = String(load_default="", validate=validate.OneOf(["", *STATUSES]),
                    metadata=said("Without it every public one; drafts are the caller's own."))
    seller = String(load_default="", validate=validate.OneOf(["", "me"]), metadata=said("The caller's own."))
    sort = String(load_default="newest", validate=validate.OneOf(["", *SORTS]))


class NotificationQuery(PageQuery):
    unread = Boolean(load_default=False, truthy={"true"}, falsy={"false"}, metadata=said("Only those not yet read."))


class BeforeQuery(Schema):
    before = QueryNumber(load_default=None, validate=validate.Range(1, 10**18 - 1),
                         metadata=said("Only messages older than this id (`next_before` of the last answer)."))


# -- bodies ------------------------------------------------------------------------------------------------------


class TokenBody(Schema):
    email = Text(required=True, validate=validate.Length(max=accounts.EMAIL_MAX))
    password = Text(required=True, validate=validate.Length(max=1000))
    name = Text(allow_none=True, load_default=None, validate=validate.Length(max=accounts.TOKEN_NAME_MAX),
                metadata=said("What the token is for."))


class UserBody(Schema):
    email = Text(required=True, validate=validate.Length(max=accounts.EMAIL_MAX),
                 metadata=said("", example="ada@example.org"))
    password = Text(required=True, validate=validate.Length(max=1000), metadata=said(
        f"{accounts.PASSWORD_MIN} to {accounts.PASSWORD_MAX} characters."))
    display_name = Text(required=True, validate=validate.Length(max=200))


class ConfirmBody(Schema):
    email = Text(required=True, validate=validate.Length(max=accounts.EMAIL_MAX))
    code = Text(required=True, validate=validate.Length(max=20), metadata=said("The six digits of the mail."))


class BidBody(Schema):
    amount = Amount(required=True)
    kind = String(load_default="manual", validate=validate.OneOf(["manual", "auto"]), metadata=said(
        "manual: the amount is the price at once. auto: a maximum, of which only what is needed is shown."))


class PaymentBody(Schema):
    amount = Amount(required=True)


class MessageBody(Schema):
    text = Text(required=True, validate=validate.Length(max=chat.LONGEST))


class ConversationBody(Schema):
    member_ids = List(Whole(validate=validate.Range(1, 10**18 - 1)), required=True,
                      validate=validate.Length(1, chat.MOST_MEMBERS), metadata=said("The others."))
    name = Text(allow_none=True, load_default=None, validate=validate.Length(max=200), metadata=said(
        f"Of a group, at most {chat.LONGEST_NAME} characters; without it the group is called after its members."))


class ReadBody(Schema):
    ids = List(Whole(validate=validate.Range(1, 10**18 - 1)), allow_none=True, load_default=None,
               validate=validate.Length(max=MOST_PER_PAGE), metadata=said("Without them: all."))


class LotBody(Schema):
    """What POST and PATCH of an auction share."""

    description = Text(allow_none=True, validate=validate.Length(max=lots.DESCRIPTION_LENGTH))
    tags = List(Text(validate=validate.Length(max=lots.TAG_LENGTH)), allow_none=True,
                validate=validate.Length(max=lots.TAGS), metadata=said("Names; the slugs are made from them."))
    bid_step = Amount(allow_none=True)
    reserve_price = Amount(allow_none=True)
    buy_now_price = NotYet(allow_none=True)
    starts_at = Moment(allow_none=True, metadata=said("Without it: at once."))
    ends_at = Moment(allow_none=True)
    duration_hours = Number(allow_none=True, validate=validate.Range(0, 24 * 90, min_inclusive=False),
                            metadata=said("Instead of ends_at, counted from the start."))
    soft_close_seconds = Whole(allow_none=True, validate=validate.Range(0, lots.LONGEST_SOFT_CLOSE_SECONDS),
                               metadata=said("0 is off; without it the house's default."))
    format = String(allow_none=True, validate=validate.OneOf(["english"]))


class AuctionBody(LotBody):
    title = Text(required=True, validate=validate.Length(1, lots.TITLE_LENGTH))
    category = Text(required=True, validate=validate.Length(max=40), metadata=said("A slug of GET /categories."))
    starting_price = Amount(required=True)
    draft = Boolean(allow_none=True, truthy={True}, falsy={False},
                    metadata=said("true: nobody else sees it before it is published."))


class AuctionPatch(LotBody):
    title = Text(validate=validate.Length(1, lots.TITLE_LENGTH))
    category = Text(validate=validate.Length(max=40))
    starting_price = Amount()
    draft = Boolean(truthy={True}, falsy={False}, metadata=said("false publishes a draft."))
    version = Whole(metadata=said("The version that was read: 409 when it has changed since."))
