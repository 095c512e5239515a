"""The log of what administrators did: append-only, to read."""

from flask_admin import expose

from auctionapp.admin.door import DeskView
from auctionapp.admin.queries import people
from auctionapp.admin.tables import Choice, Column, page, sent_id
from auctionapp.audit import AdminAction

SUBJECTS = ("person", "auction", "category", "tag", "increment_table", "house", "announcement", "report", "message", "post",
            "comment")


class LogView(DeskView):
    @expose("/")
    def index(self) -> str:
        kind = Choice("kind", "About", [("", "All"), *((kind, kind.replace("_", " ").capitalize()) for kind in SUBJECTS)])
        found = people.log()
        if kind.chosen:
            found = found.where(AdminAction.subject_kind == kind.chosen)
        if (admin_id := sent_id("admin")) is not None:
            found = found.where(AdminAction.admin_id == admin_id)
        columns = [
            Column("Time", "created_at", "moment"), Column("Administrator", "admin", "person", of="admin_id"),
            Column("Did", "action", "words"), Column("To", "subject_kind", "subject"), Column("Before", "before", "facts"),
            Column("After", "after", "facts"), Column("Reason", "reason"), Column("From", "address"),
        ]
        return self.render("admin/list.html", title="Log", table=page(found, AdminAction.id, columns, [kind]),
                           keeps=("admin",), intro="Everything that administrators changed, with what was before and after. "
                           "Nobody can change or delete an entry, not even in the database.", empty="Nothing was done yet.")
