"""The tables that hold the house together: blueprints, reactions to events, what every template can use."""

from collections.abc import Collection
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from flask import Flask, g
from flask_login import current_user

from auctionapp import bus, cli, events, formatting, jobqueue, models, problems  # noqa: F401 (models: every table is known)
from auctionapp.accounts import identity  # noqa: F401 (registers the user loader)
from auctionapp.accounts import views as accounts
from auctionapp.admin import desk
from auctionapp.announcements import queries as announcements
from auctionapp.api import application as api
from auctionapp.auctions import handlers as auction_reactions
from auctionapp.auctions import live as auction_fragments
from auctionapp.auctions import views as auctions
from auctionapp.chat import handlers as chat_handlers
from auctionapp.chat import live as chat_fragments
from auctionapp.chat import queries as chat_queries
from auctionapp.chat import rules as chat_rules
from auctionapp.chat import views as chat
from auctionapp.health import views as health
from auctionapp.mail import handlers as mail
from auctionapp.media import views as media
from auctionapp.notifications import handlers as notice_reactions
from auctionapp.notifications import live as notice_fragments
from auctionapp.notifications import queries as notice_queries
from auctionapp.notifications import views as notifications
from auctionapp.pages import views as pages
from auctionapp.people import views as people
from auctionapp.posts import live as post_fragments
from auctionapp.posts import views as posts
from auctionapp.realtime import handlers as realtime_handlers
from auctionapp.realtime import own_state_of, state_of, state_of_many, states_each
from auctionapp.realtime import views as realtime
from auctionapp.reports import views as reports
from auctionapp.wallet import gateway, sandbox_views, statement_views
from auctionapp.wallet import live as wallet_fragments
from auctionapp.wallet import queries as wallet_queries
from auctionapp.wallet import views as wallet
from auctionapp.wallet.sandbox import Sandbox

BLUEPRINTS = [
    accounts.blueprint,
    auctions.blueprint,
    chat.blueprint,
    health.blueprint,
    media.blueprint,
    notifications.blueprint,
    pages.blueprint,
    people.blueprint,
    posts.blueprint,
    realtime.blueprint,
    reports.blueprint,
    sandbox_views.blueprint,
    statement_views.blueprint,
    wallet.blueprint,
]

REACTIONS: dict[type, list] = {
    events.AccountBlocked: [chat_handlers.hand_groups_on],
    events.AuctionScheduled: [auction_reactions.schedule_close],
    events.AuctionChanged: [auction_reactions.show_state],
    events.BidsPlaced: [notice_reactions.tell_outbid],
    # Notices last: while they are missing, the sweep runs all of these again (notifications/jobs.py).
    events.AuctionClosed: [chat_handlers.open_handover, notice_reactions.tell_closed],
    events.FriendAccepted: [notice_reactions.tell_accepted],
    events.FriendRefused: [notice_reactions.read_refused],
    events.FriendRequested: [notice_reactions.tell_requested],
    events.AuctionEndedEarly: [notice_reactions.tell_ended_early],
    events.AuctionStopped: [notice_reactions.tell_stopped],
    events.BidsPassedOver: [notice_reactions.tell_passed_over],
    events.LeadReturned: [notice_reactions.answer_outbid],
    events.MailQueued: [mail.send_soon],
    events.MembersGone: [chat_handlers.end_streams],
    events.MessagePosted: [notice_reactions.tell_message],
    events.NoticesCreated: [realtime_handlers.show_people],
    events.PaymentFinished: [notice_reactions.tell_payment],
    events.PersonBlocked: [chat_handlers.silence],
    events.PostCommented: [notice_reactions.tell_commented],
    events.PostLiked: [notice_reactions.tell_liked],
    events.ReadFurther: [chat_handlers.show_reads],
    events.ReportMade: [notice_reactions.tell_reported],
    events.ReserveReached: [notice_reactions.tell_reserve_reached],
    events.SecondChanceChanged: [notice_reactions.tell_second_chance],
    events.SessionsEnded: [realtime_handlers.end_private_streams],
    events.TopicNews: [realtime_handlers.tell_news],
    events.UnreadChanged: [chat_handlers.count_unread, notice_reactions.mark_read],
    events.WalletChanged: [realtime_handlers.show_people],
    events.WordsGone: [notice_reactions.forget_words],
    events.PicturesDropped: [media.remove_dropped_pictures],
}


class Bar:
    """What the bar of every page shows of the signed-in person; read when a template first asks."""

    @cached_property
    def standing(self) -> Any:
        """The counter of notices and the unanswered outbid; None for a guest."""
        return notice_queries.standing([current_user.id])[0] if current_user.is_authenticated else None

    @property
    def unread_notices(self) -> int:
        return self.standing.unread if self.standing else 0

    @cached_property
    def unread_messages(self) -> str:
        """Over all chats, as the counter shows it."""
        if not current_user.is_authenticated:
            return ""
        return chat_rules.counter(chat_queries.inbox.unread([current_user.id])[current_user.id])

    @cached_property
    def stream_url(self) -> str | None:
        return realtime.person_stream_url() if current_user.is_authenticated else None

    @cached_property
    def available_text(self) -> str:
        return formatting.money_with_currency(wallet_queries.balances(current_user.id)["available"])


def house_says() -> list[Any]:
    """What the house says to everybody now."""
    return announcements.showing(datetime.now(UTC))


def bar() -> Bar:
    if "bar" not in g:
        g.bar = Bar()
    return g.bar


def people_states(user_ids: Collection[int]) -> dict[int, str]:
    """All regions of these people's own topics: as many statements for many people as for one."""
    parts = [fragments.render_states(user_ids) for fragments in (wallet_fragments, notice_fragments, chat_fragments)]
    return {user_id: "".join(part.get(user_id, "") for part in parts) for user_id in user_ids}


def install(app: Flask) -> None:
    bus.init_app(app)
    jobqueue.init_app(app)
    gateway.register(app, Sandbox())
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    api.install(app)
    desk.install(app)
    events.subscribe(REACTIONS)
    problems.install(app)
    formatting.install(app)
    cli.install(app)

    own_state_of.update(auction=notice_fragments.render_own_part)
    state_of_many.update(price=auction_fragments.render_prices)
    state_of.update(auction=auction_fragments.render_state, conversation=chat_fragments.render_reads,
                    post=post_fragments.render_state)
    states_each.update(person=people_states)
    app.jinja_env.globals.update(
        auction_chat=chat.auction_chat, inbox_side=chat.inbox_side, linked_lots=chat_fragments.linked_lots,
        auction_stream_url=realtime.auction_stream_url,
        conversation_stream_url=realtime.conversation_stream_url, feed_stream_url=realtime.feed_stream_url,
        person_stream_url=realtime.person_stream_url, post_stream_url=realtime.post_stream_url,
    )

    @app.context_processor
    def common() -> dict:
        return {"bar": bar(), "house_says": house_says,
                "currency": app.config["CURRENCY"], "site_name": app.config["SITE_NAME"],
                "server_time": datetime.now(UTC), "viewer": current_user._get_current_object()}
