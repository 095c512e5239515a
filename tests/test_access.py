"""Every route, asked by its owner, by somebody else, by one whom the owner has blocked, by a guest and by one whom the
house blocked while signed in (faults 37, 41, 43). A route that stands in no table is refused here: decide who may use it.

`in`: let in, if only to be told what is wrong with a form. `login`: sent to sign in, or 401. Else the refusal.
"""

import pytest

from tests import access
from tests.access import VISITORS, House

# owner, other, barred by the owner, guest, blocked by the house
EVERYBODY = "in in in in in"
EVERYBODY_BUT_WRONG_TOKENS = "in in in in login"
SIGNED_IN = "in in in login login"
ITS_OWNER = "in 404 404 login login"
ITS_SELLER = "in 403 403 login login"
ALL_BUT_ITS_OWNER = "403 in in login login"
ALL_BUT_ONESELF = "404 in in login login"
NOT_THE_BARRED = "in in 403 login login"
NEITHER_OWNER_NOR_BARRED = "403 in 403 login login"
ADMINISTRATORS = "403 403 403 login login"
A_DRAFT = "in 404 404 404 404"
NOBODY_SIGNED_IN = "404 404 404 login login"
NOBODY = "404 404 404 404 login"
A_DRAFT_OF_THE_API = "in 404 404 404 login"
ALL_TO_SIGN_IN = "login login login login login"
NOT_READY_HERE = "503 503 503 503 503"

