"""What is done again and again: the one list of periodic functions.

The scheduler process calls each by itself, inside the application's context and without Redis, so that a lost job, a
flushed Redis or a lock left behind delays nothing for long. Each function looks at the database for what is due, may
run in several processes at once, and handles its own errors item by item.
"""

# (seconds between two runs, dotted path of a function without arguments)
PERIODIC: list[tuple[float, str]] = [
    (2, "auctionapp.auctions.jobs.sweep"),
    (30, "auctionapp.auctions.jobs.reconcile_schedule"),
    (15, "auctionapp.auctions.jobs.lapse_offers"),
    (15, "auctionapp.mail.jobs.send_waiting"),
    (3600, "auctionapp.mail.jobs.forget_old"),
    (3600, "auctionapp.accounts.jobs.forget_old"),
    (3600, "auctionapp.idempotency.forget_old"),
    (30, "auctionapp.wallet.jobs.ask_about_pending"),
    (5, "auctionapp.notifications.jobs.announce_missing"),
    (20, "auctionapp.notifications.jobs.mail_unread"),
    (10, "auctionapp.notifications.jobs.remind"),
    (30, "auctionapp.notifications.jobs.tell_missing"),
]

# What workers do as well: auctions close in time even while the scheduler stands still (fault 25).
IN_WORKERS: list[tuple[float, str]] = [
    (4, "auctionapp.auctions.jobs.sweep"),
]
