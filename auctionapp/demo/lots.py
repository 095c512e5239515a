"""What the demo has on sale: fourteen lots of invented sellers, in every state a lot can be in. Amounts in cents."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True)
class DemoBid:
    bidder: str
    kind: str
    amount_cents: int
    before_now: timedelta


@dataclass(frozen=True)
class DemoLot:
    picture: str
    seller: str
    title: str
    category: str
    description: str
    starting_price_cents: int
    starts: timedelta
    """From now; negative is in the past."""
    ends: timedelta
    tags: tuple[str, ...] = ()
    bid_step_cents: int | None = None
    reserve_price_cents: int | None = None
    soft_close_seconds: int = 120
    bids: tuple[DemoBid, ...] = ()
    chat: tuple[tuple[str, str], ...] = ()


def days(number: float) -> timedelta:
    return timedelta(days=number)


def minutes(number: float) -> timedelta:
    return timedelta(minutes=number)


def bid(bidder: str, kind: str, amount_cents: int, hours_ago: float) -> DemoBid:
    return DemoBid(bidder, kind, amount_cents, timedelta(hours=hours_ago))


LOTS = (
    DemoLot(
        "telescope", "mira", "Brass telescope on a table tripod, three draws, signed", "cameras",
        "A library telescope of the 1860s, three draws, the barrel of mahogany, on its own folding tripod. The optics are "
        "clear with one small chip at the edge of the objective that is not seen in use.\n\nLength open 78 cm, closed 26 cm; "
        "39 cm high on the tripod.", 12_000, -days(3), minutes(42), ("brass", "maritime", "1860s"), reserve_price_cents=18_000,
        bids=(bid("ada", "auto", 16_000, 60), bid("bruno", "manual", 13_500, 51), bid("chiara", "auto", 21_000, 30),
              bid("bruno", "auto", 19_000, 6)),
        chat=(("bruno", "Is the objective cemented or air-spaced?"),
              ("mira", "Cemented, and the cement is clear. I can add a picture against the light tonight."),
              ("chiara", "Lovely wood. Do the draws slide freely?"), ("mira", "They do, with a little friction."))),
    DemoLot(
        "clock", "theo", "Art Deco mantel clock in green marble, eight-day movement", "antiques",
        "French, around 1930. Green marble on a black plinth, gilt mounts. The movement was cleaned last year, strikes the hours "
        "and the halves, and keeps time within two minutes a week.\n\nTwo hairlines in the base, see the pictures. With key "
        "and pendulum.", 8_000, -days(4), minutes(9), ("art-deco", "marble", "clocks"),
        bids=(bid("dmytro", "auto", 11_000, 80), bid("ada", "auto", 14_500, 40), bid("dmytro", "manual", 15_000, 2)),
        chat=(("ada", "How heavy is it, roughly?"), ("theo", "7.4 kg with the pendulum. It ships in two boxes."))),
    DemoLot(
        "vase", "mira", "Celadon vase with a crackled glaze, h. 31 cm", "ceramics",
        "Stoneware, thrown and carved under a grey-green celadon glaze. No mark. From a studio estate in Jutland. No chips, no "
        "repairs.", 6_000, -days(2), days(1.4), ("stoneware", "celadon"),
        bids=(bid("chiara", "manual", 6_500, 44), bid("ada", "auto", 9_000, 20), bid("chiara", "manual", 8_000, 8))),
    DemoLot(
        "camera", "theo", "Rangefinder camera with 50 mm lens and ever-ready case", "cameras",
        "Shutter accurate at all speeds, rangefinder aligned, viewfinder clear. The lens has faint cleaning marks and no "
        "fungus. Tested with a roll of film last month.", 9_000, -days(1.5), days(2.2), ("photography", "1950s"),
        bids=(bid("dmytro", "auto", 20_000, 30), bid("bruno", "auto", 17_500, 12), bid("ada", "manual", 18_500, 3))),
    DemoLot(
        "chair", "mira", "Oak lounge chair in its first ochre wool, 1960s", "furniture",
        "Solid oak, oiled, the cover of ochre wool as it left the workshop, with six buttons in the back. Two small dents in "
        "the left arm. Collection in person or by courier.", 22_000, -days(5), days(3.1), ("oak", "mid-century"),
        bid_step_cents=1_000,
        bids=(bid("ada", "manual", 22_000, 100), bid("bruno", "manual", 25_000, 70), bid("ada", "auto", 40_000, 28))),
    DemoLot(
        "chess-set", "theo", "Boxwood and ebony chess set, weighted, king 9.5 cm", "toys",
        "Complete with all thirty-two pieces, felted and weighted, in its mahogany box. One knight has an old, well made "
        "repair at the ear.", 7_500, -days(1), days(4.5), ("chess", "boxwood"),
        bids=(bid("bruno", "auto", 12_000, 20),)),
    DemoLot(
        "book", "mira", "The Salt Road by Edith Hale, first edition in gilt cloth", "books",
        "Octavo, the publisher's green cloth gilt, rubbed at the corners, the hinges sound. Light spotting to three of the "
        "plates, bookplate of a school library. With the second volume, in red.", 15_000, -days(2.5), days(5.8),
        ("first-edition", "travel"),
        reserve_price_cents=30_000, bids=(bid("dmytro", "auto", 18_000, 50), bid("chiara", "auto", 24_000, 25))),
    DemoLot(
        "fountain-pen", "theo", "Fountain pen with a flexible gold nib, restored", "collectibles",
        "Lever filler with a new sac. Fine point that flexes to broad. Light brassing at the clip.",
        4_000, -days(0.8), days(1.9), ("writing", "gold-nib")),
    DemoLot(
        "model-ship", "mira", "Three-masted barque, a sailor's model on its stand", "toys",
        "Built on board, as the label under the base says. Rigging complete, one yard reglued, the sails of fine linen. The "
        "stand has its brass plate.", 18_000, days(0.9), days(7.9), ("maritime", "model")),
    DemoLot(
        "botanical-print", "theo", "Hand-coloured engraving: field poppy, 18th century", "art",
        "Copper engraving with original hand colouring on laid paper, full margins, a soft fold along the centre. In an oak "
        "frame.",
        3_500, days(2), days(9), ("engraving", "botany")),
    DemoLot(
        "pocket-watch", "mira", "Silver pocket watch with an enamel dial, running", "jewellery",
        "Key wound, cylinder movement, runs for thirty hours. The enamel has a hairline at four o'clock. With its key.",
        5_000, -days(8), -days(1), ("silver", "watches"),
        bids=(bid("ada", "auto", 9_500, 120), bid("dmytro", "auto", 13_000, 60), bid("ada", "manual", 12_000, 30))),
    DemoLot(
        "record", "theo", "Night Ferry, a jazz quintet on its first pressing", "music",
        "Record near mint, sleeve with light ring wear. Played on a clean system only.", 2_000, -days(6), -days(2),
        ("jazz", "vinyl"), bids=(bid("bruno", "manual", 2_000, 130), bid("chiara", "auto", 5_500, 100),
                                 bid("bruno", "manual", 4_800, 60))),
    DemoLot(
        "porcelain-cup", "mira", "Porcelain cup and saucer, cobalt and gilt", "ceramics",
        "Hand painted, the gilding a little worn at the handle. No chips, no hairlines.", 3_000, -days(9), -days(2),
        ("porcelain", "gilt"), reserve_price_cents=9_000, bids=(bid("dmytro", "manual", 4_500, 90),)),
    DemoLot(
        "pins", "theo", "Nine enamel pins in a walnut frame", "collectibles",
        "Collected between 1960 and 1990, each different, mounted on linen.", 2_500, -days(7), -days(3), ("enamel", "pins")),
)
