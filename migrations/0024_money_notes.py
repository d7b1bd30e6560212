"""Money without a request, and the balances the books begin with."""

from portal.db import build

TABLES = """
CREATE TABLE money_notes (
    case_id bigint PRIMARY KEY REFERENCES cases(id), kind varchar(10) NOT NULL
    CHECK (kind IN ('sale', 'refund', 'other', 'charge', 'transfer')), fund_id bigint NOT NULL REFERENCES funds(id),
    into_id bigint REFERENCES funds(id), day date NOT NULL, party varchar(120) NOT NULL DEFAULT '',
    reference varchar(80) NOT NULL DEFAULT '', title_id bigint REFERENCES titles(id), corrects_id bigint UNIQUE REFERENCES cases(id),
    CHECK ((kind = 'transfer') = (into_id IS NOT NULL)), CHECK (into_id <> fund_id), CHECK (corrects_id <> case_id));
CREATE TABLE openings (case_id bigint PRIMARY KEY REFERENCES cases(id), day date NOT NULL, stands integer UNIQUE CHECK (stands = 1));
CREATE TABLE opening_lines (
    id {id}, case_id bigint NOT NULL REFERENCES cases(id), version integer NOT NULL, n integer NOT NULL,
    fund_id bigint REFERENCES funds(id), person_id bigint REFERENCES persons(id), amount bigint NOT NULL CHECK (amount > 0),
    due date, text varchar(200) NOT NULL DEFAULT '', UNIQUE (case_id, version, n), UNIQUE (case_id, version, fund_id),
    CHECK ((fund_id IS NULL) <> (person_id IS NULL)), CHECK (due IS NULL OR person_id IS NOT NULL))
"""


def up(migrator, db):
    build(db, TABLES)
