"""Counts the statements a page sends to the database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from portal import db


@contextmanager
def statements() -> Iterator[list[str]]:
    """Every statement sent while this lasts."""
    sent: list[str] = []
    execute = db.db.obj.execute_sql

    def noted(sql: str, *more: object, **other: object) -> object:
        sent.append(" ".join(sql.split()))
        return execute(sql, *more, **other)

    db.db.obj.execute_sql = noted
    yield sent
    db.db.obj.execute_sql = execute
