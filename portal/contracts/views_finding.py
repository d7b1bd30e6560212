"""The archive's list with its filters, searches that are kept, who read a contract on site, and the copy that goes out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from functools import partial
from typing import Any
from urllib.parse import parse_qsl

from flask import Response, request, send_file

from portal import clock, exports, languages
from portal.access import any_of, contract_archivist, departments_headed, dept_manager, everyone, gm
from portal.contracts import rules_copies, rules_finding
from portal.contracts.models import SEE_ALL, Contract
from portal.contracts.models_finding import (
    STANDING,
    Choices,
    Key,
    Read,
    Sought,
    choices,
    every,
    found,
    named,
    on_loan,
    people,
    readings,
    readings_of,
)
from portal.contracts.models_loans import OUT, open_loans_of
from portal.contracts.models_register import COLUMNS, PAGE, around, exported
from portal.contracts.views_register import BUTTONS, PARTS, Button, Part, find_contract, pages
from portal.fields import clean
from portal.money import Money
from portal.persons import Person
from portal.refused import NotThere, NotYours, Refused
from portal.web import (
    NAVIGATION,
    Link,
    asked,
    find,
    go,
    go_to,
    is_fragment,
    key,
    me,
    my_posts,
    page,
    page_key,
    sent,
    tell,
    with_filters,
    with_query,
)
from portal.words import Words, _

ARCHIVE = _("Contract archive")
READS_REPORT = any_of(contract_archivist, dept_manager, gm)
NAVIGATION.append(Link(_("Contracts"), "contracts.index", "archive", ARCHIVE, place=60))
NAVIGATION.append(Link(_("Read on site"), "contracts.all_readings", "eye", ARCHIVE, place=66))
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_KEY = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})\.([0-9]{1,10})", re.ASCII)
FILTERS = (
    "q", "number", "year", "nature", "party", "least", "most", "signed_from", "signed_until", "ends_from", "ends_until",
    "entered_from", "department", "place", "state",
)  # fmt: skip
READ: dict[str, Words] = {  # what is read as an amount or a day
    "least": _("Amount from"), "most": _("Amount until"), "signed_from": _("Signed from"), "signed_until": _("Signed until"),
    "ends_from": _("Ends from"), "ends_until": _("Ends until"), "entered_from": _("Registered from"),
}  # fmt: skip
FURTHER = ("number", "party", "place", *READ)


# ---- the list -------------------------------------------------------------------------------------------------------


@pages.get("/contracts", may=everyone)
def index() -> Any:
    sought = sought_in_address()
    rows = found(sought, my_posts())
    first = named(sought, my_posts()) if rows else []
    shown = [*first, *(row for row in rows[:PAGE] if row.id not in {each.id for each in first})]
    out = on_loan(row.id for row in shown)
    return page(
        "contracts/index.html",
        fragment="contracts/_list.html",
        rows=[(row, row.id in out) for row in shown],
        older=with_filters(before=f"{rows[PAGE - 1].signed_on.isoformat()}.{rows[PAGE - 1].id}") if len(rows) > PAGE else "",
        newest=with_filters() if sought.before else "",
        asked=with_query("", filters_asked()),
        is_narrowed=bool(filters_asked()),
        not_understood=[label for name, label in READ.items() if filters_asked().get(name) and getattr(sought, name) is None],
        tools=None if is_fragment() else _tools(sought, choices(me().id, my_posts())),
    )


def filters_asked() -> dict[str, str]:
    """The filters as the address has them, without where the list goes on."""
    return {name: text for name in FILTERS if (text := clean(request.args.get(name))[:100])}


def sought_in_address() -> Sought:
    """What the address asks for, as far as it can be read."""
    return Sought(
        text=_text("q"),
        number=_text("number", 60),
        year=int(_text("year")) if re.fullmatch(r"[0-9]{4}", _text("year"), re.ASCII) else None,
        nature=key(_text("nature")) if _text("nature") else None,
        party=_text("party"),
        least=_money("least"),
        most=_money("most"),
        signed_from=_day("signed_from"),
        signed_until=_day("signed_until"),
        ends_from=_day("ends_from"),
        ends_until=_day("ends_until"),
        entered_from=_day("entered_from"),
        department=key(_text("department")) if _text("department") else None,
        place=_text("place", 40),
        state=asked("state", STANDING),
        before=_shown_last(),
    )


def _text(name: str, most: int = 100) -> str:
    return clean(request.args.get(name))[:most]


def _money(name: str) -> Money | None:
    try:
        return Money.parse(_text(name, 16)) if _text(name) else None
    except ValueError:
        return None


def _day(name: str) -> date | None:
    """A day out of the address, as far back as contracts go."""
    try:
        day = date.fromisoformat(_text(name, 10)) if _DAY.fullmatch(_text(name)) else None
    except ValueError:
        return None
    return day if day and 1949 <= day.year <= 2100 else None


def _shown_last() -> Key | None:
    told = _KEY.fullmatch(_text("before"))
    if told is None:
        return None
    try:
        return Key(date.fromisoformat(told[1]), key(told[2]))
    except ValueError:
        return None


def _tools(sought: Sought, offers: Choices) -> dict[str, Any]:
    """What the filters offer and how they stand."""
    typed = filters_asked()
    this = clock.today().year
    here = languages.here
    return {
        "sought": sought,
        "typed": typed,
        "is_further": bool(typed.keys() & set(FURTHER)),
        "years": [(str(year), str(year)) for year in range(this, (offers.first_year or this) - 1, -1)],
        "natures": [(str(key), f"{code} {here(called)}") for key, called, code in offers.natures],
        "departments": [(str(key), here(called)) for key, called, _code in offers.departments],
        "states": list(STANDING.items()),
        "searches": [(key, called.name, with_query("/contracts", _kept(query))) for key, called, query in offers.searches],
        "is_archivist": rules_finding.is_archivist(my_posts()),
    }


def _kept(query: str) -> dict[str, str]:
    return {name: text for name, text in parse_qsl(query) if name in FILTERS}


@pages.get("/contracts/export/<kind>", may=everyone)
def export(kind: str) -> Response:
    """What the list shows, to take away and to bring back."""
    if kind not in ("csv", "xlsx"):
        raise NotThere()
    rows = map(exported, every(sought_in_address(), list(my_posts())))
    return take_away(languages.here(_("Contract register")), list(COLUMNS.values()), rows, kind)


def take_away(name: str, columns: list[Words], rows: Iterable[Any], kind: str) -> Response:
    """Rows are asked for while they are sent: they carry words, which are said in the reader's language then."""
    return sent(exports.table(name, columns, rows, kind, partial(languages.say, language=languages.reading.get())))


