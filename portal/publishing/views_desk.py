"""The desk: manuscripts by what they wait for, their export, and the plan of headlines and advertisements."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import request

from portal import clock, exports, languages
from portal.access import any_of, copywriter, designer, ecom_director, gm, section_specialist
from portal.fields import read_day
from portal.inbox.models import WORKING_LISTS, WorkingList, read_place
from portal.publishing.models import CHANNELS, COLLECTS, DESK, KINDS, PLACES, TOPICS, WRITERS
from portal.publishing.models_desk import PAGE, TABS, Listed, Wanted, counts, every, listed, monday, place_of, weeks
from portal.publishing.rules_flow import MANUSCRIPT
from portal.web import NAVIGATION, Link, Pages, asked, my_posts, page, sent, with_filters
from portal.words import Words, _

pages = Pages("publishing")
PUBLISHING = _("Information publishing")
WEEKS = 8
NAVIGATION += [
    Link(_("Manuscripts"), "publishing.index", "newspaper", PUBLISHING, place=80),
    Link(_("Display plan"), "publishing.slots", "calendar", PUBLISHING, place=81),
]
WORKING_LISTS += [
    WorkingList(_("Manuscripts to classify"), "manuscript", "collected", any_of(copywriter, section_specialist), "newspaper"),
    WorkingList(_("Manuscripts to decide"), "manuscript", "submitted", any_of(ecom_director), "newspaper"),
    WorkingList(_("Manuscripts to consent to"), "manuscript", "with_gm", any_of(gm), "newspaper"),
    WorkingList(_("Products and articles to publish"), "manuscript", "approved", any_of(section_specialist), "send"),
    WorkingList(_("News to publish"), "manuscript", "approved_open", any_of(section_specialist, designer), "send"),
    WorkingList(_("Advertisements to publish"), "manuscript", "approved_slot", any_of(designer), "send"),
]


@pages.get("/publishing", may=DESK)
def index() -> Any:
    wanted = Wanted(
        asked("tab", TABS, "work"), asked("kind", KINDS), asked("topic", TOPICS), asked("channel", CHANNELS), read_place(_after())
    )
    if kind := asked("export", ("csv", "xlsx")):
        return sent(exports.table("manuscripts", _COLUMNS, map(_cells, every(wanted, list(my_posts()))), kind, languages.here))
    rows, waiting = listed(wanted, my_posts()), counts(my_posts())
    return page(
        "publishing/index.html",
        rows=rows[:PAGE],
        wanted=wanted,
        states=MANUSCRIPT.states,
        marks=MANUSCRIPT.marks,
        kinds=KINDS,
        topics=TOPICS,
        channels=CHANNELS,
        tabs=[
            {"label": label, "url": f"/publishing?tab={name}", "count": waiting.get(name), "current": name == wanted.tab}
            for name, label in TABS.items()
        ],
        older=with_filters(after="{}-{}".format(*place_of(rows[PAGE - 1]))) if len(rows) > PAGE else "",
        newest=with_filters(after=None) if wanted.after else "",
        may_write=COLLECTS.allows(my_posts()),
    )


def _after() -> str | None:
    return request.args.get("after")


_COLUMNS: list[Words] = [
    _("Number"), _("Title"), _("Kind"), _("Classification"), _("Source channel"), _("Author"), _("Handler"), _("Status"),
    _("Due"), _("Published"), _("Hours late"),
]  # fmt: skip


def _cells(row: Listed) -> list[Any]:
    people = [languages.here(row.author), languages.here(row.handler)]
    sorts = [KINDS[row.kind], TOPICS[row.topic] if row.topic else "", CHANNELS[row.channel]]
    return [
        row.number,
        row.title,
        *sorts,
        *people,
        MANUSCRIPT.states[row.state].label,
        row.due,
        row.published,
        row.hours_late,
    ]


# ---- slots ----------------------------------------------------------------------------------------------------------


@pages.get("/publishing/slots", may=DESK)
def slots() -> Any:
    """What stands or is to stand in each place, week by week (PRO-14, INF-18)."""
    first = monday(read_day(request.args.get("from", "")) or clock.today())
    return page(
        "publishing/slots.html",
        weeks=weeks(first, WEEKS, my_posts()),
        places=PLACES,
        states=MANUSCRIPT.states,
        today=clock.today(),
        earlier=with_filters(**{"from": (first - timedelta(days=7 * WEEKS)).isoformat()}),
        later=with_filters(**{"from": (first + timedelta(days=7 * WEEKS)).isoformat()}),
        may_write=WRITERS["slot"].allows(my_posts()),
    )
