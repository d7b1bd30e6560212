"""The demo company's budgets: last year's brought as a table, this year's proposed by the heads, and what moved since."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import partial

from portal import clock, contents, imports, steps
from portal.access import holder_ids, posts_of
from portal.budget.models import BudgetLine, Category, line_at
from portal.budget.rules import ALLOTMENT, TRANSFER, Wanted, add_category, allotment_content, transfer_content
from portal.budget.rules_imports import COLUMNS, NEEDED, bring
from portal.cases import Case
from portal.contents import Content
from portal.demo.company import person, unit
from portal.demo.past import Story, at_work, chances, later, some_time
from portal.demo.subjects import CATEGORIES, WANTED
from portal.flow import Flow
from portal.money import Money
from portal.persons import Department, Person

ACCOUNTANT, CHIEF = "linguodong", "zhoumin"
TIGHT = {
    ("设计部", "PX"),
    ("财务部", "PX"),
    ("客户服务部", "RJ"),
    ("上海业务部", "BG"),
    ("市场部", "ZD"),
}  # where money runs short
SHARES = {("办公室", "YP"): 4, ("上海业务部", "YP"): 0.3}  # of the usual amount: the office buys for everybody


def budgets(year: int, present: datetime) -> Iterator[Story]:
    yield _bring_by_table(year - 1, date(year - 2, 11, 18))
    for n, name in enumerate(WANTED):
        yield _propose(year, name, date(year - 1, 11, 10) + timedelta(days=n))
    today = clock.local(present).date()
    yield from _moved_since(year, today)


def line_of(year: int, department: str, code: str) -> BudgetLine:
    found = line_at(year, unit(department), Category.get(Category.code == code))
    assert found is not None
    return found


def _yuan(name: str, code: str, factor: float) -> Money:
    usual = CATEGORIES[code][2] * factor * SHARES.get((name, code), 0.3 if (name, code) in TIGHT else 1)
    return Money(round(usual / 500) * 500 * 100)


def _table(year: int) -> bytes:
    kept = io.StringIO()
    table = csv.writer(kept)
    table.writerow(str(COLUMNS[field]) for field in NEEDED)
    for name, (codes, factor) in WANTED.items():
        for code in codes.split():
            table.writerow((year, name, code, _yuan(name, code, factor * 0.9)))
    return kept.getvalue().encode()


def _bring_by_table(year: int, first: date) -> Story:
    yield at_work(first, 9, 10)
    accountant = person(ACCOUNTANT)
    for code, (name, name_en, _usual) in CATEGORIES.items():
        add_category(accountant, code, name, name_en)
    yield at_work(first, 15, 30)
    headings = {str(words): field for field, words in COLUMNS.items()}
    rows = imports.read(f"{year}年度预算.csv", io.BytesIO(_table(year)), headings, NEEDED)
    case = bring(accountant, f"{year}年度预算", rows, f"demo-budget-{year}")
    yield at_work(first + timedelta(days=2), 10, 20)
    take(CHIEF, case, "approve")


def _propose(year: int, name: str, first: date) -> Story:
    chance = chances(f"{year} {name}")
    codes, factor = WANTED[name]
    moment = some_time(chance, first)
    yield moment
    by, title = _proposer(unit(name)), f"{name}{year}年度预算"
    wanted = partial(_wanted, name, codes.split())
    case = submit(ALLOTMENT, by, allotment_content(title, year, wanted(factor * 1.15), unit(name)), f"demo-{year}-{name}")
    moment = later(chance, moment, 4)
    if case.state == "submitted" and name in ("市场部", "设计部"):
        yield moment
        take(ACCOUNTANT, case, "return", note="增幅超过一成,请按上年实际支出重新测算。", given="draft")
        moment = later(chance, moment, 2)
        yield moment
        case = Case.get_by_id(case.id)
        contents.edit(by, case.id, allotment_content(title, year, wanted(factor), unit(name)), case.version)
        case = take(by.user, case, "submit")
        moment = later(chance, moment, 2)
    if case.state == "submitted":
        yield moment
        case = take(ACCOUNTANT, case, "compile")
        moment = later(chance, moment, 3)
    yield moment
    take(CHIEF, case, "approve")


def _wanted(name: str, codes: list[str], factor: float) -> list[Wanted]:
    return [Wanted(unit(name), Category.get(Category.code == code), _yuan(name, code, factor)) for code in codes]


def _proposer(department: Department) -> Person:
    """Its head, or the chief accountant where it has none."""
    heads = holder_ids(f"dept_manager@{department.id}")
    return Person.get_by_id(heads[0]) if heads else person(ACCOUNTANT)


def submit(flow: Flow, by: Person, content: Content, token: str) -> Case:
    case = contents.create(flow, by, content, token)
    return steps.take(by, case.id, "submit", (case.state, case.version))


def take(user: str, case: Case, name: str, note: str = "", given: object = None) -> Case:
    case = Case.get_by_id(case.id)
    return steps.take(person(user), case.id, name, (case.state, case.version), given, note)


# ---- what moved since -----------------------------------------------------------------------------------------------


def _moved_since(year: int, today: date) -> Iterator[Story]:
    """Transfers granted, refused and waiting; a further allotment that waits, one not finished."""
    marketing = ("suqing", year, "市场部")
    yield _transfer(
        *marketing, ("CL", "TG"), 12_000, "双十一推广追加", "差旅改为线上会议,结余转推广。", today - timedelta(days=75), "approve"
    )
    yield _transfer(
        "dengkai",
        year,
        "信息技术部",
        ("WX", "RJ"),
        8_000,
        "云存储扩容",
        "机柜维修改由物业承担。",
        today - timedelta(days=48),
        "approve",
    )
    yield _transfer(
        "majun", year, "设计部", ("SB", "PX"), 5_000, "设备款转培训", "课程名额紧张。", today - timedelta(days=30), "reject"
    )
    yield _transfer(
        "yaomin",
        year,
        "上海业务部",
        ("CL", "BG"),
        3_000,
        "上海办公费补足",
        "差旅结余,办公费已用完。",
        today - timedelta(days=4),
        "compile",
    )
    yield _transfer(
        "guoqiang", year, "仓储部", ("CL", "WL"), 6_000, "大促物流补足", "华东退货量高于预期。", today - timedelta(days=1), ""
    )
    yield _further(year, today - timedelta(days=5))


def _transfer(
    user: str, year: int, name: str, codes: tuple[str, str], yuan: int, title: str, reason: str, day: date, end: str
) -> Story:
    chance = chances(f"transfer {title}")
    moment = some_time(chance, day)
    yield moment
    if clock.today().year != year:
        return
    giver, receiver = (line_of(year, name, code) for code in codes)
    by = person(user)
    case = submit(TRANSFER, by, transfer_content(title, giver, receiver, Money(yuan * 100), reason), f"demo-transfer-{title}")
    if not end:
        return
    moment = later(chance, moment, 1)
    yield moment
    take(ACCOUNTANT, case, "compile")
    if end == "compile":
        return
    yield later(chance, moment, 2)
    take(CHIEF, case, end, "" if end == "approve" else "培训额度年内不再增加。")


def _further(year: int, day: date) -> Story:
    yield at_work(day, 14, 20)
    accountant = person(ACCOUNTANT)
    if clock.today().year != year or "chief_accountant" not in posts_of(accountant):
        return
    more = Wanted(unit("客户服务部"), Category.get(Category.code == "RJ"), Money(26_000_00))
    submit(
        ALLOTMENT,
        accountant,
        allotment_content(f"客服系统扩容追加预算({year})", year, [more], unit("客户服务部")),
        "demo-further",
    )
    head = person("qiaoan")
    draft = [Wanted(unit("客户服务部"), Category.get(Category.code == "PX"), Money(22_000_00))]
    contents.create(ALLOTMENT, head, allotment_content("客服外语培训预算", year, draft, unit("客户服务部")), "demo-further-draft")
