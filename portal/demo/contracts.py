"""The demo company's contract archive: a register brought over, what came and changed since, and what its years are over of."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from random import Random
from typing import Any
from urllib.parse import urlencode

from portal import attachments, clock, contents, db, imports
from portal.cases import Case
from portal.contracts.models import Contract, Nature
from portal.contracts.models_papers import Witnesses, handover_content
from portal.contracts.models_register import intake_content
from portal.contracts.models_retention import due
from portal.contracts.rules_custody import HANDOVER
from portal.contracts.rules_finding import keep_search, read_here, read_waiting
from portal.contracts.rules_imports import BROUGHT, bring
from portal.contracts.rules_intake import INTAKE, Registered
from portal.contracts.rules_links import link
from portal.contracts.rules_loans import remind_borrowers
from portal.contracts.rules_natures import add_nature
from portal.contracts.rules_register import amend, change, register, withdraw
from portal.contracts.rules_reminders import announce
from portal.contracts.rules_retention import DESTRUCTION, destruction_content
from portal.contracts.rules_scans import attach_scan
from portal.demo import agreements
from portal.demo.agreements import HANDED_IN, SORTS, TITLES, usual_row
from portal.demo.archive import ARCHIVIST, OTHER_ARCHIVIST, contract, decide, worked, worked_before
from portal.demo.archive_checks import archive_checks
from portal.demo.budget import submit, take
from portal.demo.company import person, unit
from portal.demo.loans import loans
from portal.demo.past import Story, at_work, chances, daily
from portal.demo.scanned import read, scan
from portal.money import Money
from portal.refused import Refused

REMINDED_DAYS = 45  # for so long it was told what ends soon or is late
READERS = ("qinfeng", "hechen", "xieyu", "yubo", "dengkai", "caiyu", "bailu", "yeqing")
OWNS = "NOT confidential AND state = 'in_archive' AND department_id = ?"
AMENDED = {  # what was agreed on afterwards: how many days ago, with which new end
    "shanghai": ("续租一年并调整月租金", 200, 19, 36_000),
    "office": ("增租三层东侧办公区", 160, None, 180_000),
    "parcels": ("偏远地区运费加价", 130, None, None),
    "erp": ("增加移动端模块", 90, 260, 68_000),
    "fitout": ("消防改造增项", 320, None, 45_000),
    "calls": ("大促期间增加坐席", 26, None, 52_000),
}
TIED = (
    ("boxes", "frame", "框架协议项下订单"),
    ("film", "frame", "同类材料"),
    ("survey", "fitout", "同一工程的监理"),
    ("surety", "loan", "担保该笔借款"),
)


def contracts(present: datetime) -> Iterator[Story]:
    today = clock.local(present).date()
    begin = date(today.year - 1, today.month, 1)
    start = worked(begin + timedelta(days=1))
    yield _brought(start, begin, today)
    yield daily(max(start, today - timedelta(days=REMINDED_DAYS)), _every_morning)
    yield from _came(start, today)
    yield from _changed(today)
    yield from _handed_in(today)
    yield from _read(today)
    yield from loans(start, today)
    yield from archive_checks(today)
    yield _handed_over(worked(begin + timedelta(days=210)))
    yield _destroyed(worked(begin + timedelta(days=170)))
    yield _proposed(worked_before(today - timedelta(days=4)))


def _every_morning() -> None:
    announce.work()
    remind_borrowers.work()


# ---- the register ---------------------------------------------------------------------------------------------------


def _brought(day: date, begin: date, today: date) -> Story:
    """The code list, then the register as it was, and scans of what matters most."""
    yield at_work(day, 9, 15)
    archivist = person(ARCHIVIST)
    for each in SORTS:
        add_nature(archivist, each.code, each.name, each.name_en, each.years_kept)
    yield at_work(day, 10, 30)
    headings = {str(words): field for field, words in BROUGHT.items()}
    rows = imports.read("合同台账.csv", io.BytesIO(_table(list(agreements.register(begin, today)))), headings)
    bring(archivist, rows)
    yield at_work(day, 15, 20)
    for key in TITLES:
        _scan(contract(key))
    yield at_work(day, 16, 40)
    for user, name, sought in (
        (ARCHIVIST, "框架与总协议", "协议"), (OTHER_ARCHIVIST, "装修相关", "装修"), ("yubo", "采购框架", "框架协议"),
    ):  # fmt: skip
        keep_search(person(user), name, urlencode({"q": sought}))


def _table(rows: list[dict[str, str]]) -> bytes:
    kept = io.StringIO()
    table = csv.writer(kept)
    table.writerow(str(words) for words in BROUGHT.values())
    table.writerows([row.get(field, "") for field in BROUGHT] for row in rows)
    return kept.getvalue().encode()


def _scan(found: Contract) -> None:
    attach_scan(person(ARCHIVIST), found.id, f"{found.number}.pdf", io.BytesIO(scan(found)))
    read_waiting(read)


def _values(row: dict[str, str]) -> dict[str, Any]:
    """A row of the table as the register's form gives it."""
    days = {name: date.fromisoformat(row[name]) if row[name] else None for name in ("signed_on", "starts", "ends")}
    return days | {
        "title": row["title"], "amount": Money.parse(row["amount"]), "department": unit(row["department"]),
        "responsible": person(row["responsible"]), "nature": Nature.get(Nature.code == row["nature"]), "room": row["room"],
        "cabinet": row["cabinet"], "box": f"{row['signed_on'][2:4]}-1", "fire_proof": row["fire_proof"] == "是",
        "damp_proof": True, "pages": int(row["pages"]), "keywords": row["keywords"], "confidential": row["confidential"] == "是",
    }  # fmt: skip


