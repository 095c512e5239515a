"""What the demo's people say of themselves, and how they stand to each other."""

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from auctionapp import pictures
from auctionapp.accounts import services as accounts
from auctionapp.clock import SetClock
from auctionapp.people import services
from auctionapp.storage import Place


@dataclass(frozen=True)
class DemoPerson:
    first_name: str
    last_name: str
    about: str
    born_on: date | None = None
    shows_birthday: bool = False
    picture: str = ""
    """One of the demo's pictures; without one the initials are drawn."""


PEOPLE = {
    "mira": DemoPerson(
        "Mira", "Halvorsen", "Estate clearances around Aarhus, with an eye for ceramics and instruments. I measure twice, "
        "photograph every flaw and ship on Tuesdays.\n\nCollection in person by arrangement.", date(1978, 5, 14), True, "vase"),
    "theo": DemoPerson(
        "Theo", "Lindqvist", "Clocks, cameras and things with small gears. Everything that ticks has been on my bench for at "
        "least a week before it is offered here.", picture="clock"),
    "ada": DemoPerson("Ada", "Moreau", "I look for optical instruments before 1900 and for good cases to put them in.",
                      date(1991, 11, 30)),
    "bruno": DemoPerson("Bruno", "Keller", "Chess sets, first pressings, the odd chair. Always happy to talk about jazz."),
    "chiara": DemoPerson("Chiara", "Fontana", "Ceramics, mostly Nordic and Japanese.", picture="porcelain-cup"),
    "dmytro": DemoPerson("Dmytro", "Bondar", ""),
}
FRIENDS = (("ada", "bruno"), ("mira", "theo"), ("chiara", "mira"), ("bruno", "theo"))
REQUESTS = (("chiara", "ada"), ("dmytro", "bruno"), ("ada", "dmytro"))
FOLLOWS = (("ada", "mira"), ("ada", "theo"), ("chiara", "mira"), ("dmytro", "theo"), ("bruno", "mira"))


def introduce(ids: dict[str, int], names: dict[str, str], media: Place, pictures_folder: Path, joined: SetClock) -> None:
    """Profiles, pictures, friends, open requests and followed sellers, through the services."""
    for key, person in PEOPLE.items():
        accounts.update_profile(ids[key], accounts.Profile(
            names[key], about=person.about, first_name=person.first_name, last_name=person.last_name,
            born_on=person.born_on, shows_birthday=person.shows_birthday), joined)
        if person.picture:
            with (pictures_folder / f"{person.picture}.webp").open("rb") as file:
                services.add_picture(ids[key], pictures.store(media, file, pictures.PORTRAIT).name, joined)
    days = timedelta(days=1)
    for number, (one, other) in enumerate(FRIENDS):
        services.request(ids[one], ids[other], SetClock(joined.moment + (3 + 4 * number) * days))
        services.accept(ids[other], ids[one], SetClock(joined.moment + (4 + 4 * number) * days))
    for number, (one, other) in enumerate(REQUESTS):
        services.request(ids[one], ids[other], SetClock(joined.moment + (36 + number) * days))
    for one, other in FOLLOWS:
        services.follow(ids[one], ids[other], SetClock(joined.moment + 5 * days))
