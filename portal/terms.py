"""The words of states and steps that many papers share; a flow says its own beside them."""

from __future__ import annotations

from portal.words import Words, _

STATES: dict[str, Words] = {
    "draft": _("Draft"),
    "submitted": _("Submitted"),
    "endorsing": _("With the department head"),
    "compiled": _("Compiled"),
    "approved": _("Approved"),
    "rejected": _("Rejected"),
    "cancelled": _("Cancelled"),
    "lapsed": _("Lapsed"),
    "withdrawn": _("Withdrawn"),
    "done": _("Done"),
    "closed": _("Closed"),
}

STEPS: dict[str, Words] = {
    "submit": _("Submit"),
    "endorse": _("Endorse"),
    "compile": _("Compile"),
    "approve": _("Approve"),
    "approve_over_budget": _("Approve over budget"),
    "return": _("Return for correction"),
    "reject": _("Reject"),
    "withdraw": _("Withdraw"),
    "cancel": _("Cancel"),
    "lapse": _("Lapse"),
    "confirm": _("Confirm"),
}

# What the timeline and the notices say of it. `who` is a person's name; the portal itself acts without one.
SAID: dict[str, Words] = {
    "create": _("%(who)s started this paper"),
    "edit": _("%(who)s changed the contents"),
    "comment": _("%(who)s commented"),
    "attach": _("%(who)s attached %(file)s"),
    "detach": _("%(who)s removed the attachment %(file)s"),
    "open_copy": _("%(who)s opened the copy"),
    "reroute": _("Now waiting for %(post)s"),
    "conceal": _("%(who)s made it confidential"),
    "reveal": _("%(who)s opened it to its readers again"),
    "submit": _("%(who)s submitted it"),
    "endorse": _("%(who)s endorsed it"),
    "compile": _("%(who)s compiled it"),
    "approve": _("%(who)s approved it"),
    "approve_over_budget": _("%(who)s approved it over budget"),
    "return": _("%(who)s returned it for correction"),
    "reject": _("%(who)s rejected it"),
    "withdraw": _("%(who)s withdrew it"),
    "cancel": _("%(who)s cancelled it"),
    "lapse": _("It lapsed unused"),
    "confirm": _("%(who)s confirmed it"),
}
