"""What the demo's people write: finds, repairs and questions, with pictures of the lots that they speak of."""

from dataclasses import dataclass
from datetime import timedelta

from auctionapp.demo.lots import days


def hours(number: float) -> timedelta:
    return timedelta(hours=number)


@dataclass(frozen=True)
class DemoComment:
    author: str
    text: str
    answers: tuple[tuple[str, str], ...] = ()
    """Author and text of each reply."""


@dataclass(frozen=True)
class DemoPost:
    author: str
    title: str
    text: str
    """Markdown; `{lot:clock}` becomes the path of the demo lot with that picture."""
    before_now: timedelta
    tags: tuple[str, ...] = ()
    pictures: tuple[str, ...] = ()
    likes: tuple[str, ...] = ()
    comments: tuple[DemoComment, ...] = ()


POSTS = (
    DemoPost(
        "bruno", "How I tell an early box camera from a late one",
        "People ask me this at every fair, so here it is once and for all:\n\n"
        "1. **The winding key.** Before about 1905 it is brass and folds; later it is nickelled and fixed.\n"
        "2. **The leather.** Early cloth has a coarse grain and smells of glue when warm.\n"
        "3. **The finder.** A brilliant finder with a hinged hood came late.\n\n"
        "> None of these alone proves anything. Two of three usually do.\n\n"
        "If yours disagrees with itself, it was probably repaired from two cameras, which is a story in itself.",
        days(9), ("cameras", "how to"), ("camera",), ("ada", "theo", "dmytro"),
        (DemoComment("theo", "The second point is spot on. I have one with new leather and an old key.",
                     (("bruno", "Then the key tells the truth and the leather the repair."),)),
         DemoComment("chiara", "Is there a way to date the shutter?"))),
    DemoPost(
        "chiara", "A cup with a hairline: repair it or leave it?",
        "My grandmother's cup has a hairline from the rim to the handle. It holds water, but I hear it when I tap it.\n\n"
        "Would you have it filled, or keep it as it is and never pour tea into it again?",
        days(6), ("porcelain", "repairs"), ("porcelain-cup", "vase"), ("ada", "mira"),
        (DemoComment("mira", "Leave it. A filled hairline turns yellow within ten years, and it is harder to sell honestly."),
         DemoComment("ada", "I would leave it too, and put it where the light comes through.",
                     (("chiara", "It stands in the kitchen window since this morning. Thank you both."),)))),
    DemoPost(
        "dmytro", "Three evenings with a chess set",
        "The set came in a cigar box, thirty-one pieces and one that somebody had carved from a broom handle.\n\n"
        "I turned a pawn from a scrap of boxwood and stained it with strong tea, twice. From arm's length nobody finds it; "
        "I marked it under the felt so that nobody is ever misled.\n\n"
        "*Tools:* a pole lathe, a skew chisel, patience.",
        days(4), ("chess", "repairs", "woodturning"), ("chess-set",), ("ada", "bruno", "theo", "mira"),
        (DemoComment("bruno", "Marking it is the right thing to do. Which wood is the rest?",
                     (("dmytro", "Boxwood and ebonised pear, I think. The knights are too crisp for beech."),)),)),
    DemoPost(
        "theo", "Why this clock strikes twice",
        "Somebody asked in the chat why the mantel clock strikes the hours **and** the halves. French movements of that time "
        "count on a wheel: every half hour lets one tooth pass, so after a power of twelve it must be told where it is.\n\n"
        "Turn the hands slowly and let it strike each time. It finds itself again within half a day.\n\n"
        "[This one]({lot:clock}) does it too, in case you want to hear it.",
        days(2), ("clocks", "how to"), ("clock", "pocket-watch"), ("chiara", "dmytro"),
        (DemoComment("ada", "I never knew why mine was always off after winding. Now I do."),)),
    DemoPost(
        "ada", "What is this instrument?",
        "Found at a flea market in Ghent between two broken lamps. Brass, three draws, and a small plate with letters that I "
        "cannot read. It looks a lot like [this one]({lot:telescope}), only shorter.\n\nDoes anybody know the maker?",
        hours(20), ("brass", "help wanted"), ("telescope", "model-ship", "pins", "fountain-pen"), ("bruno", "mira"),
        (DemoComment("mira", "Can you show the plate with light from the side? Letters that were polished away often come back.",
                     (("ada", "I will try tonight, thank you."),)),
         DemoComment("dmytro", "Mine has such a plate. It turned out to be the shop and not the maker."))),
    DemoPost(
        "mira", "Packing glass and brass for the post",
        "After eleven years and two broken vases, this is how I pack:\n\n"
        "- soft paper around everything that sticks out, then a first box that it cannot move in\n"
        "- five centimetres of filling on **all** sides, then the second box\n"
        "- a drawing of what is inside on the lid: people handle a picture more gently than the word *fragile*\n\n"
        "Ask before you bid if you need something packed in another way.",
        hours(3), ("how to",), ("vase",), ("ada", "bruno", "chiara"),
        (DemoComment("chiara", "The drawing is a lovely idea."),)),
)
