"""Codes are found in capitals and small letters alike: files and labels do not tell them apart."""

from portal.db import build


def up(migrator, db):
    build(db, "CREATE INDEX items_code_in_capitals ON items (UPPER(code))")
