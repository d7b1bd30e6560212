"""Writes: a submission beside the same rows by bare peewee, and the slowest of sixteen writers beside the busy timeout alone."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from datetime import date
from itertools import count
from statistics import median
from typing import Any

import peewee
from peewee import IntegerField, TextField

from bench.data import FOLDER, open_company, settings
from bench.measure import Result, ratio, wall_ms
from portal import clock, db, steps
from portal.cases import Case, Reader, Task
from portal.demo.budget import line_of
from portal.expenses.models import Spending, SpendingLine, spending_content
from portal.expenses.rules import submit
from portal.history import Event
from portal.ledger import Account, Entry
from portal.money import Money
from portal.persons import Person
from portal.search import Document

WRITERS, WRITES = 16, 12


class Words(db.Table):
    """The index of words, as peewee writes it."""

    rowid = IntegerField(primary_key=True)
    words = TextField()
    readers = TextField()

    class Meta:
        table_name = "document_words"


def copy_of_the_small_company() -> None:
    """Opens a copy that may be written to."""
    made, folder = settings("small"), FOLDER / "writes"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(made.data, folder)
    open_company(f"sqlite:///{folder}/portal.db", folder)


def submission(rounds: int = 120) -> Iterator[Result]:
    person = Person.get(Person.user == "hechen")
    ours: list[float] = []
    floor: list[float] = []
    for n in range(rounds + 5):
        told = (_through_the_rules, person, n), (_by_bare_peewee, person, n)
        taken = [wall_ms(lambda each=each: each[0](*each[1:])) for each in (told if n % 2 else told[::-1])]  # type: ignore[misc]
        mine, bare = taken if n % 2 else taken[::-1]
        if n >= 5:
            ours.append(mine)
            floor.append(bare)
    yield ratio("submit through the rules, against bare peewee", 1.7, median(ours), median(floor), "bare")


def _content(person: Person) -> Any:
    today = clock.today()
    line = line_of(today.year, person.department.name, "BG")
    detail = {"purpose": "按上季度用量补足。", "line": line, "expected_date": date(today.year, 12, 31)}
    lines = [{"text": "A4复印纸", "amount": Money(1)}, {"text": "热敏纸", "amount": Money(1)}]
    return spending_content(person, "季度办公用纸采购", detail, lines)


def _through_the_rules(person: Person, n: int) -> None:
    submit(person, _content(person), f"bench-{n}")


_numbers = count(1)


def _by_bare_peewee(person: Person, n: int) -> None:
    """The rows that a submission leaves, each by its model, in one durable transaction."""
    now, content = clock.now(), _content(person)
    line = content.detail["line"]
    with db.db.atomic():
        case = Case.create(
            kind="spending", number=f"BENCH-{next(_numbers)}", title=content.title, requester=person, preparer=person,
            beneficiary=person, department=person.department, amount=content.amount, state="submitted", version=1, created_at=now,
            submitted_at=now, token=f"bare-{n}", events=2, digest="0" * 64,
        )  # fmt: skip
        Spending.create(case=case, **content.detail)
        for k, each in enumerate(content.lines, 1):
            SpendingLine.create(case=case, version=1, n=k, **each)
        for state, post in (("draft", f"#{person.id}"), ("submitted", "gm")):
            Task.create(case=case, state=state, wanted=post, post=post, opened=now, due=clock.FAR_FUTURE)
        for k, action in enumerate(("create", "submit"), 1):
            Event.create(
                thing="case", thing_id=case.id, n=k, at=now, by=person, action=action, after="submitted", digest="0" * 64
            )
        for post in (f"#{person.id}", "gm", "chief_accountant", "exec_in_charge@1", f"dept_manager@{person.department_id}"):
            Reader.create(case=case, post=post)
        document = Document.create(thing="case", thing_id=case.id)
        Words.create(rowid=document.id, words="季度 办公 用纸", readers="xrgm")
        Account.update(held=Account.held + content.amount).where(Account.id == line.account_id).execute()
        held = {"verb": "hold", "amount": content.amount, "put": 0, "held": content.amount, "taken": 0}
        Entry.create(account=line.account_id, case=case, at=now, **held)


# ---- many at once ---------------------------------------------------------------------------------------------------


def sixteen_writers(times: int = 5) -> Iterator[Result]:
    fair: list[float] = []
    alone: list[float] = []
    queue = db.queue
    for _time in range(times):
        fair.append(_worst_of_all())
        db.queue = nullcontext()
        alone.append(_worst_of_all())
        db.queue = queue
    yield ratio("worst write among 16 writers, against the busy timeout", 0.4, median(fair), median(alone), "timeout alone")


def _worst_of_all() -> float:
    """The longest that any write of any thread took."""
    cases = [row[0] for row in db.rows("SELECT id FROM cases WHERE state = 'submitted' ORDER BY id LIMIT ?", WRITERS)]
    person = Person.get(Person.user == "zhoumin")
    taken: list[float] = []
    begin = threading.Barrier(WRITERS)

    def write_all(case: int) -> None:
        begin.wait()
        taken.extend(wall_ms(_may_give_up(lambda: steps.comment(person, case, "好的", []))) for _write in range(WRITES))
        db.disconnect()

    threads = [threading.Thread(target=write_all, args=(case,)) for case in cases]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return max(taken)


def _may_give_up(write: Callable[[], object]) -> Callable[[], object]:
    def once() -> None:
        try:
            write()
        except peewee.OperationalError:  # it has waited for the whole timeout
            return

    return once
