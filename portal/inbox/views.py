"""The first page, the inbox and its badge, and the menu of papers one may start."""

from __future__ import annotations

from typing import Any, NamedTuple

from flask import Response, g, request

from portal import clock, languages, notices
from portal.access import everyone
from portal.flow import FLOWS, Step
from portal.inbox import models, rules
from portal.inbox.models import MOST, Chosen, Row
from portal.inbox.views_rows import Shown, shown
from portal.kinds import KINDS, Kind
from portal.money import Money
from portal.persons import Person
from portal.showing import pane_values
from portal.web import NAVIGATION, Link, Pages, asked, find_case, me, my_posts, page, page_key, with_filters
from portal.words import Name, Words, _

pages = Pages("inbox")

TABS: dict[str, Words] = {
    "waiting": _("Waiting for me"),
    "returned": _("Returned"),
    "mine": _("My papers"),
    "decided": _("Decided by me"),
}
SORTS: dict[str, Words] = {"deadline": _("By deadline"), "newest": _("Newest first"), "amount": _("Largest amount first")}
AMOUNTS: dict[str, int] = {str(yuan): yuan * 100 for yuan in (1_000, 10_000, 100_000)}
FIGURES: dict[str, Words] = {
    "waiting": _("Waiting"),
    "late": _("Past deadline"),
    "oldest": _("Longest wait"),
    "amount": _("Amount"),
}
GREETINGS: dict[str, Words] = {
    "morning": _("Good morning, %(name)s"),
    "afternoon": _("Good afternoon, %(name)s"),
    "evening": _("Good evening, %(name)s"),
}


def my_counts() -> dict[str, int]:
    """How much waits for me, how much came back and what is unread, asked once a request."""
    if "counts" not in g:
        g.counts = models.counts(me(), my_posts())
    return g.counts


def _badge_count(_person: Person, _posts: dict[str, bool]) -> int:
    return min(my_counts()["waiting"] + my_counts()["returned"], models.FULL)


NAVIGATION[:0] = [
    Link(_("Home"), "inbox.home", "layout-dashboard", quick=True, place=0),
    Link(_("Inbox"), "inbox.index", "inbox", count=_badge_count, hot=True, quick=True, place=0),
]


# ---- the first page -------------------------------------------------------------------------------------------------


@pages.get("/", may=everyone)
def home() -> Any:
    person, posts, counts = me(), my_posts(), my_counts()
    waiting = models.waiting(person, posts) if counts["waiting"] else []
    returned = models.waiting(person, posts, "returned", limit=5) if counts["returned"] else []
    mine = models.mine(person, limit=12)
    due = sorted((row for row in [*waiting[5:], *mine] if row.deadline), key=lambda row: row.due)
    return page(
        "inbox/home.html",
        greeting=GREETINGS[rules.part_of_day(clock.now())].having(name=person.called),
        today=clock.today(),
        counts=counts,
        late=rules.late_among(waiting[:MOST]),
        waiting=shown(waiting[:5], posts),
        returned=shown(returned, posts),
        mine=shown(mine, posts, whose=True)[:6],
        deadlines=shown(_each_once(due)[:6], posts),
        work=models.work(person, posts),
        kinds=startable(),
        told=notices.latest(person, 5, posts),
        belongings=_belongings(),
        news=_news(),
    )


def _news() -> dict[str, list[models.News]]:
    """What is told to everybody, by where it stands."""
    found: dict[str, list[models.News]] = {"": [], "headline": [], "banner": [], "floating": []}
    for each in (news for told in models.NEWS for news in told()):
        found[each.place].append(each)
    return found


def _each_once(rows: list[Row]) -> list[Row]:
    return list({row.case: row for row in reversed(rows)}.values())[::-1]


def startable() -> list[Kind]:
    """The kinds of paper this person may start."""
    return [kind for kind in KINDS.values() if kind.may_start.allows(my_posts())]


