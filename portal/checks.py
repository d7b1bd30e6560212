"""Whether everything still adds up: chains, totals, numbers, tasks and files are recomputed, and what differs is said."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import time, timedelta
from pathlib import Path

from portal import access, attachments, db, history, ledger, notices
from portal.flow import FLOWS
from portal.jobs import JobRun, job
from portal.words import Words, _, _n

Check = Callable[[], Iterator[str]]

APPEND_ONLY = ("events", "entries", "refusals", "tallies")
CHECKS: list[Check] = []


def register(check: Check) -> Check:
    """A module's own check: it yields a sentence for everything that differs."""
    CHECKS.append(check)
    return check


def findings(deep: bool = False) -> list[str]:
    """Everything that is wrong. What is found is looked for a second time: papers that moved meanwhile are not a fault."""
    found = list(_all(deep))
    if not found:
        return []
    again = set(_all(deep))
    return [sentence for sentence in found if sentence in again]


def _all(deep: bool) -> Iterator[str]:
    for check in (schema, rows, history.verify, ledger.verify, *CHECKS):
        yield from check()
    yield from files(deep)


def quick() -> list[str]:
    """What can be told at once, at every start: the schema, and what the last nightly check said."""
    found = list(schema())
    if found:
        return found
    last = JobRun.get_or_none(JobRun.job == nightly.name)
    if last and last.failed:
        found.append(f"the nightly check could not be made: {last.failed}")
    elif last and (words := last.words()) and isinstance(words, Words) and words.values["n"]:
        found.append(f"the nightly check found something wrong; portal check tells what ({last.done_at:%Y-%m-%d %H:%M} UTC)")
    return found


@job("check", every=timedelta(days=1), at=time(2), about=_("Recomputes everything that is counted and chained"))
def nightly() -> Words:
    found = findings()
    said = _n("%(n)s fault found.", "%(n)s faults found.", len(found))
    if found:
        _tell(_("The nightly check found something wrong: %(fault)s.", fault=found[0]))
    return said


@db.transaction
def _tell(text: Words) -> None:
    notices.tell([person.id for person in access.holders("it_admin")], "check", text)


# ---- the database ---------------------------------------------------------------------------------------------------


def schema() -> Iterator[str]:
    """Raises db.NewerDatabase."""
    for name in db.pending():
        yield f"the database has not had the migration {name}; run portal migrate"
    there = {name for (name,) in db.rows(_TRIGGERS_ON_POSTGRES if db.is_postgres() else _TRIGGERS_ON_SQLITE)}
    for table in APPEND_ONLY:
        if not {f"{table}_no_update", f"{table}_no_{'truncate' if db.is_postgres() else 'delete'}"} <= there:
            yield f"{table} can be changed: its triggers are missing"


_TRIGGERS_ON_SQLITE = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
_TRIGGERS_ON_POSTGRES = """
SELECT t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
WHERE NOT t.tgisinternal AND t.tgenabled <> 'D' AND c.relnamespace = current_schema()::regnamespace
"""


def rows() -> Iterator[str]:
    yield from _pages_of_sqlite()
    yield from _last_events()
    yield from _numbers()
    yield from _tasks()


def _pages_of_sqlite() -> Iterator[str]:
    if db.is_postgres():
        return
    for (said,) in db.rows("PRAGMA integrity_check"):
        if said != "ok":
            yield f"the database file is damaged: {said}"
    for table, row, other, _key in db.rows("PRAGMA foreign_key_check"):
        yield f"{table} {row}: the row of {other} it points to is missing"


# ---- papers ---------------------------------------------------------------------------------------------------------


def _last_events() -> Iterator[str]:
    differing = """
    SELECT c.id, c.state, e.after FROM cases c LEFT JOIN events e ON e.thing = 'case' AND e.thing_id = c.id AND e.n = c.events
    WHERE e.after IS NULL OR e.after <> c.state ORDER BY c.id
    """
    for case, state, after in db.rows(differing):
        yield f"case {case} is {state}, but its last event left it {after or 'nowhere'}"


NUMBERED = ["SELECT number FROM cases WHERE number IS NOT NULL"]  # what counted numbers stand on; modules add theirs


def _numbers() -> Iterator[str]:
    """Numbers run without gaps from 1 to what the counter says."""
    used: defaultdict[tuple[str, str], set[int]] = defaultdict(set)
    for (number,) in db.rows(" UNION ALL ".join(NUMBERED)):
        prefix, year, n = number.rsplit("-", 2)
        used[prefix, year].add(int(n))
    counters = {(kind, str(year)): last for kind, year, last in db.rows("SELECT kind, year, last FROM counters")}
    for prefix, year in sorted(used.keys() | counters.keys()):
        last, here = counters.get((prefix, year), 0), used[prefix, year]
        for n in sorted(set(range(1, last + 1)) ^ here)[:10]:
            known = "is beyond its counter" if n > last else "is missing"
            yield f"number {prefix}-{year}-{n:04d} {known}"


def _tasks() -> Iterator[str]:
    """Open tasks stand on open cases, in the state the case is in; a state that waits has at least one."""
    strays = """
    SELECT t.id, t.case_id, t.state, c.state FROM tasks t JOIN cases c ON c.id = t.case_id
    WHERE t.closed IS NULL AND (c.closed_at IS NOT NULL OR t.state <> c.state) ORDER BY t.id
    """
    for task, case, state, now in db.rows(strays):
        yield f"task {task} waits for case {case} to be decided as {state}, but the case is {now}"
    idle = """
    SELECT c.id, c.kind, c.state FROM cases c WHERE c.closed_at IS NULL
    AND NOT EXISTS (SELECT 1 FROM tasks t WHERE t.case_id = c.id AND t.closed IS NULL) ORDER BY c.id
    """
    for case, kind, state in db.rows(idle):
        flow = FLOWS.get(kind)
        if flow is None or state not in flow.states:
            yield f"case {case}: there is no state {state} of {kind}"
        elif flow.states[state].waits_for:
            yield f"case {case} is {state} and waits for nobody"


# ---- files ----------------------------------------------------------------------------------------------------------


def files(deep: bool = False) -> Iterator[str]:
    """Every attached file is there with its size; `deep` also reads its content."""
    told = "SELECT DISTINCT sha256, size_bytes FROM attachments ORDER BY sha256"
    for sha256, size_bytes in db.run(told):
        path = attachments.path_for(sha256)
        if not path.is_file():
            yield f"the attached file {sha256} is missing"
        elif path.stat().st_size != size_bytes:
            yield f"the attached file {sha256} has {path.stat().st_size} bytes instead of {size_bytes}"
        elif deep and sha256_of(path) != sha256:
            yield f"the attached file {sha256} was changed"


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
