"""Forms that more than one module has."""

from __future__ import annotations

import re

from wtforms import HiddenField

from portal.fields import PortalForm


class ShownForm(PortalForm):
    """A form of something as it was shown: with the count of its events."""

    events = HiddenField(default="0")

    def shown(self) -> int:
        """The count that came back; none that can be where it is no number."""
        typed = self.events.data or ""
        return int(typed) if re.fullmatch(r"[0-9]{1,9}", typed, re.ASCII) else -1
