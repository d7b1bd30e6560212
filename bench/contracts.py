"""The archive with fifty thousand contracts: how long each search takes, from the request to the page."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import date, timedelta
from statistics import median
from typing import Any

from bench.data import FOLDER, open_company, settings
from bench.measure import Result, wall_ms
from bench.pages import CHIEF, Site
from portal import clock, db, search
from portal.config import Settings
from portal.contracts.models import EVERYONE
from portal.demo.large import _copy, _swiftly

CONTRACTS = 50_000
MOST_MS, MOST_STATISTICS_MS = 300.0, 1000.0
VISITS = 9
EMPLOYEE = "qinfeng"
SUBJECTS = (
    "门店装修工程",
    "办公用品采购框架",
    "广告投放",
    "仓储租赁",
    "软件许可",
    "物流运输",
    "展会场地",
    "系统维护",
    "翻译服务",
    "食堂承包",
)
PARTNERS = (
    "金装建设",
    "东方物流",
    "云帆软件",
    "海纳广告",
    "恒信仓储",
    "瑞成物业",
    "明达会展",
    "百川翻译",
    "嘉和餐饮",
    "北辰电子",
)
ASKED = {
    "the newest": "/contracts",
    "a word in every tenth": "/contracts?q=采购",
    "a sign in every one": "/contracts?q=合",
    "two words and a party": "/contracts?q=装修+金装",
    "one number": "/contracts?q=2005-BENCH-00777",
    "nothing at all": "/contracts?q=不存在的词",
    "a party and a place": "/contracts?party=东方&place=B-4",
    "year, department and amount": "/contracts?year=2012&least=1000&most=200000",
    "a part of a number": "/contracts?number=00777",
    "under investigation": "/contracts?state=flagged",
    "far down the list": "/contracts?before=2011-02-01.99999999",
    "statistics by party": "/contracts/statistics?by=party",
}
COLUMNS = {
    "contracts": "id number year nature_id seq title amount signed_on ends department_id responsible_id room cabinet box "
    "originals pages confidential created_at",
    "contract_parties": "contract_id n name",
    "documents": "id thing thing_id",
    "document_words": "rowid words readers",
}


def searches() -> Iterator[Result]:
    """As somebody who may know of all, and as an employee."""
    made = _archive()
    for user in (CHIEF, EMPLOYEE):
        site = Site(made, user)
        for name, path in ASKED.items():
            if user == EMPLOYEE and "statistics" in path:
                continue
            ask = site.asking(path)
            rows = ask().count(b"data-row")
            taken = [wall_ms(ask) for _visit in range(VISITS)]
            most, told = MOST_STATISTICS_MS if "statistics" in path else MOST_MS, f"slowest {max(taken):.0f} ms, {rows} rows"
            yield Result(f"contracts, {name}, {user}", median(taken), most, told, "ms")
    db.disconnect()


def _archive() -> Settings:
    """A copy of the small company with so many contracts, written in bulk."""
    small, folder = settings("small"), FOLDER / "contracts"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(small.data, folder)
    url = f"sqlite:///{folder}/portal.db"
    open_company(url, folder)
    with _swiftly():
        _fill()
    db.disconnect()
    return Settings(data=folder, database=url)


@db.transaction
def _fill() -> None:
    nature = db.row("INSERT INTO natures (code, name, name_en) VALUES ('BENCH', '压测', 'Bench') RETURNING id")[0]  # type: ignore[index]
    departments = [key for (key,) in db.rows("SELECT id FROM departments WHERE kind = 'department' ORDER BY id")]
    people = [key for (key,) in db.rows("SELECT id FROM persons ORDER BY id LIMIT 20")]
    contract, document = (db.row(f"SELECT COALESCE(MAX(id), 0) FROM {table}")[0] for table in ("contracts", "documents"))  # type: ignore[index]
    rows: dict[str, list[tuple[Any, ...]]] = {table: [] for table in COLUMNS}
    for n in range(1, CONTRACTS + 1):
        department, person = departments[n % len(departments)], people[n % len(people)]
        _write(rows, n, contract + n, document + n, (nature, department, person))
    for table, columns in COLUMNS.items():
        _copy(table, columns.split(), rows[table])


def _write(rows: dict[str, list[tuple[Any, ...]]], n: int, key: int, document: int, of: tuple[int, int, int]) -> None:
    nature, department, person = of
    signed = date(2005, 1, 1) + timedelta(days=n * 7300 // CONTRACTS)
    title, is_secret = f"{SUBJECTS[n % 10]}合同（{n}）", n % 100 == 0
    parties = [f"{PARTNERS[n // 10 % 10]}{n % 500}有限公司", f"{PARTNERS[n // 7 % 10]}集团"]
    number = f"{signed.year}-BENCH-{n:05d}"
    rows["contracts"].append((
        key, number, signed.year, nature, n, title, n * 1237 % 90_000_000, signed.isoformat(),
        (signed + timedelta(days=730)).isoformat(), department, person, f"{'ABC'[n % 3]}-{n % 9}", str(n % 40), str(n % 12), 2,
        n % 30 + 1, is_secret, db.to_ms(clock.now()),
    ))  # fmt: skip
    rows["contract_parties"] += [(key, place, name) for place, name in enumerate(parties, 1)]
    rows["documents"].append((document, "contract", key))
    words = dict.fromkeys(token for text in (number, title, *parties) for token in search.tokens(text))
    posts = ["contract_archivist", "gm", f"dept_manager@{department}"] if is_secret else [EVERYONE]
    readers = " ".join(search._reader(search._reader_of("contract", post)) for post in posts)
    rows["document_words"].append((document, " ".join(words), readers))