TABLE = [
    (EVERYBODY, """
        GET /
        GET /auctions
        GET /auctions/<auction_id>
        GET /auctions/<auction_id>/bids
        GET /auctions/<auction_id>/messages
        GET /auctions/<auction_id>/stream
        GET /feed
        GET /feed/stream
        GET /posts/<post_id>
        GET /posts/<post_id>/comments
        GET /posts/<post_id>/stream
        GET /people/<person_id>
        GET /people/<person_id>/posts
        GET /media/<name>
        GET /static/<filename>
        GET /rules
        GET /fees
        GET /help
        GET /terms
        GET /reports
        GET /healthz
        GET /metrics
        GET /account/login
        POST /account/login
        GET /account/register
        POST /account/register
        GET /account/confirm
        POST /account/confirm
        POST /account/confirm/resend
        GET /account/reset
        POST /account/reset
        GET /account/reset/code
        POST /account/reset/code
        GET /unsubscribe/<token>
        POST /unsubscribe/<token>
        GET /api/v1/docs
        GET /api/v1/openapi.json
        GET /api/v1/problems/<slug>
        POST /api/v1/tokens
        POST /api/v1/users
        POST /api/v1/users/confirm
    """),
    (EVERYBODY_BUT_WRONG_TOKENS, """
        GET /api/v1/auctions
        GET /api/v1/auctions/<auction_id>
        GET /api/v1/auctions/<auction_id>/bids
        GET /api/v1/auctions/<auction_id>/events
        GET /api/v1/categories
        GET /api/v1/tags
    """),
    (SIGNED_IN, """
        GET /account/sell
        POST /account/sell
        GET /auctions/new
        POST /auctions/new
        POST /auctions/<auction_id>/watch
        POST /auctions/<auction_id>/messages
        POST /searches
        GET /dashboard/auctions
        GET /dashboard/bids
        GET /dashboard/statistics
        GET /dashboard/income
        GET /dashboard/income.csv
        GET /dashboard/questions
        GET /dashboard/watchlist
        GET /dashboard/notices
        POST /dashboard/notices
        GET /dashboard/profile
        POST /dashboard/profile
        GET /dashboard/profile/address
        POST /dashboard/profile/address
        POST /dashboard/profile/address/confirm
        GET /dashboard/profile/pictures
        POST /dashboard/profile/pictures
        POST /dashboard/profile/pictures/none
        POST /dashboard/profile/signature
        POST /dashboard/profile/signature/remove
        GET /dashboard/security
        POST /dashboard/security
        POST /dashboard/security/sessions/end-others
        GET /dashboard/wallet
        GET /dashboard/wallet/statement
        GET /dashboard/wallet/statement.csv
        GET /dashboard/wallet/deposits
        POST /dashboard/wallet/deposits
        GET /dashboard/wallet/withdrawals
        POST /dashboard/wallet/withdrawals
        GET /friends
        POST /people/<person_id>/unblock
        POST /people/<person_id>/unfollow
        POST /friends/<person_id>/request
        POST /friends/<person_id>/accept
        POST /friends/<person_id>/decline
        POST /friends/<person_id>/withdraw
        GET /inbox
        GET /inbox/new
        GET /inbox/search
        GET /inbox/groups/new
        POST /inbox/groups/new
        GET /lobby
        GET /inbox/<conversation_id>/stream of the lobby
        POST /inbox/<conversation_id>/messages of the lobby
        GET /notifications
        POST /notifications/read
        GET /stream
        GET /posts/new
        POST /posts/new
        GET /posts/<post_id>/comments/<comment_id>/reply
        GET /api/v1/me
        GET /api/v1/wallet
        GET /api/v1/wallet/entries
        POST /api/v1/wallet/deposits
        POST /api/v1/wallet/withdrawals
        DELETE /api/v1/tokens/current
        POST /api/v1/auctions
        POST /api/v1/auctions/<auction_id>/buy
        GET /api/v1/auctions/<auction_id>/messages
        POST /api/v1/auctions/<auction_id>/messages
        GET /api/v1/conversations
        GET /api/v1/notifications
        POST /api/v1/notifications/read
    """),
    (ITS_OWNER, """
        GET /auctions/<auction_id>/handover
        POST /auctions/<auction_id>/handover
        POST /auctions/<auction_id>/bidders/<alias>
        GET /auctions/<auction_id>/edit of a draft
        POST /auctions/<auction_id>/edit of a draft
        GET /auctions/<auction_id>/delete of a draft
        POST /auctions/<auction_id>/delete of a draft
        POST /auctions/<auction_id>/publish of a draft
        POST /auctions/<auction_id>/watch of a draft
        POST /searches/<search_id>/remove
        GET /dashboard/auctions/<auction_id>
        GET /dashboard/auctions/<auction_id>/end
        POST /dashboard/auctions/<auction_id>/end
        GET /dashboard/auctions/<auction_id>/reserve
        POST /dashboard/auctions/<auction_id>/reserve
        GET /dashboard/auctions/<auction_id>/second-chance
        POST /dashboard/auctions/<auction_id>/second-chance
        POST /dashboard/auctions/<auction_id>/second-chance/withdraw
        GET /dashboard/offers/<offer_id>
        POST /dashboard/offers/<offer_id>
        POST /dashboard/questions/<auction_id>
        GET /dashboard/profile/pictures/<picture_id>/remove
        POST /dashboard/profile/pictures/<picture_id>/remove
        POST /dashboard/profile/pictures/<picture_id>/use
        POST /dashboard/security/sessions/<sign_in_id>/end
        POST /dashboard/security/tokens/<token_id>/revoke
        GET /sandbox/payments/<reference>
        POST /sandbox/payments/<reference>
        GET /inbox/<conversation_id>
        POST /inbox/<conversation_id>/messages
        POST /inbox/<conversation_id>/read
        GET /inbox/<conversation_id>/stream
        GET /inbox/<group_id>/members
        POST /inbox/<group_id>/members
        POST /inbox/<group_id>/members/<user_id>/admin
        POST /inbox/<group_id>/members/<user_id>/remove
        POST /inbox/<group_id>/name
        POST /inbox/<group_id>/picture
        GET /inbox/<conversation_id>/messages/<message_id>
        GET /inbox/<conversation_id>/messages/<message_id>/edit
        POST /inbox/<conversation_id>/messages/<message_id>/edit
        GET /inbox/<conversation_id>/messages/<message_id>/delete
        POST /inbox/<conversation_id>/messages/<message_id>/delete
        POST /inbox/<group_id>/leave
        GET /report/message/<subject_id>
        POST /report/message/<subject_id>
        GET /posts/<post_id>/edit
        POST /posts/<post_id>/edit
        GET /posts/<post_id>/delete
        POST /posts/<post_id>/delete
        GET /posts/<post_id>/comments/<comment_id>/delete
        POST /posts/<post_id>/comments/<comment_id>/delete
        GET /api/v1/conversations/<conversation_id>/messages
        POST /api/v1/conversations/<conversation_id>/messages
        PATCH /api/v1/auctions/<auction_id> of a draft
        DELETE /api/v1/auctions/<auction_id> of a draft
    """),
    (ITS_SELLER, """
        GET /auctions/<auction_id>/edit
        POST /auctions/<auction_id>/edit
        GET /auctions/<auction_id>/delete
        POST /auctions/<auction_id>/delete
        POST /auctions/<auction_id>/publish
        PATCH /api/v1/auctions/<auction_id>
        DELETE /api/v1/auctions/<auction_id>
        POST /api/v1/auctions/<auction_id>/images
    """),
    (A_DRAFT, """
        GET /auctions/<auction_id> of a draft
        GET /auctions/<auction_id>/bids of a draft
        GET /auctions/<auction_id>/messages of a draft
        GET /auctions/<auction_id>/stream of a draft
    """),
    (A_DRAFT_OF_THE_API, """
        GET /api/v1/auctions/<auction_id> of a draft
        GET /api/v1/auctions/<auction_id>/bids of a draft
    """),
    (NOBODY_SIGNED_IN, """
        GET /inbox/<conversation_id>/messages/<message_id>/edit of the other one
        POST /inbox/<conversation_id>/messages/<message_id>/edit of the other one
        GET /inbox/<conversation_id>/messages/<message_id>/delete of the other one
        POST /inbox/<conversation_id>/messages/<message_id>/delete of the other one
    """),
    (NOBODY, """
        GET /api/v1/auctions/<auction_id>/events of a draft
    """),
    (ALL_BUT_ITS_OWNER, """
        GET /auctions/<auction_id>/report
        POST /auctions/<auction_id>/report
        GET /report/auction/<subject_id>
        POST /report/auction/<subject_id>
        GET /report/post/<subject_id>
        POST /report/post/<subject_id>
        GET /report/comment/<subject_id>
        POST /report/comment/<subject_id>
        GET /report/person/<subject_id>
        POST /report/person/<subject_id>
    """),
    (ALL_BUT_ONESELF, """
        GET /people/<person_id>/block
        POST /people/<person_id>/block
        GET /friends/<person_id>/remove
        POST /friends/<person_id>/remove
    """),
    (NOT_THE_BARRED, """
        POST /posts/<post_id>/like
        POST /posts/<post_id>/comments
        POST /people/<person_id>/follow
        POST /api/v1/conversations
    """),
    (NEITHER_OWNER_NOR_BARRED, """
        POST /auctions/<auction_id>/bids
        POST /api/v1/auctions/<auction_id>/bids
        POST /inbox/new
    """),
    (ALL_TO_SIGN_IN, """
        POST /account/logout
        POST /webhooks/gateway without a signature
    """),
    (NOT_READY_HERE, """
        GET /readyz
    """),
]

