"""Use cases of people: registering, signing in, passwords, tokens, roles."""

from auctionapp.accounts.services.address import confirm_address, request_address
from auctionapp.accounts.services.codes import CodeRefused, TooManyCodes
from auctionapp.accounts.services.passwords import change_password, request_reset, reset_password
from auctionapp.accounts.services.people import (
    EmailTaken,
    Profile,
    become_seller,
    create_user,
    update_profile,
)
from auctionapp.accounts.services.registration import confirm, register, resend
from auctionapp.accounts.services.sessions import (
    Blocked,
    Proven,
    SignedIn,
    WrongCredentials,
    authenticate,
    end_other_sessions,
    end_session,
    forget_old,
    sign_in,
    touch,
)
from auctionapp.accounts.services.tokens import create_token, revoke_token

__all__ = [
    "Blocked", "CodeRefused", "EmailTaken", "Profile", "Proven", "SignedIn", "TooManyCodes", "WrongCredentials",
    "authenticate", "become_seller", "change_password", "confirm", "confirm_address", "create_token", "create_user",
    "end_other_sessions", "end_session", "forget_old", "register", "request_address", "request_reset", "resend", "reset_password",
    "revoke_token", "sign_in", "touch", "update_profile",
]
