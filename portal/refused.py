"""What the portal says when something cannot be done; each carries a message for the person."""

from __future__ import annotations

from portal.words import Words, _


class Refused(Exception):
    """The company's rules or the present state of things forbid it. Nothing has happened."""

    status = 409

    def __init__(self, why: Words) -> None:
        super().__init__(str(why))
        self.why = why


class SomebodyWasFirst(Refused):
    """Somebody else changed the thing since it was shown."""


class NotYours(Refused):
    """The person has no right to this; the attempt is recorded (GEN-10)."""

    status = 403

    def __init__(self, why: Words | None = None) -> None:
        super().__init__(why or _("You have no permission for this."))


class NotThere(Refused):
    """There is no such thing, or the person may not know of it."""

    status = 404

    def __init__(self, why: Words | None = None) -> None:
        super().__init__(why or _("There is nothing here, or it is not yours to see."))


class Mistyped(Refused):
    """A value that was typed cannot be taken; `field` names where, so the form can say it there."""

    status = 422

    def __init__(self, why: Words, field: str | None = None) -> None:
        super().__init__(why)
        self.field = field
