"""Days on which the company works or rests against the public calendar."""

from portal.db import build

TABLES = """
CREATE TABLE calendar_days (
    id {id}, "day" date NOT NULL UNIQUE, is_worked boolean, note varchar(120) NOT NULL DEFAULT '',
    events integer NOT NULL DEFAULT 0, digest text NOT NULL DEFAULT '')
"""


def up(migrator, db):
    build(db, TABLES)
