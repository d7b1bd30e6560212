"""Expenses: spending requests and their lines."""

from portal.db import build

TABLES = """
CREATE TABLE spendings (
    case_id bigint PRIMARY KEY REFERENCES cases(id), purpose text NOT NULL DEFAULT '', line_id bigint REFERENCES budget_lines(id),
    expected_date date, nature varchar(10) NOT NULL DEFAULT 'office' CHECK (nature IN ('office', 'business')),
    business_kind varchar(10) NOT NULL DEFAULT '' CHECK (business_kind IN ('', 'guests', 'gifts', 'fares', 'other')),
    who varchar(120) NOT NULL DEFAULT '', why text NOT NULL DEFAULT '', over_by bigint NOT NULL DEFAULT 0 CHECK (over_by >= 0),
    flagged boolean NOT NULL DEFAULT FALSE, approved_at bigint, CHECK (nature = 'business' OR business_kind = ''));
CREATE INDEX spendings_line ON spendings (line_id, case_id);
CREATE INDEX spendings_flagged ON spendings (approved_at, case_id) WHERE flagged;
CREATE INDEX spendings_business ON spendings (expected_date, case_id) WHERE nature = 'business';
CREATE TABLE spending_lines (
    id {id}, case_id bigint NOT NULL REFERENCES cases(id), version integer NOT NULL, n integer NOT NULL,
    text varchar(200) NOT NULL CHECK (text <> ''), amount bigint NOT NULL CHECK (amount > 0), UNIQUE (case_id, version, n))
"""


def up(migrator, db):
    build(db, TABLES)
