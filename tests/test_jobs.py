"""Timed jobs: due, leased, caught up with, and recorded."""

from __future__ import annotations

import threading
import time as real_time
from collections.abc import Iterator
from datetime import time, timedelta
from typing import Any

import pytest

from portal import attachments, db, jobs
from portal.jobs import JOBS, JobRun, Worker, job
from portal.refused import Refused
from portal.words import Words, _

ABOUT = _("A job of the tests")


@pytest.fixture(autouse=True)
def only_ours() -> Iterator[None]:
    kept = dict(JOBS)
    JOBS.clear()
    yield
    JOBS.clear()
    JOBS.update(kept)


def _counting(every: timedelta = timedelta(minutes=10), at: time | None = None) -> list[str]:
    runs: list[str] = []

    @job("count", every=every, at=at, about=ABOUT)
    def count() -> Words:
        runs.append("run")
        return _("Counted %(n)s.", n=len(runs))

    return runs


def test_a_job_runs_when_its_time_has_come_and_not_before(clock: Any) -> None:
    runs = _counting()
    clock.set("2026-03-02 09:00")

    assert jobs.run_due() == ["count"]
    clock.forward(minutes=9)
    assert jobs.run_due() == []
    clock.forward(minutes=1)
    assert jobs.run_due() == ["count"]

    assert len(runs) == 2


def test_a_daily_job_catches_up_once_after_a_stop(clock: Any) -> None:
    runs = _counting(timedelta(days=1), time(2))
    clock.set("2026-03-02 02:00")
    jobs.run_due()

    clock.set("2026-03-06 09:30")
    jobs.run_due()
    jobs.run_due()

    assert len(runs) == 2
    clock.set("2026-03-07 01:59")
    assert jobs.run_due() == []
    clock.set("2026-03-07 02:00")
    assert jobs.run_due() == ["count"]


def test_what_a_job_said_is_kept(clock: Any) -> None:
    _counting()
    moment = clock.set("2026-03-02 09:00")

    jobs.run_due()

    kept = JobRun.get(JobRun.job == "count")
    assert (str(kept.words()), kept.failed, kept.started_at, kept.done_at) == ("Counted 1.", "", moment, moment)
    assert kept.leased_until == db.from_ms(0)


def test_a_failing_job_is_recorded_and_the_others_run(clock: Any) -> None:
    @job("fail", every=timedelta(days=1), about=ABOUT)
    def fail() -> Words | None:
        raise ValueError("no")

    runs = _counting()
    clock.set("2026-03-02 09:00")

    assert jobs.run_due() == ["fail", "count"]

    assert (JobRun.get(JobRun.job == "fail").failed, len(runs)) == ("ValueError: no", 1)


def test_a_failed_job_is_tried_again_after_an_hour(clock: Any) -> None:
    tries: list[str] = []

    @job("fail once", every=timedelta(days=1), about=ABOUT)
    def fail_once() -> Words | None:
        tries.append("try")
        if len(tries) == 1:
            raise ValueError("no")
        return None

    clock.set("2026-03-02 09:00")
    jobs.run_due()
    clock.forward(minutes=59)
    assert jobs.run_due() == []
    clock.forward(minutes=1)
    assert jobs.run_due() == ["fail once"]

    assert JobRun.get(JobRun.job == "fail once").failed == ""


def test_a_failing_job_leaves_nothing_half_done(clock: Any, cast: Any) -> None:
    @job("half", every=timedelta(days=1), about=ABOUT)
    @db.transaction
    def half() -> Words | None:
        db.run("INSERT INTO attempts (at, account, address) VALUES (1, 'ann', 'here')")
        raise ValueError("no")

    jobs.run_due()

    assert db.row("SELECT COUNT(*) FROM attempts") == (0,)


def test_two_workers_run_a_job_once(clock: Any) -> None:
    runs: list[str] = []

    @job("slow", every=timedelta(minutes=10), about=ABOUT)
    def slow() -> Words | None:
        runs.append("run")
        real_time.sleep(0.3)
        return None

    both = threading.Barrier(4)

    def work() -> None:
        both.wait()
        jobs.run_due()
        db.disconnect()

    threads = [threading.Thread(target=work) for _each in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()

    assert len(runs) == 1


def test_a_leased_job_is_refused_by_hand(clock: Any) -> None:
    _counting()
    moment = clock.set("2026-03-02 09:00")
    JobRun.create(job="count", leased_until=moment + timedelta(minutes=5), started_at=moment)

    with pytest.raises(Refused) as refusal:
        jobs.run("count")

    assert str(refusal.value) == "This job is running just now. Try again in a few minutes."


def test_a_run_that_was_cut_off_is_made_up_for_after_its_lease(clock: Any) -> None:
    runs = _counting(timedelta(days=1))
    moment = clock.set("2026-03-02 09:00")
    JobRun.create(job="count", leased_until=moment + jobs.LEASE, started_at=moment)

    clock.forward(minutes=9)
    assert jobs.run_due() == []
    clock.forward(minutes=1)
    assert jobs.run_due() == ["count"]

    assert len(runs) == 1


def test_the_worker_runs_what_is_due_and_stops_soon() -> None:
    runs = _counting()
    worker = Worker(look_every_seconds=0.02)

    worker.start()
    deadline = real_time.monotonic() + 5
    while not runs and real_time.monotonic() < deadline:
        real_time.sleep(0.02)
    begun = real_time.monotonic()
    worker.stop()

    assert runs and real_time.monotonic() - begun < 3


def test_old_kept_forms_tries_and_sessions_are_removed(clock: Any, cast: Any) -> None:
    now = db.to_ms(clock.set("2026-03-02 09:00"))
    hour = 3_600_000
    for age in (1, 11, 13, 25):
        at = now - age * hour
        db.run("INSERT INTO kept (person_id, path, fields, at) VALUES (?, '/', '{}', ?)", cast.ann.id, at)
        db.run("INSERT INTO attempts (at, account, address) VALUES (?, 'ann', 'here')", at)
        db.run(
            "INSERT INTO sessions (token_hash, person_id, created_at, seen_at, confirmed_at) VALUES (?, ?, ?, ?, ?)",
            str(age), cast.ann.id, at, at, at,
        )  # fmt: skip

    said = jobs.sweep_rows.work()

    assert str(said) == "4 rows removed."
    assert [db.row(f"SELECT COUNT(*) FROM {table}") for table in ("kept", "attempts", "sessions")] == [(3,), (3,), (2,)]


def test_the_house_s_own_jobs_do_no_harm_twice(tmp_path: Any, cast: Any) -> None:
    attachments.keep_in(tmp_path)

    for each in (jobs.reroute, jobs.sweep_files, jobs.sweep_rows) * 2:
        assert str(each.work()).startswith("0 ")
