"""The command line for operators and set-up scripts (http-contract). It works with Redis down."""

from flask import Flask

from auctionapp.cli.auctions import auctions, replay_command

COMMANDS = [auctions, replay_command]


def install(app: Flask) -> None:
    for command in COMMANDS:
        app.cli.add_command(command)
