"""About a million spending requests written in bulk, for measuring: whole, with their chains, holds, readers and search words."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import islice
from typing import Any

from portal import access, clock, db, history, search
from portal.budget.models import BUDGET, BudgetLine
from portal.cases import Case
from portal.demo.budget import line_of
from portal.demo.company import person
from portal.demo.past import present
from portal.demo.people import EMPLOYEES, GENERAL_MANAGER
from portal.demo.subjects import SUBJECTS, WANTED, Subject
from portal.expenses.rules import SPENDING
from portal.persons import Person

AT_ONCE = 10_000  # papers written in one transaction
BUSY, QUIET = ("信息技术部", "RJ"), ("信息技术部", "WX")  # the lines with many entries and with few
BUSY_ENTRIES, QUIET_ENTRIES = 100_000, 100
WAIT_EVERY = 50  # every so many-th paper still waits for the general manager
AMOUNT = (120_00, 80_00)

COLUMNS = {
    "cases": "id kind number title requester_id preparer_id beneficiary_id department_id amount state mark version created_at "
    "submitted_at closed_at token events digest",
    "spendings": "case_id purpose line_id expected_date nature over_by approved_at",
    "spending_lines": "case_id version n text amount",
    "tasks": "case_id state wanted post barred opened due closed closed_by_id step",
    "events": "thing thing_id n at by_id on_behalf_of_id post action before after version note data request_id digest",
    "readers": "case_id post",
    "documents": "id thing thing_id",
    "entries": "id account_id verb amount put held taken case_id settles_id by_id at",
}


@dataclass
class Asker:
    """What all papers of one person about one subject share."""

    by: Person
    subject: Subject
    line: BudgetLine
    posts: list[str]
    words: str
    found_by: str  # the same words and posts as PostgreSQL keeps them


@dataclass
class Batch:
    """Rows of some papers, by table."""

    rows: dict[str, list[tuple[Any, ...]]] = field(default_factory=lambda: {table: [] for table in COLUMNS})
    words: list[tuple[int, Asker, str]] = field(default_factory=list)


@dataclass
class Next:
    """The ids and numbers that come next."""

    case: int
    document: int
    entry: int
    number: int


def fill(papers: int) -> None:
    """Adds that many spending requests of this year. From 100,000 on, one budget line gets 100,000 entries."""
    year = clock.local(present()).year
    askers = list(_askers(year))
    holding = [(line, entries) for line, entries in _holding(year) if entries <= papers]
    for line, entries in holding:
        _endow(line, entries * sum(AMOUNT))
    coming = Next(_highest("cases") + 1, _highest("documents") + 1, _highest("entries") + 1, _last_number(year) + 1)
    fates = _fates(papers, holding)
    with _swiftly():
        n = 0
        while some := list(islice(fates, AT_ONCE)):
            _write_some(some, askers, coming, year, n, papers)
            n += len(some)
        _catch_up(coming, year)


def _holding(year: int) -> list[tuple[BudgetLine, int]]:
    """The lines that get entries, and how many."""
    return [(line_of(year, *QUIET), QUIET_ENTRIES), (line_of(year, *BUSY), BUSY_ENTRIES)]


def _fates(papers: int, holding: list[tuple[BudgetLine, int]]) -> Iterator[tuple[str, BudgetLine | None]]:
    """How each paper ends, and the line it holds on: a third of these is cancelled, which makes two entries."""
    left = papers
    for line, entries in holding:
        for n in range(entries * 3 // 4):
            left -= 1
            yield ("cancelled" if n % 3 == 2 else "approved"), line
    for n in range(left):
        yield ("submitted" if n % WAIT_EVERY == 0 else "rejected"), None


@db.transaction
def _endow(line: BudgetLine, amount: int) -> None:
    BUDGET.put(line.account_id, amount)


def _askers(year: int) -> Iterator[Asker]:
    for employee in EMPLOYEES:
        if employee is GENERAL_MANAGER:
            continue
        by = person(employee.user)
        codes = WANTED[employee.unit][0].split()
        for subject in [each for each in SUBJECTS if each.code in codes and each.suits(employee.unit)][:6]:
            case = Case(department=by.department, requester=by)
            posts = sorted({f"#{by.id}", "gm"} | {access.wanted_post(role, case) for role in SPENDING.reads})
            texts = [
                subject.title,
                by.name,
                by.name_en,
                by.department.name,
                subject.purpose,
                *(text for text, _yuan in subject.lines),
            ]
            words = " ".join(dict.fromkeys(token for text in texts for token in search.tokens(text)))
            yield Asker(by, subject, line_of(year, employee.unit, subject.code), posts, words, _lexemes(words.split(), posts))


# ---- rows -----------------------------------------------------------------------------------------------------------


def _write_some(some: list[Any], askers: list[Asker], coming: Next, year: int, n: int, papers: int) -> None:
    batch = Batch()
    begun, chief = db.to_ms(present() - timedelta(days=60)), person(GENERAL_MANAGER.user).id
    for k, (fate, line) in enumerate(some, n):
        at = begun + k * 5_000_000_000 // papers
        asker = (
            askers[k % len(askers)]
            if line is None
            else next(each for each in askers if each.by.department_id == line.department_id)
        )
        _write(batch, asker, fate, line or asker.line, coming, year, at, chief)
    _store(batch)


def _write(batch: Batch, asker: Asker, fate: str, line: BudgetLine, coming: Next, year: int, at: int, chief: int) -> None:
    case, by, ends = coming.case, asker.by.id, at + 7_200_000
    amount, number = sum(AMOUNT), f"SR-{year}-{coming.number:04d}"
    is_over = fate in ("submitted", "rejected")
    events, digest = _events(case, fate, at, by, chief)
    batch.rows["events"] += events
    mark, closed = ("over_budget" if fate == "submitted" else ""), (ends if fate in ("rejected", "cancelled") else None)
    batch.rows["cases"].append((
        case, "spending", number, f"{asker.subject.title} {coming.number}"[:120], by, by, by, asker.by.department_id, amount,
        fate, mark, 1, at, at + 60_000, closed, f"large-{coming.number}", len(events), digest,
    ))  # fmt: skip
    approved = None if is_over else ends
    expected = f"{year}-12-31"
    batch.rows["spendings"].append((case, asker.subject.purpose, line.id, expected, "office", amount if is_over else 0, approved))
    for n, part in enumerate(AMOUNT):
        text = asker.subject.lines[n % len(asker.subject.lines)][0]
        batch.rows["spending_lines"].append((case, 1, n + 1, text, part))
    _write_tasks(batch, case, fate, at, by, chief)
    batch.rows["readers"] += [(case, post) for post in asker.posts]
    batch.rows["documents"].append((coming.document, "case", case))
    batch.words.append((coming.document, asker, f"sr {year} {coming.number:04d} {coming.number}"))
    if not is_over:
        _write_entries(batch, line, case, fate, coming, by, at)
    coming.case, coming.document, coming.number = case + 1, coming.document + 1, coming.number + 1


def _events(case: int, fate: str, at: int, by: int, chief: int) -> tuple[list[tuple[Any, ...]], str]:
    content = hashlib.sha256(str(case).encode()).hexdigest()
    steps = [
        ("create", "", "draft", at, by, "", "", f'{{"content":"{content}"}}'),
        ("submit", "draft", "submitted", at + 60_000, by, f"#{by}", "", "{}"),
    ]
    if fate == "rejected":
        steps.append(("reject", "submitted", "rejected", at + 7_200_000, chief, "gm", "本季度不再新增。", "{}"))
    elif fate != "submitted":
        steps.append(("approve", "submitted", "approved", at + 7_200_000, chief, "gm", "", "{}"))
    if fate == "cancelled":
        steps.append(("cancel", "approved", "cancelled", at + 7_200_000, by, f"#{by}", "", "{}"))
    rows, digest = [], ""
    for n, (action, before, after, moment, who, post, note, data) in enumerate(steps, 1):
        told = ["case", case, n, moment, who, None, post, action, before, after, 1, note, data, ""]
        digest = history.chained(digest, told)
        rows.append((*told, digest))
    return rows, digest


def _write_tasks(batch: Batch, case: int, fate: str, at: int, by: int, chief: int) -> None:
    never = db.to_ms(clock.FAR_FUTURE)
    tasks = batch.rows["tasks"]
    tasks.append((case, "draft", f"#{by}", f"#{by}", ",", at, never, at + 60_000, by, "submit"))
    closed = {"submitted": (None, None, "")}.get(fate, (at + 7_200_000, chief, "reject" if fate == "rejected" else "approve"))
    tasks.append((case, "submitted", "gm", "gm", f",{by},", at + 60_000, never, *closed))


def _write_entries(batch: Batch, line: BudgetLine, case: int, fate: str, coming: Next, by: int, at: int) -> None:
    hold, amount = coming.entry, sum(AMOUNT)
    batch.rows["entries"].append((hold, line.account_id, "hold", amount, 0, amount, 0, case, None, by, at + 60_000))
    coming.entry += 1
    if fate == "cancelled":
        batch.rows["entries"].append(
            (hold + 1, line.account_id, "release", amount, 0, -amount, 0, case, hold, by, at + 7_200_000)
        )
        coming.entry += 1


# ---- the database ---------------------------------------------------------------------------------------------------


@contextmanager
def _swiftly() -> Iterator[None]:
    """SQLite without waiting for the disk and without looking up each key; what is written here is whole by itself."""
    if db.is_postgres():
        yield
        return
    for setting in ("synchronous = OFF", "foreign_keys = OFF", "cache_size = -1000000"):
        db.run(f"PRAGMA {setting}")
    yield
    db.run("PRAGMA wal_checkpoint(TRUNCATE)")
    for name, value in db.PRAGMAS.items():
        db.run(f"PRAGMA {name} = {value}")


@db.transaction
def _store(batch: Batch) -> None:
    for table, rows in batch.rows.items():
        _look_up_keys(table == "entries")  # whose trigger follows what budgets hold
        _copy(table, COLUMNS[table].split(), rows)
    held: dict[int, int] = {}
    for row in batch.rows["entries"]:
        held[row[1]] = held.get(row[1], 0) + row[5]
    for account, amount in sorted(held.items()):
        db.run("UPDATE accounts SET held = held + ? WHERE id = ?", amount, account)
    _look_up_keys(False)
    if db.is_postgres():
        words = [(document, f"{asker.found_by} {_lexemes(own.split(), [])}") for document, asker, own in batch.words]
        _copy("document_words", ["id", "words"], words)
    else:
        found = [(each, f"{asker.words} {own}", " ".join(map(search._reader, asker.posts))) for each, asker, own in batch.words]
        _copy("document_words", ["rowid", "words", "readers"], found)


def _look_up_keys(wanted: bool) -> None:
    """Every row's keys are looked up and its triggers fire, or neither; on PostgreSQL only its superuser may say so."""
    if db.is_postgres() and db.row("SELECT current_setting('is_superuser')") == ("on",):
        db.run(f"SET LOCAL session_replication_role = {'origin' if wanted else 'replica'}")


