"""What the books tell: trial balance, ledgers, journals, the income statement, vouchers, and what waits to be posted."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from flask import Response, request

from portal import clock, exports, kinds, languages
from portal.access import any_of, cashier, chief_accountant, exec_in_charge, gm
from portal.books.forms_books import AdjustmentForm
from portal.books.models import METHODS, NATURES, Fund, Title, Voucher, VoucherLine, month_of
from portal.books.models_adjustments import AdjustmentLine, paper_reversing, taken_back_by
from portal.books.models_statements import (
    Balance,
    Behind,
    balances,
    by_person,
    journal,
    lines_behind,
    lines_of,
    vouchers,
    vouchers_seen,
    waiting_to_be_posted,
)
from portal.books.rules_adjustments import ADJUSTMENT, reverse, why_not_reversed
from portal.books.rules_figures import balances_of, expenses_of
from portal.books.views_titles import FINANCE, KEEPS, SEES, pages
from portal.cases import Case
from portal.cases import lines_of as paper_lines
from portal.fields import form_key, read_day
from portal.flow import FLOWS
from portal.kinds import KINDS, Kind
from portal.money import Money, total
from portal.persons import Person
from portal.refused import Refused
from portal.web import NAVIGATION, Link, asked, find, go_to, key, me, my_posts, page, page_key, sent, tell, with_filters
from portal.words import Words, _

SEES_MONEY = any_of(gm, exec_in_charge, chief_accountant, cashier)
NAVIGATION += [
    Link(_("Account books"), "books.trial_balance", "book-open", FINANCE, place=56),
    Link(_("Cash and bank"), "books.cash_journal", "landmark", FINANCE, place=55),
    Link(_("To be posted"), "books.to_post", "stamp", FINANCE, lambda _person, _posts: len(waiting_to_be_posted()), place=54),
]
VOUCHER_KINDS: dict[str, Words] = {
    "paper": _("Of a paper"),
    "adjustment": _("By hand"),
    "reversal": _("Takes another back"),
    "opening": _("Opening balance"),
}
ENTRY_KINDS: dict[str, Words] = {
    "payment": _("Payment"),
    "return": _("Cash brought back"),
    "receipt": _("Money received"),
    "charge": _("Bank charge"),
    "transfer": _("Transfer"),
    "opening": _("Opening balance"),
}


# ---- the months asked for -------------------------------------------------------------------------------------------


def month_asked(name: str, default: int) -> int:
    """A month in the address, as 202611."""
    typed = request.args.get(name, "")
    return int(typed.replace("-", "")) if re.fullmatch(r"20[0-9]{2}-(0[1-9]|1[0-2])", typed, re.ASCII) else default


def span_asked() -> tuple[int, int]:
    """The months from and until, this month where none is named; turned round where they are the wrong way."""
    this = month_of(clock.today())
    last = month_asked("until", this)
    first = month_asked("from", last)
    return min(first, last), max(first, last)


def months_to_choose(back: int = 36) -> list[tuple[str, str]]:
    day, found = clock.today().replace(day=1), []
    for _each in range(back):
        found.append((f"{day:%Y-%m}", f"{day:%Y-%m}"))
        day = (day - timedelta(days=1)).replace(day=1)
    return found


def as_typed(month: int) -> str:
    return f"{month // 100}-{month % 100:02d}"


def spanned() -> dict[str, Any]:
    """What the pages of statements show of the months chosen."""
    first, last = span_asked()
    chosen = {as_typed(first), as_typed(last)}
    known = months_to_choose()
    more = sorted(chosen - {value for value, _label in known})
    return {"first": as_typed(first), "last": as_typed(last), "months": known + [(each, each) for each in more]}


# ---- trial balance and income statement -----------------------------------------------------------------------------


@pages.get("/books", may=SEES)
def trial_balance() -> Any:
    """Every title that ever moved: what stood there, what moved, what stands there now. The sums of both sides agree."""
    found = [each for each in balances_of(*span_asked()) if each.before or each.debit or each.credit]
    if kind := asked("export", ("csv", "xlsx")):
        return sent(exports.table("trial-balance", _BALANCE_COLUMNS, map(_balance_cells, found), kind, languages.here))
    sums = {name: total(getattr(each, name) for each in found) for name in ("debit", "credit")}
    sides = {
        "before": total(max(each.before, Money(0)) for each in found),
        "after": total(max(each.after, Money(0)) for each in found),
    }
    groups = [(label, [each for each in found if each.nature == nature]) for nature, label in NATURES.items()]
    return page("books/trial_balance.html", groups=groups, sums=sums, sides=sides, **spanned())


_BALANCE_COLUMNS = [_("Code"), _("Account title"), _("At the beginning"), _("Debit"), _("Credit"), _("At the end")]


def _balance_cells(each: Balance) -> list[Any]:
    return [each.code, languages.here(each.title), each.before, each.debit, each.credit, each.after]


@pages.get("/books/income", may=SEES)
def income_statement() -> Any:
    """Income and expenses of the months chosen and of the year until then, and expenses by department."""
    first, last = span_asked()
    year = last // 100 * 100 + 1
    chosen = {each.id: each for each in balances_of(first, last)}
    rows = [
        (here, here.moved if each.id in chosen else Money(0), each.moved)
        for each in balances_of(min(year, first), last)
        if (here := chosen.get(each.id, each)).nature in ("income", "expense")
        and (each.moved or (each.id in chosen and here.moved))
    ]
    if kind := asked("export", ("csv", "xlsx")):
        cells = ([each.code, languages.here(each.title), NATURES[each.nature], here, year] for each, here, year in rows)
        return sent(exports.table("income-statement", _INCOME_COLUMNS, cells, kind, languages.here))
    sides = {nature: [row for row in rows if row[0].nature == nature] for nature in ("income", "expense")}
    sums = {nature: (total(row[1] for row in some), total(row[2] for row in some)) for nature, some in sides.items()}
    departments: dict[Any, list[Any]] = {}
    for department_id, department, *row in expenses_of(first, last):
        departments.setdefault((department_id, department), []).append(row)
    return page("books/income.html", sides=sides, sums=sums, departments=departments, **spanned())


_INCOME_COLUMNS = [_("Code"), _("Account title"), _("Kind of title"), _("In these months"), _("In the year")]


# ---- a title and the lines behind it --------------------------------------------------------------------------------


@pages.get("/books/titles/<title_id>", may=SEES)
def ledger(title_id: str) -> Any:
    """The lines behind a title's balance, of one person or department where one is chosen."""
    found: Title = find(Title, title_id)
    first, last = span_asked()
    person, department = (request.args.get(name, "") for name in ("person", "department"))
    chosen = Behind(found.id, first, last, key(person) if person else None, key(department) if department else None)
    if kind := asked("export", ("csv", "xlsx")):
        rows = lines_behind(chosen, my_posts(), limit=5000)
        return sent(exports.table(f"ledger-{found.code}", _LINE_COLUMNS, map(_line_cells, rows), kind, languages.here))
    rows = lines_behind(chosen, my_posts(), page_key())
    stands = [each for each in balances_of(first, last) if each.id == found.id]
    balance = stands[0] if stands else next(each for each in balances(first, last) if each.id == found.id)
    named = Person.get_or_none(Person.id == chosen.person_id)
    return page(
        "books/ledger.html",
        title=found,
        rows=rows[:50],
        balance=balance,
        person=named,
        older=with_filters(before=rows[49].id) if len(rows) > 50 else "",
        newest=with_filters() if "before" in request.args else "",
        **spanned(),
    )


