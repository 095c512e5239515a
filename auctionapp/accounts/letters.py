"""The words of the mails about accounts. Nothing that a stranger typed stands in them: they go to unproved addresses."""

from dataclasses import dataclass

from auctionapp.mail.site import Site


@dataclass(frozen=True)
class Letter:
    subject: str
    body: str


def registration_code(site: Site, code: str) -> Letter:
    return Letter(f"{code} is your code for {site.name}", f"""Hello,

your code for {site.name} is

    {code}

Type it into the page where you registered, within 15 minutes:
{site.url("/account/confirm")}

If you did not register, ignore this mail: without the code nothing happens.
""")


def already_registered(site: Site) -> Letter:
    return Letter(f"You already have an account with {site.name}", f"""Hello,

somebody, perhaps you, tried to register at {site.name} with this address. It has an account already.

Sign in:            {site.url("/account/login")}
Forgot a password:  {site.url("/account/reset")}

If it was not you, ignore this mail: nothing was changed.
""")


def reset_code(site: Site, code: str) -> Letter:
    return Letter(f"{code} is your code for a new password at {site.name}", f"""Hello,

your code for a new password at {site.name} is

    {code}

Type it within 15 minutes into the page where you asked for it:
{site.url("/account/reset/code")}

If you did not ask for it, ignore this mail: your password stays as it is. Give the code to nobody.
""")


def reset_without_account(site: Site) -> Letter:
    return Letter(f"No account with {site.name} under this address", f"""Hello,

somebody, perhaps you, asked for a new password at {site.name}. There is no account under this address; perhaps you
used another one.

Register: {site.url("/account/register")}

If it was not you, ignore this mail.
""")


def password_changed(site: Site) -> Letter:
    return Letter(f"Your password at {site.name} was changed", f"""Hello,

the password of your account at {site.name} was changed. All other sessions and all API tokens were ended.

If it was not you, set a new one at once: {site.url("/account/reset")}
""")


def address_code(site: Site, code: str) -> Letter:
    return Letter(f"{code} is your code for your new address at {site.name}", f"""Hello,

your code for this new address at {site.name} is

    {code}

Type it within 15 minutes into the page where you asked for it:
{site.url("/dashboard/profile/address")}

If you did not ask for it, ignore this mail: without the code nothing happens. Give the code to nobody.
""")


def address_taken(site: Site) -> Letter:
    return Letter(f"This address has an account with {site.name} already", f"""Hello,

somebody, perhaps you, wants to use this address for another account at {site.name}. It has an account already, so
nothing was changed.

Sign in:            {site.url("/account/login")}
Forgot a password:  {site.url("/account/reset")}
""")


def address_change_asked(site: Site) -> Letter:
    return Letter(f"Somebody wants to change the address of your account at {site.name}", f"""Hello,

somebody who knows your password wants to use another address for your account at {site.name}. A code went to that
address; until it is typed in, nothing changes.

If it was not you, set a new password at once: {site.url("/account/reset")}
""")


def address_changed(site: Site) -> Letter:
    return Letter(f"The address of your account at {site.name} was changed", f"""Hello,

your account at {site.name} has another address now. Mails no longer come to this one, and you sign in with the new
one.

If it was not you, write to whoever runs this house: {site.url("/help")}
""")