def _belongings() -> list[tuple[models.Belonging, list[models.Kept]]]:
    """What stands open with me, card by card; empty cards stay away."""
    found = [(each, each.kept(me())) for each in models.BELONGINGS]
    return [(each, kept) for each, kept in found if kept]


@pages.get("/new", may=everyone)
def new() -> Any:
    return page("inbox/new.html", kinds=startable())


# ---- the inbox ------------------------------------------------------------------------------------------------------


@pages.get("/inbox", may=everyone)
def index() -> Any:
    """The list, and beside it the paper that was opened."""
    opened = find_case(request.args["paper"]) if request.args.get("paper") else None
    pane = pane_values(opened) | {"is_pane": True, "close_url": _base()} if opened else {}
    return page("inbox/index.html", fragment="inbox/_inbox.html", **pane, inbox=_list(opened.id if opened else 0))


def _list(opened: int) -> dict[str, Any]:
    tab, sort, chosen = asked("tab", TABS, "waiting"), asked("sort", SORTS, "deadline"), _chosen()
    rows, more = _page_of(tab, sort, chosen)
    listed = shown(rows, my_posts(), whose=tab == "mine", opened=opened, base=_base(), together=tab == "waiting")
    by_deadline = tab == "waiting" and sort == "deadline"
    whole = by_deadline and rows and chosen == Chosen() and not request.args.get("after")
    return {
        "tab": tab,
        "head": _head(tab, sort, chosen, _figures(rows, more) if whole else None),
        "opened": opened,
        "first": listed[0].url if listed and tab != "mine" else "",
        "url": _base(),
        "groups": _groups(rows, listed) if by_deadline else [(None, "", "", listed)] if listed else [],
        "steps": _steps(rows) if tab == "waiting" else [],
        "more": more,
        "start": with_filters(paper=None) if request.args.keys() & {"after", "before"} else "",
        "belongings": _belongings() if tab == "mine" else [],
        "is_narrowed": chosen != Chosen(),
    }


class Head(NamedTuple):
    """What stands above the list now; whatever it offers besides follows from these."""

    tab: str
    sort: str
    kind: str
    state: str
    department: str
    mark: str
    least: str
    any_state: str
    counts: tuple[int, int]
    counted: tuple[tuple[str, Any, str], ...] | None
    all_departments: tuple[tuple[int, Name], ...]

    @property
    def sorts(self) -> list[tuple[str, Words]]:
        return list(SORTS.items())

    @property
    def amounts(self) -> list[tuple[str, Words]]:
        return [(name, _("From %(amount)s", amount=Money(fen))) for name, fen in AMOUNTS.items()]

    @property
    def tabs(self) -> list[dict[str, Any]]:
        counts = dict(zip(("waiting", "returned"), self.counts, strict=True))
        return [
            {"label": label, "url": f"/inbox?tab={name}", "count": counts.get(name), "current": name == self.tab}
            for name, label in TABS.items()
        ]

    @property
    def figures(self) -> list[dict[str, Any]]:
        return [{"label": FIGURES[name], "value": value, "tone": tone} for name, value, tone in self.counted or ()]

    @property
    def kinds(self) -> list[tuple[str, Words]]:
        return [(name, flow.label) for name, flow in FLOWS.items()]

    @property
    def departments(self) -> list[tuple[int, Name]]:
        return list(self.all_departments)

    @property
    def marks(self) -> list[tuple[str, Words]]:
        return list(_marks().items())


def _head(tab: str, sort: str, chosen: Chosen, counted: tuple[tuple[str, Any, str], ...] | None) -> Head:
    waiting = my_counts()
    least = request.args.get("least", "") if chosen.least else ""
    departments = tuple(models.departments()) if tab != "mine" else ()
    return Head(
        tab, sort, chosen.kind, chosen.state, str(chosen.department or ""), chosen.mark, least,
        with_filters(state=None) if chosen.state else "", (waiting["waiting"], waiting["returned"]), counted, departments,
    )  # fmt: skip


