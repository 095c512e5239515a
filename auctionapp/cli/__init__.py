"""The command line for operators and set-up scripts (http-contract). It works with Redis down."""

from flask import Flask

from auctionapp.cli.auctions import auctions, replay_command
<<<<<<< Updated upstream
from auctionapp.cli.users import users

COMMANDS = [auctions, replay_command, users]
=======
from auctionapp.cli.ledger import ledger
from auctionapp.cli.wallets import wallets

COMMANDS = [auctions, ledger, replay_command, wallets]
>>>>>>> Stashed changes


def install(app: Flask) -> None:
    for command in COMMANDS:
        app.cli.add_command(command)
