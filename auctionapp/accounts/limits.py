"""How often passwords and codes may be tried: per network address and per account (fault 48).

Generous for people and scripts, hopeless for guessing. Kept in Redis; with Redis away each process counts for itself.
"""

import hashlib

from flask import request

from auctionapp.extensions import limiter


def tried_account() -> str:
    """The account that a form names."""
    return hashlib.sha256(request.form.get("email", "").strip().lower().encode(errors="replace")).hexdigest()


passwords_per_account = limiter.shared_limit("30 per 10 minutes", scope="passwords-account", key_func=tried_account,
                                             methods=["POST"])
passwords_per_address = limiter.shared_limit("300 per 10 minutes", scope="passwords-address", methods=["POST"])
codes_per_address = limiter.shared_limit("200 per 10 minutes", scope="codes-address", methods=["POST"])
letters_per_address = limiter.shared_limit("100 per 10 minutes", scope="letters-address", methods=["POST"])