_LINE_COLUMNS = [_("Voucher"), _("Date"), _("Text"), _("Paper"), _("Person"), _("Department"), _("Debit"), _("Credit")]


def _line_cells(each: Any) -> list[Any]:
    named = [each.number, each.day, each.text, each.case_number, languages.here(each.person), languages.here(each.department)]
    return [*named, each.debit, each.credit]


@pages.get("/books/advances", may=SEES)
def staff_advances() -> Any:
    """What each person owes of advances at the end of a month, by the books."""
    _first, last = span_asked()
    rows, title = by_person("advances", last), Title.get(Title.purpose == "advances")
    if kind := asked("export", ("csv", "xlsx")):
        cells = ([languages.here(name), amount] for _key, name, amount in rows)
        return sent(exports.table("staff-advances", [_("Person"), _("Owed")], cells, kind, languages.here))
    return page("books/advances.html", rows=rows, sum=total(amount for _key, _name, amount in rows), title=title, **spanned())


# ---- journals -------------------------------------------------------------------------------------------------------


@pages.get("/books/journal", may=SEES_MONEY)
def cash_journal() -> Any:
    """The journal of a fund over some days: every movement, what was there after it, who handled it and what posted it."""
    known = Fund.where("id > 0 ORDER BY active DESC, kind DESC, id")
    chosen = asked("fund", [str(each.id) for each in known])
    fund = next((each for each in known if str(each.id) == chosen), known[0])
    last = read_day(request.args.get("until", "")) or clock.today()
    first = read_day(request.args.get("from", "")) or last.replace(day=1)
    if first > last:
        first, last = last, first
    first = max(first, last - timedelta(days=366))
    before, rows = journal(fund, first, last, my_posts())
    if kind := asked("export", ("csv", "xlsx")):
        return sent(exports.table(f"journal-{fund.name}", _JOURNAL_COLUMNS, map(_journal_cells, rows), kind, languages.here))
    sums = {"income": total(each.income for each in rows), "outgo": total(each.outgo for each in rows)}
    after = rows[-1].balance if rows else before
    funds = [(str(each.id), languages.here(each.called)) for each in known]
    return page(
        "books/journal.html",
        fund=fund,
        funds=funds,
        first=first,
        last=last,
        before=before,
        rows=rows,
        sums=sums,
        after=after,
        methods=METHODS,
        kinds=ENTRY_KINDS,
    )


_JOURNAL_COLUMNS = [
    _("Date"),
    _("Kind"),
    _("Paper"),
    _("Text"),
    _("With whom"),
    _("Method"),
    _("Reference"),
    _("In"),
    _("Out"),
    _("Balance"),
    _("Handled by"),
    _("Voucher"),
]


