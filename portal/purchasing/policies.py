"""What the company decides of buying."""

from __future__ import annotations

from portal import policies
from portal.words import _

supplies_need_gm = policies.declare(
    "supplies_need_gm", True, "gm", _("The general manager signs purchase applications"), rule="SUP-05"
)
