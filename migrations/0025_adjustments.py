"""Vouchers that the chief accountant writes by hand, and those that take another back."""

from portal.db import build

TABLES = """
CREATE TABLE adjustments (
    case_id bigint PRIMARY KEY REFERENCES cases(id), day date NOT NULL, reverses_id bigint REFERENCES vouchers(id));
CREATE INDEX adjustments_reverses ON adjustments (reverses_id) WHERE reverses_id IS NOT NULL;
CREATE TABLE adjustment_lines (
    id {id}, case_id bigint NOT NULL REFERENCES cases(id), version integer NOT NULL, n integer NOT NULL,
    title_id bigint NOT NULL REFERENCES titles(id), debit bigint NOT NULL DEFAULT 0 CHECK (debit >= 0),
    credit bigint NOT NULL DEFAULT 0 CHECK (credit >= 0), department_id bigint REFERENCES departments(id),
    person_id bigint REFERENCES persons(id), category_id bigint REFERENCES categories(id), text varchar(200) NOT NULL DEFAULT '',
    CHECK ((debit = 0) <> (credit = 0)), UNIQUE (case_id, version, n))
"""


def up(migrator, db):
    build(db, TABLES)