def _journal_cells(each: Any) -> list[Any]:
    told = [each.day, ENTRY_KINDS[each.kind], each.case_number, each.text, each.party, METHODS[each.method], each.reference]
    return [*told, each.income or None, each.outgo or None, each.balance, languages.here(each.by), each.voucher]


# ---- vouchers -------------------------------------------------------------------------------------------------------


@pages.get("/books/vouchers", may=SEES)
def voucher_list() -> Any:
    month = month_asked("month", month_of(clock.today()))
    kind = asked("kind", VOUCHER_KINDS)
    if how := asked("export", ("csv", "xlsx")):
        cells = ([v.number, v.day, VOUCHER_KINDS[v.kind], v.text, amount] for v, amount in vouchers(month, kind, limit=5000))
        return sent(exports.table(f"vouchers-{month}", _VOUCHER_COLUMNS, cells, how, languages.here))
    found = vouchers(month, kind, page_key())
    months = months_to_choose()
    if as_typed(month) not in dict(months):
        months.append((as_typed(month), as_typed(month)))
    return page(
        "books/vouchers.html",
        rows=found[:50],
        month=as_typed(month),
        months=months,
        kinds=list(VOUCHER_KINDS.items()),
        kind=kind,
        kind_of=VOUCHER_KINDS,
        may_keep=KEEPS.allows(my_posts()),
        older=with_filters(before=found[49][0].id) if len(found) > 50 else "",
        newest=with_filters() if "before" in request.args else "",
    )


_VOUCHER_COLUMNS = [_("Voucher"), _("Date"), _("Kind"), _("Text"), _("Amount")]


@pages.get("/books/vouchers/<voucher_id>", may=SEES)
def voucher(voucher_id: str) -> Any:
    """A voucher, line against line, with the paper it posts."""
    return _voucher_page(find(Voucher, voucher_id), "books/voucher.html")


@pages.get("/books/vouchers/<voucher_id>/print", may=SEES)
def voucher_print(voucher_id: str) -> Any:
    return _voucher_page(find(Voucher, voucher_id), "books/voucher_print.html")


def _voucher_page(found: Voucher, template: str) -> Response:
    told, titles = lines_of(found, my_posts()), {each.id: each for each in Title.select()}
    on = [line.title_id for line in VoucherLine.where("voucher_id = ? ORDER BY n", found.id)]
    rows = [(titles[title_id], line) for title_id, line in zip(on, told, strict=True)]
    return page(
        template,
        voucher=found,
        rows=rows,
        sum=total(each.debit for each in told),
        kind_of=VOUCHER_KINDS,
        taken_back=taken_back_by(found),
        is_readable=bool(told and told[0].is_readable),
        why_not=why_not_reversed(found),
        under_way=paper_reversing(found),
        may_keep=KEEPS.allows(my_posts()),
        token=form_key(None),
    )


@pages.post("/books/vouchers/<voucher_id>/reverse", may=KEEPS)
def reverse_voucher(voucher_id: str) -> Response:
    """Starts the paper that takes it back."""
    found: Voucher = find(Voucher, voucher_id)
    if under_way := paper_reversing(found):
        return go_to(f"/papers/{under_way.id}")
    try:
        case = reverse(me(), found, form_key(request.form.get("token")))
    except Refused as refusal:
        tell(refusal.why, "red")
        return go_to(f"/books/vouchers/{found.id}")
    return go_to(f"/papers/{case.id}/edit")


# ---- what waits to be posted ----------------------------------------------------------------------------------------


@pages.get("/books/to-post", may=KEEPS)
def to_post() -> Any:
    """Papers on which money moved that no voucher has posted, the oldest first."""
    rows = waiting_to_be_posted()
    if kind := asked("export", ("csv", "xlsx")):
        cells = ([each.number, each.title, KINDS[each.kind].flow.label, each.first_day, each.amount] for each in rows)
        return sent(exports.table("to-post", _POST_COLUMNS, cells, kind, languages.here))
    this = month_of(clock.today())
    return page("books/to_post.html", rows=rows, flows=FLOWS, this=this, mine=me().id)


_POST_COLUMNS = [_("Number"), _("Title"), _("Kind"), _("Date"), _("Amount")]


# ---- the paper of a voucher by hand ---------------------------------------------------------------------------------


def adjustment_body(case: Case, person: Person) -> dict[str, Any]:
    lines = paper_lines(AdjustmentLine, case)
    sums = {"debit": total(line.debit for line in lines), "credit": total(line.credit for line in lines)}
    return {"lines": lines, "sums": sums, "vouchers": vouchers_seen(case, my_posts())}


kinds.register(
    Kind(
        flow=ADJUSTMENT,
        form=AdjustmentForm,
        folder="books",
        new=_("New voucher by hand"),
        about=_("For what no other paper books. Attach what proves it; cash and bank move by their journals only."),
        may_start=KEEPS,
        extra=adjustment_body,
        tone="blue",
    )
)