def _steps(rows: list[Row]) -> list[Step]:
    """The steps that may be taken together on some of these papers."""
    found = [rules.at_once(kind, state) for kind, state in dict.fromkeys((row.kind, row.state) for row in rows)]
    return list({each.name: each for each in found if each}.values())


def _chosen() -> Chosen:
    """The filters out of the address; what cannot be one lets everything through."""
    department = request.args.get("department", "")
    return Chosen(
        kind=asked("kind", FLOWS),
        state=asked("state", {name for flow in FLOWS.values() for name in flow.states}),
        department=int(department) if department.isascii() and department.isdigit() and len(department) < 10 else None,
        mark=asked("mark", _marks()),
        least=AMOUNTS.get(request.args.get("least", "")),
    )


def _marks() -> dict[str, Words]:
    """The short flags that papers may carry."""
    return {name: words for flow in FLOWS.values() for name, (words, _tone) in flow.marks.items()}


def _page_of(tab: str, sort: str, chosen: Chosen) -> tuple[list[Row], str]:
    """The rows of this page, and the address where it goes on."""
    after = models.read_place(request.args.get("after"))
    if tab == "mine":
        rows = models.mine(me(), chosen, page_key())
        ids = list(dict.fromkeys(row.case for row in rows))
        kept = set(ids[:MOST])
        return [row for row in rows if row.case in kept], with_filters(before=ids[MOST - 1]) if len(ids) > MOST else ""
    if tab == "decided":
        rows = models.decided(me(), my_posts(), chosen, after)
        return rows[:MOST], with_filters(after=f"{rows[MOST - 1].closed}-{rows[MOST - 1].task}") if len(rows) > MOST else ""
    rows = models.waiting(me(), my_posts(), tab, chosen, sort, after)
    return rows[:MOST], with_filters(after=models.place_of(rows[MOST - 1], sort)) if len(rows) > MOST else ""


def _base() -> str:
    """This list without an opened paper."""
    return with_filters(paper=None, after=request.args.get("after"), before=request.args.get("before"))


def _groups(rows: list[Row], listed: list[Shown]) -> list[tuple[Words, str, str, list[Shown]]]:
    by_task = {each.row.task: each for each in listed}
    return [(label, icon, tone, [by_task[row.task] for row in some]) for label, icon, tone, some in rules.by_deadline(rows)]


def _figures(rows: list[Row], older: str) -> tuple[tuple[str, Any, str], ...]:
    """The figures above the list, (name, value, tone); counted among the rows shown."""
    late, oldest = rules.late_among(rows), rules.days_waiting(min(row.opened for row in rows))
    more = "+" if older else ""
    return (
        ("waiting", languages.number(len(rows)) + more, ""),
        ("late", languages.number(late) + (more if late == len(rows) else ""), "late" if late else ""),
        ("oldest", _("%(n)s d", n=oldest), rules.tone_of_age(oldest)),
        ("amount", languages.money(sum(row.amount or 0 for row in rows)) + more, ""),
    )


# ---- what is unseen -------------------------------------------------------------------------------------------------


@pages.app_context_processor
def bell() -> dict[str, Any]:
    """What the page shows already of what waits and what is unread: the bell of every page asks whether that is still so."""
    if not me().is_authenticated or g.get("is_part"):
        return {}
    return {"unread": my_counts()["unread"], "seen": _seen()}


def _seen() -> str:
    return f"{_badge_count(me(), my_posts())}-{my_counts()['unread']}"


@pages.get("/inbox/badge", may=everyone, quiet=True)
def badge() -> Any:
    """The bell and the count of the inbox, where they differ from what the page shows; else nothing (204)."""
    if request.args.get("seen") == _seen():
        return Response(status=204)
    return page("inbox/_badge.html", count=_badge_count(me(), my_posts()), unread=my_counts()["unread"], seen=_seen())


from portal.inbox import views_help, views_search  # noqa: E402, F401 - more pages of the same module
