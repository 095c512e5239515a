"""The command line for operators and set-up scripts (http-contract). It works with Redis down."""

from flask import Flask

from auctionapp.cli.auctions import auctions, replay_command
from auctionapp.cli.demo import demo_command
from auctionapp.cli.ledger import ledger
from auctionapp.cli.users import users
from auctionapp.cli.wallets import wallets

COMMANDS = [auctions, demo_command, ledger, replay_command, users, wallets]


def install(app: Flask) -> None:
    for command in COMMANDS:
        app.cli.add_command(command)