# ---- searches that are kept -----------------------------------------------------------------------------------------


@pages.post("/contracts/searches", may=everyone)
def keep_search() -> Any:
    typed = _kept(request.form.get("query", "").removeprefix("?"))
    query = with_query("", typed).removeprefix("?")
    name = clean(request.form.get("name"))
    try:
        kept = rules_finding.keep_search(me(), name, query)
    except Refused as refusal:
        tell(refusal.why, "red")
    else:
        tell(_("The search %(name)s is kept.", name=kept.name))
    return go_to(with_query("/contracts", typed))


@pages.post("/contracts/searches/<search_id>/remove", may=everyone)
def drop_search(search_id: str) -> Any:
    rules_finding.drop_search(me(), key(search_id))
    tell(_("The search was removed."))
    return go("contracts.index")


# ---- readings on site -----------------------------------------------------------------------------------------------

READ_COLUMNS: list[Words] = [
    _("When"), _("Contract number"), _("Contract title"), _("Read by"), _("Department"), _("Recorded by"), _("Note"),
]  # fmt: skip


def reading_values(contract: Contract) -> dict[str, Any]:
    """What `contracts/_reading.html` needs on the contract's own page."""
    sees, is_archivist = rules_finding.may_see_readings(contract, my_posts()), rules_finding.is_archivist(my_posts())
    why_not = rules_finding.why_not_read(contract)
    return {
        "may_see_readings": sees,
        "readings_count": around(contract.id).readings if sees else None,
        "why_not_read": why_not,
        "may_read_for_others": is_archivist,
        "readers": people() if is_archivist and not why_not else [],
    }


def _reading_part(contract: Contract) -> list[Part]:
    return [Part("contracts/_reading.html", reading_values(contract))]