SAID = {"text": "Hello", "key": "one"}
CONFIRMED_BID = {"amount": "20", "kind": "manual", "key": "one", "confirmed": "1"}
LOT, POST, PERSON = ({"subject_id": make} for make in (House.lot, House.post, lambda house: house.owner))
COMMENT = {"subject_id": lambda house: house.comment(house.post())}
HANDOVER, WITH_A_BID = {"auction_id": House.sold_lot}, {"auction_id": House.lot_with_a_bid}

PARTS = {
    "GET /auctions/<auction_id>/handover": HANDOVER,
    "POST /auctions/<auction_id>/handover": HANDOVER,
    "POST /auctions/<auction_id>/bidders/<alias>": WITH_A_BID,
    "POST /dashboard/questions/<auction_id>": {"auction_id": House.lot_with_a_question},
} | {f"{method} /report/{kind}/<subject_id>": parts for method in ("GET", "POST") for kind, parts in (
    ("auction", LOT), ("post", POST), ("comment", COMMENT), ("person", PERSON), ("message", {"subject_id": House.message}))}

FORMS = {
    "POST /auctions/<auction_id>/handover": SAID,
    "POST /auctions/<auction_id>/bidders/<alias>": {"blocked": "1"},
    "POST /auctions/<auction_id>/bids": CONFIRMED_BID,
    "POST /api/v1/auctions/<auction_id>/bids": {"amount": "20.00"},
    "POST /api/v1/auctions/<auction_id>/images": {"images": "picture"},
    "POST /inbox/<conversation_id>/messages": SAID,
    "POST /inbox/<conversation_id>/messages/<message_id>/edit": {"text": "Better"},
    "POST /inbox/<group_id>/picture": {"picture": "picture"},
    "POST /inbox/<group_id>/name": {"name": "Another"},
    "GET /inbox/new": {"to": "owner"},
    "POST /inbox/new": {"to": "owner"},
    "POST /api/v1/conversations": {"member_ids": ["owner"]},
    "POST /api/v1/conversations/<conversation_id>/messages": {"text": "Hello"},
    "POST /posts/<post_id>/like": {"liked": "1"},
    "POST /posts/<post_id>/comments": SAID,
    "POST /posts/<post_id>/edit": {"title": "One", "text": "two"},
    "POST /sandbox/payments/<reference>": {"decision": "approve"},
}