def _lexemes(words: list[str], posts: list[str]) -> str:
    return " ".join(search._lexeme(each) for each in [f"w:{word}" for word in words] + [f"r:{post}" for post in posts])


def _copy(table: str, columns: Sequence[str], rows: list[tuple[Any, ...]]) -> None:
    cursor = db.db.cursor()
    named = ", ".join(columns)
    if not db.is_postgres():
        cursor.executemany(f"INSERT INTO {table} ({named}) VALUES ({db.marks(columns)})", rows)
        return
    with cursor.copy(f"COPY {table} ({named}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def _highest(table: str) -> int:
    (found,) = db.row(f"SELECT COALESCE(MAX(id), 0) FROM {table}")  # type: ignore[misc]
    return found


def _last_number(year: int) -> int:
    found = db.row("SELECT last FROM counters WHERE kind = 'SR' AND year = ?", year)
    return found[0] if found else 0


@db.transaction
def _catch_up(coming: Next, year: int) -> None:
    """The counters go on behind what was written."""
    sql = (
        "INSERT INTO counters (kind, year, last) VALUES ('SR', ?, ?) ON CONFLICT (kind, year) DO UPDATE SET last = excluded.last"
    )
    db.run(sql, year, coming.number - 1)
    if db.is_postgres():
        for table in ("cases", "documents", "entries"):
            db.run(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), ?)", _highest(table))
        db.run("ANALYZE")
