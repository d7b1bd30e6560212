"""Phone consent, advances, and claims with their invoices."""

from portal.db import build

TABLES = """
ALTER TABLE spendings ADD COLUMN urgent boolean NOT NULL DEFAULT FALSE;
ALTER TABLE spendings ADD COLUMN supplements_id bigint REFERENCES cases(id);
ALTER TABLE spendings ADD COLUMN no_invoice boolean NOT NULL DEFAULT FALSE;
CREATE INDEX spendings_supplements ON spendings (supplements_id) WHERE supplements_id IS NOT NULL;
CREATE TABLE absences (
    id {id}, starts date NOT NULL, ends date NOT NULL, text varchar(200) NOT NULL DEFAULT '', by_id bigint NOT NULL REFERENCES persons(id),
    at bigint NOT NULL, person_id bigint NOT NULL REFERENCES persons(id), ended_at bigint,
    ended_by_id bigint REFERENCES persons(id), token varchar(40) NOT NULL UNIQUE, CHECK (ends >= starts),
    CHECK ((ended_at IS NULL) = (ended_by_id IS NULL)));
CREATE INDEX absences_person ON absences (person_id, ends) WHERE ended_at IS NULL;
CREATE TABLE consents (
    id {id}, case_id bigint NOT NULL REFERENCES cases(id), asked_by_id bigint NOT NULL REFERENCES persons(id), asked_at bigint NOT NULL,
    way varchar(10) NOT NULL CHECK (way IN ('phone', 'wechat', 'message', 'in_person', 'other')), words varchar(500) NOT NULL CHECK (words <> ''),
    at bigint NOT NULL, due_at bigint NOT NULL, answered_at bigint, confirmed boolean, answered_by_id bigint REFERENCES persons(id),
    told_late bigint, CHECK ((answered_at IS NULL) = (confirmed IS NULL)), CHECK (answered_by_id <> asked_by_id));
CREATE UNIQUE INDEX consents_open ON consents (case_id) WHERE answered_at IS NULL;
CREATE INDEX consents_due ON consents (due_at) WHERE answered_at IS NULL;
CREATE TABLE advances (
    case_id bigint PRIMARY KEY REFERENCES cases(id), request_id bigint NOT NULL REFERENCES cases(id), account_id bigint UNIQUE REFERENCES accounts(id),
    slip varchar(24) UNIQUE, purpose text NOT NULL DEFAULT '', paid_at bigint, due_on date, recalled_at bigint, told_late bigint,
    CHECK ((paid_at IS NULL) = (account_id IS NULL)), CHECK ((paid_at IS NULL) = (slip IS NULL)), CHECK ((paid_at IS NULL) = (due_on IS NULL)));
CREATE INDEX advances_request ON advances (request_id);
CREATE INDEX advances_due ON advances (due_on) WHERE due_on IS NOT NULL;
CREATE TABLE claims (
    case_id bigint PRIMARY KEY REFERENCES cases(id), request_id bigint NOT NULL REFERENCES cases(id), is_last boolean NOT NULL DEFAULT TRUE,
    approval_seen boolean NOT NULL DEFAULT FALSE, sums_agree boolean NOT NULL DEFAULT FALSE, receipts_valid boolean NOT NULL DEFAULT FALSE,
    checked_by_id bigint REFERENCES persons(id), checked_at bigint, approved bigint CHECK (approved >= 0),
    from_advance bigint NOT NULL DEFAULT 0 CHECK (from_advance >= 0), CHECK (from_advance <= COALESCE(approved, 0)),
    CHECK ((checked_at IS NULL) = (checked_by_id IS NULL)));
CREATE INDEX claims_request ON claims (request_id);
CREATE TABLE claim_lines (
    id {id}, case_id bigint NOT NULL REFERENCES cases(id), version integer NOT NULL, n integer NOT NULL, day date,
    line_id bigint NOT NULL REFERENCES budget_lines(id), text varchar(200) NOT NULL DEFAULT '', amount bigint NOT NULL CHECK (amount >= 0),
    invoice_code varchar(20) NOT NULL DEFAULT '', invoice_number varchar(30) NOT NULL DEFAULT '', file_id bigint REFERENCES attachments(id),
    approved bigint CHECK (approved BETWEEN 0 AND amount), UNIQUE (case_id, version, n));
CREATE TABLE claimed_invoices (
    number varchar(30) NOT NULL CHECK (number <> ''), code varchar(20) NOT NULL DEFAULT '', case_id bigint NOT NULL REFERENCES cases(id),
    PRIMARY KEY (number, code));
CREATE INDEX claimed_invoices_case ON claimed_invoices (case_id);
CREATE TABLE claimed_files (sha256 varchar(64) PRIMARY KEY, case_id bigint NOT NULL REFERENCES cases(id));
CREATE INDEX claimed_files_case ON claimed_files (case_id);
CREATE TABLE invoice_readings (attachment_id bigint PRIMARY KEY REFERENCES attachments(id), invoices text NOT NULL)
"""


def up(migrator, db):
    build(db, TABLES)