def _copies_to_open(contract: Contract) -> list[Button]:
    """What the borrower of a photocopy opens from the contract's page."""
    label, address = _("Open my copy"), "/contracts/loans/%s/copy.pdf"
    loans = open_loans_of(contract.id, me()) if around(contract.id).papers else []
    mine = [each.case for each in loans if each.is_mine and each.form == "copy" and each.state in OUT]
    if not around(contract.id).scans:
        label, address = _("Cover sheet"), "/contracts/loans/%s/cover.pdf"
    return [Button(label, address % case, "file-text", "p") for case in mine]


PARTS.append(_reading_part)
BUTTONS.append(_copies_to_open)


@pages.get("/contracts/<contract_id>/readings", may=everyone)
def readings_of_one(contract_id: str) -> Any:
    contract = find_contract(contract_id)
    if not rules_finding.may_see_readings(contract, my_posts()):
        raise NotYours(_("Who has read a contract is seen by its archivist, its owner's head and the general manager."))
    rows = readings_of(contract.id, page_key())
    return page(
        "contracts/readings_of_one.html",
        contract=contract,
        rows=rows[:PAGE],
        older=with_filters(before=rows[PAGE - 1].id) if len(rows) > PAGE else "",
        newest=with_filters() if "before" in request.args else "",
        **reading_values(contract),
    )


@pages.post("/contracts/<contract_id>/readings", may=everyone)
def read_here(contract_id: str) -> Any:
    contract = find_contract(contract_id)
    typed = request.form.get("reader")
    reader = find(Person, typed) if typed else me()
    try:
        rules_finding.read_here(me(), contract.id, reader, clean(request.form.get("note")))
    except (NotThere, NotYours):
        raise
    except Refused as refusal:
        tell(refusal.why, "red")
    else:
        tell(_("It is written down that %(person)s read %(number)s.", person=reader.called, number=contract.number))
    return go_to(f"/contracts/{contract.id}")


@pages.get("/contracts/readings", may=READS_REPORT)
def all_readings() -> Any:
    """The readings of a period; a head sees those of the own department's contracts."""
    since = _day("since") or clock.today().replace(day=1)
    until = max(_day("until") or clock.today(), since)
    ask = partial(readings, list(my_posts()), _owners(), clock.start_of(since), clock.start_of(until + timedelta(days=1)))
    if kind := asked("export", ("csv", "xlsx")):
        cells = partial(_read_cells, languages.reading.get())
        return take_away(languages.here(_("Read on site")), READ_COLUMNS, map(cells, _all(ask)), kind)
    rows = ask(page_key())
    return page(
        "contracts/readings.html",
        rows=rows[:PAGE],
        since=since,
        until=until,
        older=with_filters(before=rows[PAGE - 1].id) if len(rows) > PAGE else "",
        newest=with_filters() if "before" in request.args else "",
    )


def _owners() -> list[int] | None:
    """Only of these departments, for who heads some and does not see all."""
    return None if SEE_ALL & my_posts().keys() else departments_headed(my_posts())


def _all(ask: Any) -> Iterator[Read]:
    before: int | None = None
    while rows := ask(before):
        yield from rows
        before = rows[-1].id


def _read_cells(language: str, row: Read) -> list[Any]:
    who, department, by = (languages.text(each, language) for each in (row.person, row.department, row.by))
    return [row.at, row.number, row.title, who, department, by, row.note]


# ---- copies ---------------------------------------------------------------------------------------------------------


@pages.get("/contracts/loans/<case_id>/copy.pdf", may=everyone)
def copy(case_id: str) -> Response:
    """The scans of a lent photocopy with cover sheet and mark; each opening stands in the loan's history."""
    return _pdf(*rules_copies.copy_of(me(), key(case_id)), "copy")


@pages.get("/contracts/loans/<case_id>/cover.pdf", may=everyone)
def cover(case_id: str) -> Response:
    """The cover sheet alone, where the copy is made from paper."""
    return _pdf(*rules_copies.cover_of(me(), key(case_id)), "cover")


def _pdf(contract: Contract, content: Any, name: str) -> Response:
    answer = send_file(content, mimetype="application/pdf", download_name=f"{contract.number}-{name}.pdf", etag=False)
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox; frame-ancestors 'none'"
    answer.headers["Cache-Control"] = "no-store"
    return answer
