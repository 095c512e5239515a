"""What the demo's people say to each other: direct chats, a group, the lobby; some of it still unread."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from auctionapp import pictures
from auctionapp.chat import queries
from auctionapp.chat import services as chat
from auctionapp.clock import SetClock
from auctionapp.pictures import StoredPicture
from auctionapp.storage import Place


@dataclass(frozen=True)
class DemoMessage:
    author: str
    text: str
    hours_ago: float
    picture: str = ""


@dataclass(frozen=True)
class DemoTalk:
    people: tuple[str, ...]
    """Who begins it comes first; two are a direct chat."""
    messages: tuple[DemoMessage, ...]
    name: str = ""
    unread_by: tuple[str, ...] = ()
    """Who has not read its last two messages; all others have read everything."""


def say(author: str, hours_ago: float, text: str, picture: str = "") -> DemoMessage:
    return DemoMessage(author, text, hours_ago, picture)


TALKS = (
    DemoTalk(("ada", "mira"), (
        say("ada", 50, "Good evening. Is the telescope's tripod of the same age as the tube?"),
        say("mira", 49.6, "Good evening, Ada. Yes, both carry the maker's number, 114. I looked tonight."),
        say("mira", 49.5, "Here it is on the window sill.", "telescope"),
        say("ada", 49.2, "That is a fine patina. I will bid, then."),
        say("mira", 27, "Somebody asked in the chat about the objective: it is cemented, and the cement is clear. {telescope}"),
        say("ada", 26.5, "Thank you. The case would have been too much to hope for."),
        say("mira", 3.2, "If you win it, I can bring it to the fair in Odense on the 12th, so that nothing is shipped."),
        say("mira", 3.1, "Tell me what suits you."),
    ), unread_by=("ada",)),
    DemoTalk(("chiara", "ada"), (
        say("chiara", 30, "Did you see the green clock? {clock}"),
        say("ada", 29.5, "I am bidding on it, so do not be too kind to it in public."),
        say("chiara", 29.4, "I never said a word."),
        say("chiara", 1.4, "How to tell marble from onyx: https://example.org/stones/marble-and-onyx-a-short-guide-for-people-who-collect-clocks"),
    ), unread_by=("ada",)),
    DemoTalk(("dmytro", "theo"), (
        say("dmytro", 20, "Does the rangefinder have its original strap?"),
        say("theo", 19, "A later one, of the sixties. It is in the last picture."),
    )),
    DemoTalk(("bruno", "ada", "chiara", "dmytro"), (
        say("bruno", 70, "Everybody here? I thought we could share what we see before it is gone."),
        say("chiara", 69.5, "Good idea. Ceramics are mine."),
        say("dmytro", 69, "Cameras and anything that ticks."),
        say("ada", 44, "The chess set is better than its picture. {chess-set}"),
        say("bruno", 43.8, "One knight was repaired, though."),
        say("ada", 43.5, "Well repaired. I would not see it."),
        say("bruno", 22, "My own, for comparison. Same workshop, I am nearly sure.", "chess-set"),
        say("dmytro", 21.5, "The bishops are lower, but the base is the same."),
        say("chiara", 5, "Is anybody going to the fair in Odense?"),
        say("dmytro", 4.5, "I am, on Saturday."),
        say("bruno", 0.6, "So am I. Coffee at eleven, at the north gate?"),
    ), "Saturday collectors", unread_by=("ada", "chiara")),
)
LOBBY = (
    say("theo", 28, "Good morning. Three new lots went up tonight, two of them without a reserve."),
    say("dmytro", 27.5, "Seen. The pen is tempting."),
    say("chiara", 8, "Does somebody know a good restorer for gilding?"),
    say("mira", 7.6, "There is a workshop in Aarhus that did my frames. I will look for the name."),
    say("bruno", 2, "The telescope ends today, by the way: {telescope}"),
)


def load(ids: dict[str, int], lots: dict[str, int], media: Place, drawn: dict[str, StoredPicture],
         now: datetime) -> None:
    """Write it all at its time; `{telescope}` in a text is the address of the lot with that picture."""
    addresses = {picture: f"/auctions/{auction_id}" for picture, auction_id in lots.items()}
    for talk in TALKS:
        began = SetClock(now - timedelta(hours=talk.messages[0].hours_ago, minutes=5))
        first, *others = (ids[person] for person in talk.people)
        if talk.name:
            conversation_id = chat.open_group(first, talk.name, others, clock=began)
        else:
            conversation_id = chat.open_direct(first, others[0], began).conversation_id
        for message in talk.messages:
            _say(conversation_id, message, ids, addresses, media, drawn, now)
        newest = len(talk.messages) + (1 if talk.name else 0)
        for person in talk.people:
            chat.mark_read(conversation_id, ids[person], newest - 2 if person in talk.unread_by else newest)
    lobby_id = queries.lobby_id()
    for message in LOBBY:
        _say(lobby_id, message, ids, addresses, media, drawn, now)


def _say(conversation_id: int, message: DemoMessage, ids: dict[str, int], addresses: dict[str, str], media: Place,
         drawn: dict[str, StoredPicture], now: datetime) -> None:
    shown = [drawn[message.picture]] if message.picture else []
    with pictures.copied(media, shown) as copies:
        chat.post_in(conversation_id, ids[message.author], message.text.format_map(addresses),
                     picture=copies[0] if copies else None, clock=SetClock(now - timedelta(hours=message.hours_ago)))

