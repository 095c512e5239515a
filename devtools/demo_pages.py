"""The addresses of every kind of page of a fresh demo house, by who may see them: to be walked by a test, and pictured."""

OPEN_TO_ALL = ["/", "/auctions", "/auctions?q=zzzz", "/auctions/1", "/auctions/1/bids", "/auctions/9", "/auctions/11",
               "/auctions/13", "/feed", "/feed?tag=repairs", "/posts/5", "/people/1", "/people/3",
               "/people/3/posts", "/rules", "/fees", "/help", "/terms", "/api/v1/docs"]
GUEST = [
    *OPEN_TO_ALL, "/account/register", "/account/confirm", "/account/login", "/account/reset", "/account/reset/code",
    "/auctions/1/messages"]
BIDDER = [*OPEN_TO_ALL, *(f"/dashboard/bids?show={show}" for show in ("leading", "outbid", "won", "lost", "watched")),
          "/dashboard/statistics", "/dashboard/wallet",
          "/dashboard/wallet/statement", "/dashboard/wallet/deposits", "/dashboard/wallet/withdrawals", "/notifications",
          "/dashboard/notices",
          "/dashboard/profile", "/dashboard/profile/pictures", "/dashboard/profile/address", "/dashboard/security",
          "/friends", "/friends?show=received", "/friends?show=blocked", "/people/1/block",
          "/dashboard/watchlist", "/dashboard/auctions", "/account/sell",
          "/auctions/1/report", "/auctions/1?amount=250",
          "/inbox", "/inbox/new", "/inbox/groups/new", "/inbox/search?q=fair", "/lobby"]
SELLER = ["/auctions/1", "/auctions/new", "/auctions/1/edit", "/auctions/9/edit", "/auctions/9/delete", "/dashboard/auctions",
          "/dashboard/auctions/1", "/dashboard/auctions/1/end", "/dashboard/auctions/7/end", "/dashboard/auctions/7/reserve",
          "/dashboard/auctions/13", "/dashboard/auctions/13/second-chance", "/auctions/new?relist=13", "/auctions/new?like=11",
          "/dashboard/income", "/dashboard/questions", "/dashboard/questions?show=all",
          "/auctions/11/handover", "/auctions?seller=me", "/posts/new", "/posts/6/edit", "/posts/6/delete",
          "/posts/1/comments/1/reply"]
ADMINISTRATOR = ["/admin/", "/admin/people/", "/admin/people/3/", "/admin/people/3/block", "/admin/people/3/role",
                 "/admin/people/3/adjust", "/admin/auctions/", "/admin/auctions/1/", "/admin/auctions/1/withdraw",
                 "/admin/auctions/1/suspend", "/admin/categories/", "/admin/categories/1/edit", "/admin/tags/",
                 "/admin/tags/1/merge", "/admin/house/", "/admin/house/settings", "/admin/house/quotas",
                 "/admin/house/increments", "/admin/bids/", "/admin/transfers/", "/admin/payments/", "/admin/reports/",
                 "/admin/announcements/", "/admin/announcements/new", "/admin/jobs/", "/admin/log/", "/admin/prove/"]