def _came(start: date, today: date) -> Iterator[Story]:
    """What was signed since is registered one by one."""
    chance = chances("contracts signed since")
    for n in range(16):
        day = worked(start + timedelta(days=14 + n * (today - start).days // 17))
        yield _signed(chances(f"contract {n}"), day, (ARCHIVIST, OTHER_ARCHIVIST)[chance.random() < 0.4], f"demo-contract-{n}")


def _signed(chance: Random, day: date, by: str, token: str) -> Story:
    yield at_work(day, 16, chance.randint(0, 40))
    row = usual_row(chance, day - timedelta(days=chance.randint(1, 9)))
    if not person(row["responsible"]).active:
        row["responsible"] = "guoqiang"
    register(person(by), _values(row), [row["parties"]], token)


def _changed(today: date) -> Iterator[Story]:
    for key, (subject, ago, ends, yuan) in AMENDED.items():
        yield _amended(key, subject, today - timedelta(days=ago), today + timedelta(days=ends) if ends else None, yuan)
    yield _tied(worked(today - timedelta(days=180)))
    yield _moved(worked(today - timedelta(days=75)))
    for n, (name, ago) in enumerate((("客户服务部", 150), ("信息技术部", 60))):
        yield _withdrawn(name, worked(today - timedelta(days=ago)), ("原件移交诉讼代理律师", "误归档,退回经办部门")[n])


def _amended(key: str, subject: str, day: date, ends: date | None, yuan: int | None) -> Story:
    yield at_work(worked_before(day), 15, 10)
    found = contract(key)
    amount = None if yuan is None else Money(yuan * 100)
    signed = clock.today() - timedelta(days=5)
    amend(person(OTHER_ARCHIVIST), found.id, found.events, signed, subject, amount, ends, 3)


def _tied(day: date) -> Story:
    yield at_work(day, 15, 30)
    for key, other, note in TIED:
        found = contract(key)
        link(person(ARCHIVIST), found.id, found.events, contract(other).number, note)


def _moved(day: date) -> Story:
    """A contract gets another place, and more words to be found by."""
    yield at_work(day, 15, 45)
    found = contract("brand")
    change(person(ARCHIVIST), found.id, found.events, cabinet="甲-09", box="重点-1", keywords="商标 许可 华南")


def _withdrawn(name: str, day: date, reason: str) -> Story:
    yield at_work(day, 14, 50)
    found = Contract.where(f"{OWNS} AND title NOT IN ({db.marks(TITLES)}) ORDER BY id LIMIT 1", unit(name).id, *TITLES.values())
    while not _is_withdrawn(found[0].id, reason):  # while a check counts it, it stays
        day = worked(day + timedelta(days=7))
        yield at_work(day, 14, 50)


def _is_withdrawn(contract_id: int, reason: str) -> bool:
    found = Contract.get_by_id(contract_id)
    try:
        withdraw(person(ARCHIVIST), found.id, found.events, reason)
    except Refused:
        return False
    return True


# ---- handed in, read ------------------------------------------------------------------------------------------------


def _handed_in(today: date) -> Iterator[Story]:
    for user, title, partner, ago, plot in HANDED_IN:
        yield _papers(user, title, partner, worked_before(today - timedelta(days=ago)), plot)


def _papers(user: str, title: str, partner: str, day: date, plot: str) -> Story:
    """A department hands papers over; the archivist registers them, or says why not."""
    yield at_work(day, 9, 40)
    token = f"demo-intake-{title}"
    case = contents.create(INTAKE, person(user), intake_content(title, partner, "", "签署完毕,原件两份。"), token)
    row = usual_row(chances(title), day - timedelta(days=3)) | {"title": title, "responsible": user, "confidential": "否"}
    row["department"] = person(user).department.name
    if plot != "draft":
        attachments.store("case", case.id, "paper", f"{title}.pdf", io.BytesIO(scan(None, title, partner)), person(user))
        case = take(user, case, "submit")
    yield at_work(day, 15, 5)
    if plot == "registered":
        files = [each.id for each in attachments.of("case", case.id)]
        take(OTHER_ARCHIVIST, case, "register", given=Registered(_values(row), [partner], files))
        read_waiting(read)
    elif plot == "return":
        take(ARCHIVIST, case, "return", "缺少对方盖章页,请补齐后再交。", "draft")
    elif plot == "reject":
        take(ARCHIVIST, case, "reject", "这是报价单,不是合同,无需归档。")
    elif plot == "withdraw":
        take(user, case, "withdraw", "还要修改。")


def _read(today: date) -> Iterator[Story]:
    """People come and read at the archive."""
    chance = chances("readings")
    for n in range(24):
        day = worked_before(today - timedelta(days=2 + n * 14))
        yield _reading(chances(f"reading {n}"), day, chance.choice(READERS))


def _reading(chance: Random, day: date, user: str) -> Story:
    yield at_work(day, 14, chance.randint(0, 40))
    reader = person(user)
    there = Contract.where(f"{OWNS} AND title NOT IN ({db.marks(TITLES)})", reader.department_id, *TITLES.values())
    found = chance.choice(there) if there else contract("office")
    by = reader if chance.random() < 0.2 else person(ARCHIVIST)
    read_here(by, found.id, reader, chance.choice(("", "核对付款条款", "查阅保修期", "续签准备", "")))


# ---- handed over, destroyed -----------------------------------------------------------------------------------------


def _handed_over(day: date) -> Story:
    """One archivist is away for some months: both sign for what is there."""
    yield at_work(day, 16, 10)
    outgoing = person(OTHER_ARCHIVIST)
    case = contents.create(HANDOVER, outgoing, handover_content(outgoing, person(ARCHIVIST)), "demo-handover")
    case = take(OTHER_ARCHIVIST, case, "begin")
    yield at_work(day, 16, 35)
    case = take(OTHER_ARCHIVIST, case, "sign_out")
    yield at_work(worked(day + timedelta(days=1)), 10, 20)
    take(ARCHIVIST, case, "sign_in")


def _proposal(name: str, reason: str, most: int) -> Case:
    chosen = [Contract.get_by_id(each.id) for each in due(["gm"], unit(name).id, limit=most)]
    return submit(DESTRUCTION, person(ARCHIVIST), destruction_content(unit(name), chosen, reason), f"demo-destruction-{name}")


def _destroyed(day: date) -> Story:
    yield at_work(day, 15, 15)
    case = _proposal("采购部", "保管期限已满,经清点无未了事项。", 3)
    yield at_work(day, 16, 0)
    case = decide(case, "endorse")
    yield at_work(worked(day + timedelta(days=1)), 15, 30)
    case = decide(case, "approve")
    yield at_work(worked(day + timedelta(days=3)), 15, 0)
    case = take(ARCHIVIST, case, "call_witnesses", given=Witnesses(person("wujia"), person("shilei")))
    yield at_work(worked(day + timedelta(days=3)), 15, 40)
    case = take("wujia", case, "witness")
    take("shilei", case, "witness")


def _proposed(day: date) -> Story:
    yield at_work(day, 15, 15)
    _proposal("仓储部", "运输合同保管五年期满。", 12)
