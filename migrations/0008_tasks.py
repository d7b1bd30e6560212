"""Tasks are counted from the index alone: who is barred stands in it."""

from portal.db import build

INDEX = """
DROP INDEX tasks_open;
CREATE INDEX tasks_open ON tasks (post, tab, due, id, barred) WHERE closed IS NULL
"""


def up(migrator, db):
    build(db, INDEX)
