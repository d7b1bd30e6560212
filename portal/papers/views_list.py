"""The list of all papers somebody may read, filtered by its address, and the same to take away."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache, partial
from typing import Any, NamedTuple

from flask import Response, request, stream_with_context

from portal import clock, db, exports, kinds, languages, search
from portal.access import everyone
from portal.fields import clean
from portal.flow import FLOWS
from portal.papers.models import PAGE, Listed, Wanted, every, listed
from portal.papers.views_paper import pages
from portal.persons import Person
from portal.refused import NotThere
from portal.web import (
    NAVIGATION,
    Link,
    asked,
    is_fragment,
    key,
    me,
    my_posts,
    page,
    page_case,
    sent,
    with_filters,
    with_query,
)
from portal.words import Name, Words, _

SORTS: dict[str, Words] = {
    "newest": _("Newest first"),
    "amount": _("Largest amount first"),
    "deadline": _("Nearest deadline first"),
}
MOST_FOUND = 500
COLUMNS = (
    _("Number"), _("Kind"), _("Title"), _("Applicant"), _("Department"), _("Amount"), _("Status"), _("Submitted"), _("Deadline"),
)  # fmt: skip

NAVIGATION.append(Link(_("All papers"), "papers.index", "layers", quick=True, place=10))


@pages.get("/papers", may=everyone)
def index() -> Any:
    wanted, is_more_found = _wanted()
    rows = listed(wanted, my_posts())
    return page(
        "papers/index.html",
        fragment="papers/_list.html",
        rows=_with_lateness(rows[:PAGE]),
        today=clock.today(),
        older=with_filters(before=rows[PAGE - 1].id) if len(rows) > PAGE else "",
        is_later=wanted.after is not None,
        is_more_found=is_more_found,
        is_narrowed=bool(request.args.keys() - {"sort", "before"}),
        asked=with_query("", _without_page()),
        sort=wanted.sort,
        by_date=with_filters(sort=None),
        by_amount=with_filters(sort="amount"),
        tools=None if is_fragment() else _tools(wanted, rows),
    )


def _with_lateness(rows: list[Listed]) -> list[tuple[Listed, Words | str]]:
    """Each row and, where it is late, by how much."""
    now = db.to_ms(clock.now())
    late = cache(lambda due: languages.left(db.from_ms(due)))
    return [(row, late(row.due_ms) if row.due_ms and row.due_ms < now else "") for row in rows]


@pages.get("/papers/export/<form>", may=everyone)
def export(form: str) -> Response:
    """The list as it is filtered, as CSV or XLSX."""
    if form not in ("csv", "xlsx"):
        raise NotThere()
    wanted, _is_more_found = _wanted()
    language = languages.reading.get()
    say = partial(languages.say, language=language)
    made = exports.table(languages.here(_("Papers")), COLUMNS, _rows(wanted, list(my_posts()), language), form, say)
    return sent(made._replace(content=stream_with_context(made.content)))


def _rows(wanted: Wanted, posts: list[str], language: str) -> Iterator[tuple[Any, ...]]:
    for row in every(wanted, posts):
        requester, department = languages.text(row.requester, language), languages.text(row.department, language)
        yield (row.number or "", row.flow.label, row.title, requester, department, row.amount, row.state.label, row.at, row.due)


# ---- filters out of the address -------------------------------------------------------------------------------------


def _wanted() -> tuple[Wanted, bool]:
    """What the address asks for, and whether a search has found more than is looked through."""
    found = None
    if text := _text():
        found = tuple(thing for _document, thing in search.find(text, my_posts(), limit=MOST_FOUND + 1))
    wanted = Wanted(
        kind=asked("kind", FLOWS),
        state=asked("state", {name for flow in FLOWS.values() for name in flow.states}),
        department=_id("department"),
        requester=_id("requester"),
        year=int(asked("year", {str(year) for year in _years()}) or 0) or None,
        found=found and found[:MOST_FOUND] if found else found,
        sort=asked("sort", SORTS, "newest"),
        after=page_case(),
    )
    return wanted, len(found or ()) > MOST_FOUND


def _text() -> str:
    return clean(request.args.get("q", ""))[:100]


def _id(name: str) -> int | None:
    typed = request.args.get(name)
    return key(typed) if typed else None


def _without_page() -> dict[str, Any]:
    return {name: value for name, value in request.args.items() if name not in ("before", "form")}


def _years() -> list[int]:
    this = clock.today().year
    return list(range(this, this - 6, -1))


class Tools(NamedTuple):
    """What the list is narrowed by now; whatever it offers besides follows from these."""

    text: str
    kind: str
    state: str
    department: int | None
    year: int | None
    sort: str
    requester: int
    requester_url: str
    whose: Name | None
    all_departments: tuple[tuple[Any, ...], ...]
    all_years: tuple[int, ...]

    @property
    def sorts(self) -> list[tuple[str, Words]]:
        return list(SORTS.items())

    @property
    def kinds(self) -> list[tuple[str, Words]]:
        return [(name, kind.flow.label) for name, kind in kinds.KINDS.items()]

    @property
    def states(self) -> list[tuple[str, Words]]:
        """Those of the kind, or of all kinds: each name once."""
        flows = [FLOWS[self.kind]] if self.kind else FLOWS.values()
        return list({name: state.label for flow in flows for name, state in flow.states.items()}.items())

    @property
    def departments(self) -> list[tuple[int, Name]]:
        return [(key, Name(name, name_en)) for key, name, name_en in self.all_departments]

    @property
    def years(self) -> list[tuple[str, str]]:
        return [(str(year), str(year)) for year in self.all_years]


def _tools(wanted: Wanted, rows: list[Listed]) -> Tools:
    whose = _called(wanted.requester, rows)
    return Tools(
        _text(), wanted.kind, wanted.state, wanted.department, wanted.year, wanted.sort, wanted.requester or me().id,
        with_filters(requester=None if whose else me().id), whose, tuple(db.rows(_DEPARTMENTS)), tuple(_years()),
    )  # fmt: skip


_DEPARTMENTS = "SELECT id, name, name_en FROM departments WHERE active ORDER BY name"


def _called(person_id: int | None, rows: list[Listed]) -> Name | None:
    """Whose papers the list is narrowed to."""
    if person_id is None:
        return None
    if person_id == me().id:
        return me().called
    if rows:
        return rows[0].requester
    person = Person.find("id = ?", person_id)
    if person is None:
        raise NotThere()
    return person.called
