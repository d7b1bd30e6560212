"""Daily cash reports, and the close of months: the blind count, notes that are signed, and the figures as they were calculated."""

from portal.db import build, make_append_only

TABLES = """
CREATE TABLE cash_reports (case_id bigint PRIMARY KEY REFERENCES cases(id), day date NOT NULL UNIQUE, told_late bigint);
CREATE TABLE cash_report_lines (
    id {id}, case_id bigint NOT NULL REFERENCES cases(id), version integer NOT NULL, n integer NOT NULL, fund_id bigint NOT NULL REFERENCES funds(id),
    before bigint NOT NULL, income bigint NOT NULL CHECK (income >= 0), outgo bigint NOT NULL CHECK (outgo >= 0), UNIQUE (case_id, version, n));
CREATE TABLE late_days (day date PRIMARY KEY, told_at bigint NOT NULL);
CREATE TABLE closes (
    case_id bigint PRIMARY KEY REFERENCES cases(id), month integer NOT NULL UNIQUE CHECK (month BETWEEN 200001 AND 210012),
    note varchar(1000) NOT NULL DEFAULT '', note_by_id bigint REFERENCES persons(id), note_signed_by_id bigint REFERENCES persons(id),
    note_for varchar(64) NOT NULL DEFAULT '', published_at bigint, CHECK (note_signed_by_id <> note_by_id));
CREATE TABLE counted (
    id {id}, case_id bigint NOT NULL REFERENCES cases(id), round integer NOT NULL, fund_id bigint NOT NULL REFERENCES funds(id),
    amount bigint NOT NULL, pieces text NOT NULL DEFAULT '', by_id bigint NOT NULL REFERENCES persons(id), at bigint NOT NULL,
    UNIQUE (case_id, round, fund_id));
CREATE TABLE month_results (
    id {id}, case_id bigint NOT NULL REFERENCES cases(id), month integer NOT NULL, figures text NOT NULL, by_id bigint NOT NULL REFERENCES persons(id),
    at bigint NOT NULL);
CREATE INDEX month_results_month ON month_results (month, id)
"""


def up(migrator, db):
    build(db, TABLES)
    make_append_only(db, "counted")
    make_append_only(db, "month_results")