VARIANTS = {
    " without a signature": {},
    " of a draft": {"auction_id": House.draft},
    " of the other one": {"message_id": House.message},
    " of the lobby": {"conversation_id": lambda house: house.lobby()},
}

EXPECTED = {row.strip(): dict(zip(VISITORS, answers.split(), strict=True))
            for answers, rows in TABLE for row in rows.strip().splitlines()}


def plain(row):
    """The row's address without the variant of the thing behind it, and what that variant makes."""
    for words, parts in VARIANTS.items():
        if row.endswith(words):
            return row.removesuffix(words), parts
    return row, {}


def test_every_route_stands_in_the_table_and_nothing_else(app):
    routes = {row for row in access.rows_of(app.url_map.iter_rules()) if not row.split()[1].startswith("/admin/")}
    known = {plain(row)[0] for row in EXPECTED}
    assert routes <= known, "decide who may use these: " + ", ".join(sorted(routes - known))
    assert known <= routes, "these are no more: " + ", ".join(sorted(known - routes))
    assert sum(len(rows.strip().splitlines()) for _, rows in TABLE) == len(EXPECTED), "a row stands twice"


@pytest.mark.made_up_books
@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_every_route_answers_everybody_as_the_table_says(app):
    wrong = []
    for row, expected in EXPECTED.items():
        house = House(app)
        address, variant = plain(row)
        method, path = access.address(house, address, PARTS.get(address, {}) | variant).split()
        for visitor in reversed(VISITORS):  # the owner last: what is theirs may be gone then
            form = {name: house.meant(value) for name, value in FORMS.get(address, {}).items()}
            answer = house.ask(visitor, method, path, form)
            if answer != expected[visitor]:
                wrong.append(f"{row}: {visitor} was told {answer}, not {expected[visitor]}")
    assert not wrong, "\n".join(wrong)


def test_nothing_of_the_desk_is_for_anybody_but_administrators(app):
    house = House(app)
    rows = sorted(row for row in access.rows_of(app.url_map.iter_rules()) if row.split()[1].startswith("/admin/"))
    expected = dict(zip(VISITORS, ADMINISTRATORS.split(), strict=True))
    wrong = []
    for row in rows:
        method, path = access.address(house, row, dict.fromkeys(access.parts_of(row), lambda house: 1)).split()
        for visitor in VISITORS:
            answer = house.ask(visitor, method, path, {})
            if answer != expected[visitor]:
                wrong.append(f"{row}: {visitor} was told {answer}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("visitor", ["owner", "guest"])
def test_what_does_not_exist_is_404_for_everybody(app, visitor):
    assert House(app).ask(visitor, "GET", "/nothing/here", {}) == "404"
