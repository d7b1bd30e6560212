"""A line of an archive check keeps room, cabinet and box of where it was found, what the register said, and what became of it."""

import peewee

from portal.db import build

COLUMNS = """
ALTER TABLE check_lines RENAME COLUMN found_place TO found_room;
ALTER TABLE check_lines ADD COLUMN found_cabinet varchar(40) NOT NULL DEFAULT '';
ALTER TABLE check_lines ADD COLUMN found_box varchar(40) NOT NULL DEFAULT '';
ALTER TABLE check_lines ADD COLUMN recorded_place varchar(130) NOT NULL DEFAULT '';
ALTER TABLE check_lines ADD COLUMN recorded_fire boolean NOT NULL DEFAULT FALSE;
ALTER TABLE check_lines ADD COLUMN recorded_damp boolean NOT NULL DEFAULT FALSE;
ALTER TABLE check_lines ADD COLUMN settled varchar(12) NOT NULL DEFAULT '' CHECK (settled IN ('', 'taken_over', 'put_back', 'left'));
ALTER TABLE check_lines ADD COLUMN settled_by_id bigint REFERENCES persons(id);
ALTER TABLE check_lines ADD COLUMN settled_at bigint CHECK ((settled = '') = (settled_at IS NULL));
UPDATE check_lines SET (recorded_place, recorded_fire, recorded_damp) = (
    SELECT c.room || CASE WHEN c.cabinet = '' THEN '' ELSE ' / ' || c.cabinet END || CASE WHEN c.box = '' THEN '' ELSE ' / ' || c.box END,
        c.fire_proof, c.damp_proof FROM contracts c WHERE c.id = check_lines.contract_id)
"""
SIGN = " / "


def up(migrator, db):
    build(db, COLUMNS)
    mark = "%s" if isinstance(db, peewee.PostgresqlDatabase) else "?"
    split = f"UPDATE check_lines SET found_room = {mark}, found_cabinet = {mark}, found_box = {mark} WHERE id = {mark}"
    for key, text in db.execute_sql("SELECT id, found_room FROM check_lines WHERE found_room <> ''").fetchall():
        db.execute_sql(split, (*parts(text), key))


def parts(text):
    """Room, cabinet and box of a place as it was typed; what is no such place stays whole."""
    found = [part.strip() for part in text.split(SIGN.strip() if SIGN not in text else SIGN)]
    if len(found) > 3 or not all(found) or any(len(part) > 40 for part in found):
        return [text, "", ""]
    return [*found, "", ""][:3]
