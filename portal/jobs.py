"""Timed jobs: each may run twice without harm, runs in one process at a time, and catches up after a stop."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from types import TracebackType

from peewee import CharField, InterfaceError, OperationalError, TextField

from portal import attachments, clock, db, tasks
from portal.db import MomentField, Table
from portal.refused import Refused
from portal.words import Words, _, _n, from_json, to_json

LEASE = timedelta(minutes=10)  # after that a run that never ended counts as cut off
RETRY = timedelta(hours=1)  # a job that failed is tried again then, or at its next time if that is sooner
LOOK_EVERY_SECONDS = 20.0

log = logging.getLogger("portal.jobs")


class JobRun(Table):
    """The last run of a job: one row each. `said` is a message, `failed` what went wrong."""

    job = CharField(max_length=60, unique=True)
    leased_until = MomentField(default=db.from_ms(0))
    started_at = MomentField(null=True)
    done_at = MomentField(null=True)
    said = TextField(default="")
    failed = TextField(default="")

    class Meta:
        table_name = "job_runs"

    def words(self) -> Words | str:
        return from_json(self.said) if self.said else ""


@dataclass(frozen=True)
class Job:
    """What is done `every` so often; `at` names the time of day in Shanghai for what is done daily."""

    name: str
    every: timedelta
    about: Words
    work: Callable[[], Words | None]
    at: time | None = None

    def last_due(self, now: datetime) -> datetime:
        """The latest moment by which it should have been started."""
        if self.at is None:
            return now - self.every
        today = clock.start_of(clock.local(now).date()) + timedelta(hours=self.at.hour, minutes=self.at.minute)
        return today if today <= now else today - timedelta(days=1)


JOBS: dict[str, Job] = {}


def job(name: str, *, every: timedelta, about: Words, at: time | None = None) -> Callable[[Callable[[], Words | None]], Job]:
    """Declares a job; what it answers is kept as what it said."""

    def declare(work: Callable[[], Words | None]) -> Job:
        assert name not in JOBS, name
        JOBS[name] = Job(name, every, about, work, at)
        return JOBS[name]

    return declare


def run_due() -> list[str]:
    """Runs every job whose time has come, one after the other; answers their names. A failing one is recorded, the others run."""
    return [name for name in list(JOBS) if _run_if_due(JOBS[name])]


def run(name: str) -> JobRun:
    """Runs the job now. Raises Refused while it is running elsewhere."""
    if not _lease(JOBS[name], lambda _seen: True):
        raise Refused(_("This job is running just now. Try again in a few minutes."))
    _run_leased(JOBS[name])
    return JobRun.get(JobRun.job == name)


def _run_if_due(job: Job) -> bool:
    now = clock.now()
    seen = JobRun.get_or_none(JobRun.job == job.name)
    if seen and not _is_due(job, seen, now):
        return False
    if not _lease(job, lambda again: _is_due(job, again, now)):
        return False
    _run_leased(job)
    return True


def _is_due(job: Job, seen: JobRun, now: datetime) -> bool:
    if seen.leased_until > now:
        return False
    if seen.started_at is None or seen.done_at is None or seen.started_at <= job.last_due(now):
        return True
    return bool(seen.failed) and seen.started_at <= now - min(RETRY, job.every)


@db.transaction
def _lease(job: Job, may: Callable[[JobRun], bool]) -> bool:
    """Takes the job for this process, if nobody else has it."""
    now = clock.now()
    db.run("INSERT INTO job_runs (job) VALUES (?) ON CONFLICT (job) DO NOTHING", job.name)
    if not may(JobRun.get(JobRun.job == job.name)):
        return False
    free = (JobRun.job == job.name) & (JobRun.leased_until <= now)
    return JobRun.update(leased_until=now + LEASE, started_at=now, done_at=None).where(free).execute() == 1


def _run_leased(job: Job) -> None:
    said = None
    with _Attempt(job) as attempt:
        said = job.work()
    _note(job, to_json(said) if said else "", attempt.failed)


@db.transaction
def _note(job: Job, said: str, failed: str) -> None:
    ended = {"leased_until": db.from_ms(0), "done_at": clock.now(), "said": said, "failed": failed}
    JobRun.update(**ended).where(JobRun.job == job.name).execute()


class _Attempt:
    """A failure inside is kept for the record and logged, so that one broken job does not stop the others."""

    failed = ""

    def __init__(self, job: Job) -> None:
        self._job = job

    def __enter__(self) -> _Attempt:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> bool:
        if not isinstance(error, Exception):
            return False
        self.failed = f"{type(error).__name__}: {error}"
        log.error("The job %s failed", self._job.name, exc_info=error)
        return True


class Worker:
    """The thread that looks for due jobs while the portal is served."""

    def __init__(self, look_every_seconds: float = LOOK_EVERY_SECONDS) -> None:
        self._stop = threading.Event()
        self._seconds = look_every_seconds
        self._thread = threading.Thread(target=self._work, name="jobs", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self, within_seconds: float = 3.0) -> None:
        """Begins no further job. One that runs has that long to end; being cut off does it no harm."""
        self._stop.set()
        self._thread.join(within_seconds)

    def _work(self) -> None:
        while not self._stop.wait(self._seconds):
            self._look()
        db.disconnect()

    def _look(self) -> None:
        try:
            for name in list(JOBS):
                if not self._stop.is_set():
                    _run_if_due(JOBS[name])
        except (OperationalError, InterfaceError) as error:  # the disk is full or the database away: the next look tries anew
            log.error("The jobs could not reach the database: %s", error)
            db.disconnect()


def when(job: Job) -> str:
    """How often it runs, as the command line prints it."""
    if job.at is not None:
        return f"daily at {job.at:%H:%M}"
    minutes = int(job.every.total_seconds()) // 60
    return f"every {minutes} min" if minutes < 120 else f"every {minutes // 60} h"


# ---- jobs of the house ----------------------------------------------------------------------------------------------


@job("reroute", every=timedelta(minutes=10), about=_("Asks again who can act on open papers, as grants begin and end"))
def reroute() -> Words:
    return _n("%(n)s task changed hands.", "%(n)s tasks changed hands.", tasks.reroute())


@job("sweep files", every=timedelta(hours=1), about=_("Removes files that were uploaded but never attached"))
def sweep_files() -> Words:
    return _n("%(n)s file removed.", "%(n)s files removed.", attachments.sweep())


@job("sweep rows", every=timedelta(hours=1), about=_("Removes forms kept for sign-in, wrong tries and sessions that have ended"))
def sweep_rows() -> Words:
    return _n("%(n)s row removed.", "%(n)s rows removed.", _sweep_rows())


@db.transaction
def _sweep_rows() -> int:
    """Forms kept and wrong tries go after a day, sessions after their longest life of 12 hours."""
    old = {("kept", "at"): 24, ("attempts", "at"): 24, ("sessions", "created_at"): 12}
    now = clock.now()
    return sum(
        db.run(f"DELETE FROM {table} WHERE {column} < ?", db.to_ms(now - timedelta(hours=hours))).rowcount
        for (table, column), hours in old.items()
    )
