"""The check finds every break: each test breaks one thing behind the portal's back."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest

from portal import attachments, checks, clock, db, jobs
from portal.cases import Case
from portal.jobs import JobRun
from portal.notices import Notice
from portal.persons import Grant
from tests.pdfs import PDF


@pytest.fixture(autouse=True)
def folder(tmp_path: Path) -> Path:
    attachments.keep_in(tmp_path)
    return tmp_path / "files"


@pytest.fixture
def case(cast: Any, memos: Any) -> Case:
    """A memo of Ann's that Hao is to endorse, with a file."""
    draft = memos.draft(cast.ann)
    attachments.store("case", draft.id, "paper", "invoice.pdf", io.BytesIO(PDF), cast.ann)
    return memos.go(draft, (cast.ann, "submit"))


def test_a_working_company_is_in_order(case: Case) -> None:
    assert checks.findings(deep=True) == []


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        ("UPDATE cases SET state = 'endorsed'", "case {id} is endorsed, but its last event left it submitted"),
        ("UPDATE cases SET events = 9", "case {id} is submitted, but its last event left it nowhere"),
        ("UPDATE counters SET last = 3", "number ME-{year}-0002 is missing"),
        ("UPDATE counters SET last = 0", "number ME-{year}-0001 is beyond its counter"),
        ("UPDATE tasks SET closed = 1", "case {id} is submitted and waits for nobody"),
        (
            "UPDATE cases SET closed_at = 1",
            "task {task} waits for case {id} to be decided as submitted, but the case is submitted",
        ),
        ("UPDATE cases SET state = 'lost'", "task {task} waits for case {id} to be decided as submitted, but the case is lost"),
        ("UPDATE cases SET kind = 'gone'; UPDATE tasks SET closed = 1", "case {id}: there is no state submitted of gone"),
        ("UPDATE cases SET digest = 'x'", "case {id}: its last event is number 3 by its own record, 3 by the events"),
        ("UPDATE attachments SET size_bytes = 5", f"the attached file {{sha256}} has {len(PDF)} bytes instead of 5"),
    ],
)
def test_a_break_is_found_and_named(broken: str, said: str, case: Case) -> None:
    task = db.row("SELECT id FROM tasks WHERE case_id = ? AND closed IS NULL", case.id)[0]
    (sha256,) = db.row("SELECT sha256 FROM attachments")

    for statement in broken.split("; "):
        db.run(statement)

    named = {"id": case.id, "task": task, "year": clock.today().year, "sha256": sha256}
    assert said.format(**named) in checks.findings()


def test_a_missing_file_and_a_changed_one_are_found(case: Case, folder: Path) -> None:
    (path,) = [each for each in folder.rglob("*") if each.is_file()]

    path.write_bytes(PDF.replace(b"9", b"8"))
    assert checks.findings() == []
    assert checks.findings(deep=True) == [f"the attached file {path.name} was changed"]
    path.unlink()
    assert checks.findings() == [f"the attached file {path.name} is missing"]


def test_a_broken_reference_is_found_on_sqlite(case: Case) -> None:
    if db.is_postgres():
        pytest.skip("PostgreSQL lets no reference break")
    db.run("PRAGMA foreign_keys = 0")
    db.run("UPDATE cases SET parent_id = 999")

    assert checks.findings() == [f"cases {case.id}: the row of cases it points to is missing"]


@pytest.mark.parametrize("table", checks.APPEND_ONLY)
def test_a_missing_trigger_is_found_at_once(table: str, cast: Any) -> None:
    db.run(f"DROP TRIGGER {table}_no_update" + (f" ON {table}" if db.is_postgres() else ""))

    assert checks.quick() == [f"{table} can be changed: its triggers are missing"]


def test_a_module_s_own_check_is_asked(cast: Any) -> None:
    def wrong() -> Any:
        yield "the cash is short"

    checks.register(wrong)
    try:
        assert checks.findings() == ["the cash is short"]
    finally:
        checks.CHECKS.remove(wrong)


def test_what_mends_itself_meanwhile_is_no_fault(cast: Any) -> None:
    seen: list[str] = []

    def moving() -> Any:
        seen.append("look")
        yield f"paper {len(seen)} moved while it was read"

    checks.register(moving)
    try:
        assert checks.findings() == []
    finally:
        checks.CHECKS.remove(moving)


def test_the_nightly_check_tells_the_administrator_and_the_next_start(case: Case, cast: Any) -> None:
    Grant.create(person=cast.bo, role="it_admin", starts="2020-01-01", reason="test")
    db.run("UPDATE tasks SET closed = 1")

    jobs.run("check")

    assert str(JobRun.get(JobRun.job == "check").words()) == "1 fault found."
    told = [str(notice.words()) for notice in Notice.select().where(Notice.person == cast.bo)]
    assert told == [f"The nightly check found something wrong: case {case.id} is submitted and waits for nobody."]
    (said,) = checks.quick()
    assert said.startswith("the nightly check found something wrong; portal check tells what")


def test_a_night_without_faults_says_nothing_at_the_start(case: Case) -> None:
    jobs.run("check")

    assert checks.quick() == []
