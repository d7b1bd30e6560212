"""What filters of the register find few of: archived, off the shelf, of a season, promoted first, newer than shown."""

from portal.db import build

INDEXES = """
CREATE INDEX products_archived ON products (id) WHERE is_archived;
CREATE INDEX products_off ON products (off_kind, id) WHERE off_kind <> '';
CREATE INDEX products_season ON products (season, id) WHERE season <> '';
CREATE INDEX products_main ON products (id) WHERE is_main;
CREATE INDEX products_newer ON products (id) WHERE up_at IS NOT NULL AND version > shown_version
"""


def up(migrator, db):
    build(db, INDEXES)
