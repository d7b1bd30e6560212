"""Where employees and suppliers are paid, a row a change; and payment runs with what became of each line."""

from portal.db import build, make_append_only

TABLES = """
CREATE TABLE payment_accounts (
    id {id}, person_id bigint REFERENCES persons(id), supplier_id bigint REFERENCES suppliers(id),
    bank varchar(80) NOT NULL DEFAULT '', number varchar(80) NOT NULL DEFAULT '', holder varchar(80) NOT NULL DEFAULT '',
    by_id bigint NOT NULL REFERENCES persons(id), at bigint NOT NULL, CHECK ((person_id IS NULL) <> (supplier_id IS NULL)));
CREATE INDEX payment_accounts_person ON payment_accounts (person_id, id) WHERE person_id IS NOT NULL;
CREATE INDEX payment_accounts_supplier ON payment_accounts (supplier_id, id) WHERE supplier_id IS NOT NULL;
INSERT INTO payment_accounts (person_id, number, holder, by_id, at)
    SELECT id, payment_account, name, id, created_at FROM persons WHERE payment_account <> '' ORDER BY id;
ALTER TABLE persons DROP COLUMN payment_account;
CREATE TABLE payment_runs (
    id {id}, number varchar(24) NOT NULL UNIQUE, fund_id bigint NOT NULL REFERENCES funds(id), day date NOT NULL,
    method varchar(10) NOT NULL, reference varchar(70) NOT NULL DEFAULT '', by_id bigint NOT NULL REFERENCES persons(id),
    at bigint NOT NULL, token varchar(40) NOT NULL UNIQUE);
CREATE TABLE payment_run_lines (
    id {id}, run_id bigint NOT NULL REFERENCES payment_runs(id), n integer NOT NULL,
    payable_id bigint NOT NULL REFERENCES payables(id), amount bigint NOT NULL CHECK (amount > 0),
    entry_id bigint UNIQUE REFERENCES cash_entries(id), why text NOT NULL DEFAULT '', UNIQUE (run_id, n), UNIQUE (run_id, payable_id),
    CHECK (entry_id IS NULL OR why = ''))
"""


def up(migrator, db):
    build(db, TABLES)
    make_append_only(db, "payment_accounts")
