"""Phone and meal allowances, month by month, and penalties."""

from portal.db import build

TABLES = """
CREATE TABLE phone_standards (
    id {id}, role varchar(30) NOT NULL UNIQUE, cap bigint NOT NULL CHECK (cap >= 0), events integer NOT NULL DEFAULT 0, digest text NOT NULL DEFAULT '');
CREATE TABLE meal_exceptions (
    id {id}, person_id bigint NOT NULL UNIQUE REFERENCES persons(id), reason varchar(200) NOT NULL CHECK (reason <> ''), active boolean NOT NULL DEFAULT TRUE,
    events integer NOT NULL DEFAULT 0, digest text NOT NULL DEFAULT '');
CREATE TABLE allowances (
    case_id bigint PRIMARY KEY REFERENCES cases(id), kind varchar(5) NOT NULL CHECK (kind IN ('phone', 'meal')),
    month integer NOT NULL CHECK (month BETWEEN 200001 AND 210012), UNIQUE (kind, month));
CREATE TABLE allowance_lines (
    id {id}, case_id bigint NOT NULL REFERENCES cases(id), version integer NOT NULL, n integer NOT NULL,
    person_id bigint NOT NULL REFERENCES persons(id), standard varchar(30) NOT NULL, actual bigint NOT NULL CHECK (actual >= 0),
    cap bigint CHECK (cap >= 0), amount bigint NOT NULL CHECK (amount BETWEEN 0 AND actual), CHECK (cap IS NULL OR amount <= cap),
    UNIQUE (case_id, version, n), UNIQUE (case_id, version, person_id));
CREATE TABLE penalties (
    case_id bigint PRIMARY KEY REFERENCES cases(id), person_id bigint NOT NULL REFERENCES persons(id),
    rule varchar(10) NOT NULL CHECK (rule IN ('FIN-09', 'SUP-21')), day date NOT NULL, reason text NOT NULL DEFAULT '', answer text NOT NULL DEFAULT '',
    answered_at bigint);
CREATE INDEX penalties_person ON penalties (person_id)
"""


def up(migrator, db):
    build(db, TABLES)
