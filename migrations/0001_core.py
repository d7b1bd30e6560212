"""The core: persons, history, policies, cases, ledger, files, search, notices, jobs and sessions."""

from peewee import PostgresqlDatabase

from portal.db import build, make_append_only

TABLES = """
CREATE TABLE departments (
    id {id}, name varchar(80) NOT NULL UNIQUE, name_en varchar(80) NOT NULL DEFAULT '',
    parent_id bigint REFERENCES departments(id), kind varchar(12) NOT NULL CHECK (kind IN ('branch', 'department')),
    mark varchar(12) UNIQUE, active boolean NOT NULL DEFAULT TRUE,
    events integer NOT NULL DEFAULT 0, digest text NOT NULL DEFAULT '', CHECK (parent_id <> id));
CREATE TABLE persons (
    id {id}, "user" varchar(40) NOT NULL UNIQUE, name varchar(80) NOT NULL, name_en varchar(80) NOT NULL DEFAULT '',
    department_id bigint NOT NULL REFERENCES departments(id),
    level varchar(12) NOT NULL DEFAULT 'ordinary' CHECK (level IN ('ordinary', 'back_office', 'db_admin')),
    active boolean NOT NULL DEFAULT TRUE, password_hash text NOT NULL DEFAULT '', password_set_at bigint,
    must_change_password boolean NOT NULL DEFAULT FALSE, language varchar(8) NOT NULL DEFAULT '', theme varchar(5) NOT NULL DEFAULT '',
    payment_account varchar(80) NOT NULL DEFAULT '', created_at bigint NOT NULL,
    events integer NOT NULL DEFAULT 0, digest text NOT NULL DEFAULT '');
CREATE INDEX persons_department ON persons (department_id);
CREATE TABLE grants (
    id {id}, person_id bigint NOT NULL REFERENCES persons(id), role varchar(30) NOT NULL,
    department_id bigint REFERENCES departments(id), starts date NOT NULL, ends date, acting boolean NOT NULL DEFAULT FALSE,
    reason varchar(200) NOT NULL DEFAULT '', granted_by_id bigint REFERENCES persons(id), revoked_at bigint,
    events integer NOT NULL DEFAULT 0, digest text NOT NULL DEFAULT '',
    CHECK (ends IS NULL OR ends >= starts), CHECK (granted_by_id <> person_id),
    CHECK (NOT acting OR (ends IS NOT NULL AND reason <> '')));
CREATE INDEX grants_person ON grants (person_id) WHERE revoked_at IS NULL;
CREATE INDEX grants_role ON grants (role, department_id) WHERE revoked_at IS NULL;
CREATE TABLE sessions (
    id {id}, token_hash varchar(64) NOT NULL UNIQUE, person_id bigint NOT NULL REFERENCES persons(id), created_at bigint NOT NULL,
    seen_at bigint NOT NULL, confirmed_at bigint NOT NULL, address varchar(60) NOT NULL DEFAULT '', browser varchar(200) NOT NULL DEFAULT '');
CREATE INDEX sessions_person ON sessions (person_id);
CREATE TABLE attempts (id {id}, at bigint NOT NULL, account varchar(64) NOT NULL, address varchar(60) NOT NULL);
CREATE INDEX attempts_account ON attempts (account, at);
CREATE INDEX attempts_address ON attempts (address, at);
CREATE TABLE kept (
    id {id}, person_id bigint NOT NULL REFERENCES persons(id), path varchar(500) NOT NULL, fields text NOT NULL, at bigint NOT NULL);
CREATE INDEX kept_person ON kept (person_id, at);
CREATE TABLE events (
    id {id}, thing varchar(20) NOT NULL, thing_id bigint NOT NULL, n integer NOT NULL CHECK (n > 0), at bigint NOT NULL,
    by_id bigint REFERENCES persons(id), on_behalf_of_id bigint REFERENCES persons(id), post varchar(40) NOT NULL DEFAULT '',
    action varchar(40) NOT NULL, before varchar(30) NOT NULL DEFAULT '', after varchar(30) NOT NULL DEFAULT '',
    version integer NOT NULL DEFAULT 0, note text NOT NULL DEFAULT '', data text NOT NULL DEFAULT '{}',
    request_id varchar(40) NOT NULL DEFAULT '', digest varchar(64) NOT NULL, UNIQUE (thing, thing_id, n));
CREATE INDEX events_by ON events (by_id, at);
CREATE TABLE refusals (
    id {id}, at bigint NOT NULL, person_id bigint REFERENCES persons(id), attempt varchar(200) NOT NULL, thing varchar(20) NOT NULL DEFAULT '',
    thing_id bigint, why text NOT NULL DEFAULT '', request_id varchar(40) NOT NULL DEFAULT '');
CREATE TABLE policies (
    id {id}, "key" varchar(60) NOT NULL UNIQUE, value text NOT NULL, events integer NOT NULL DEFAULT 0, digest text NOT NULL DEFAULT '');
CREATE TABLE cases (
    id {id}, kind varchar(20) NOT NULL, number varchar(24) UNIQUE, title varchar(120) NOT NULL CHECK (title <> ''),
    requester_id bigint NOT NULL REFERENCES persons(id), preparer_id bigint NOT NULL REFERENCES persons(id),
    beneficiary_id bigint NOT NULL REFERENCES persons(id), department_id bigint NOT NULL REFERENCES departments(id),
    amount bigint CHECK (amount >= 0), state varchar(30) NOT NULL, mark varchar(20) NOT NULL DEFAULT '',
    version integer NOT NULL DEFAULT 1, created_at bigint NOT NULL, submitted_at bigint, closed_at bigint,
    parent_id bigint REFERENCES cases(id), token varchar(40) NOT NULL UNIQUE,
    events integer NOT NULL DEFAULT 0, digest text NOT NULL DEFAULT '');
CREATE INDEX cases_requester ON cases (requester_id, id);
CREATE INDEX cases_parent ON cases (parent_id) WHERE parent_id IS NOT NULL;
CREATE INDEX cases_kind_state ON cases (kind, state, id);
CREATE TABLE tasks (
    id {id}, case_id bigint NOT NULL REFERENCES cases(id), state varchar(30) NOT NULL, wanted varchar(40) NOT NULL, post varchar(40) NOT NULL,
    barred text NOT NULL DEFAULT ',', stuck integer NOT NULL DEFAULT 0, tab varchar(10) NOT NULL DEFAULT 'waiting',
    opened bigint NOT NULL, due bigint NOT NULL, closed bigint, closed_by_id bigint REFERENCES persons(id),
    on_behalf_of_id bigint REFERENCES persons(id), step varchar(40) NOT NULL DEFAULT '',
    CHECK (closed_by_id IS NULL OR barred NOT LIKE '%,' || closed_by_id || ',%'),
    CHECK (on_behalf_of_id IS NULL OR barred NOT LIKE '%,' || on_behalf_of_id || ',%'));
CREATE INDEX tasks_open ON tasks (post, tab, due, id) WHERE closed IS NULL;
CREATE INDEX tasks_case ON tasks (case_id) WHERE closed IS NULL;
CREATE INDEX tasks_closed ON tasks (closed_by_id, closed) WHERE closed IS NOT NULL;
CREATE TABLE counters (kind varchar(20) NOT NULL, year integer NOT NULL, last integer NOT NULL, PRIMARY KEY (kind, year));
CREATE TABLE accounts (
    id {id}, book varchar(12) NOT NULL, put bigint NOT NULL DEFAULT 0 CHECK (put >= 0), held bigint NOT NULL DEFAULT 0 CHECK (held >= 0),
    taken bigint NOT NULL DEFAULT 0 CHECK (taken >= 0), CHECK (put - held - taken >= 0));
CREATE TABLE entries (
    id {id}, account_id bigint NOT NULL REFERENCES accounts(id),
    verb varchar(8) NOT NULL CHECK (verb IN ('put', 'cut', 'hold', 'release', 'take')), amount bigint NOT NULL CHECK (amount > 0),
    put bigint NOT NULL, held bigint NOT NULL, taken bigint NOT NULL, case_id bigint REFERENCES cases(id),
    settles_id bigint UNIQUE REFERENCES entries(id), by_id bigint REFERENCES persons(id), at bigint NOT NULL, why text NOT NULL DEFAULT '',
    request_id varchar(40) NOT NULL DEFAULT '');
CREATE INDEX entries_account ON entries (account_id, id);
CREATE INDEX entries_case ON entries (case_id) WHERE case_id IS NOT NULL;
CREATE TABLE attachments (
    id {id}, thing varchar(20) NOT NULL, thing_id bigint NOT NULL, purpose varchar(20) NOT NULL, sha256 varchar(64) NOT NULL,
    name varchar(200) NOT NULL, type varchar(80) NOT NULL, size_bytes bigint NOT NULL CHECK (size_bytes > 0),
    by_id bigint NOT NULL REFERENCES persons(id), at bigint NOT NULL, removed_at bigint);
CREATE INDEX attachments_thing ON attachments (thing, thing_id);
CREATE INDEX attachments_by ON attachments (by_id, at);
CREATE TABLE documents (id {id}, thing varchar(20) NOT NULL, thing_id bigint NOT NULL, UNIQUE (thing, thing_id));
CREATE TABLE notices (
    id {id}, person_id bigint NOT NULL REFERENCES persons(id), at bigint NOT NULL, topic varchar(20) NOT NULL, text text NOT NULL,
    case_id bigint REFERENCES cases(id), read_at bigint);
CREATE INDEX notices_person ON notices (person_id, id);
CREATE INDEX notices_unread ON notices (person_id) WHERE read_at IS NULL;
CREATE TABLE job_runs (
    id {id}, job varchar(60) NOT NULL UNIQUE, leased_until bigint NOT NULL DEFAULT 0, started_at bigint, done_at bigint,
    said text NOT NULL DEFAULT '', failed text NOT NULL DEFAULT '')
"""
READERS = """
CREATE TABLE readers (case_id bigint NOT NULL REFERENCES cases(id), post varchar(40) NOT NULL, PRIMARY KEY (post, case_id))%s;
CREATE INDEX readers_case ON readers (case_id)
"""


def up(migrator, db):
    on_postgres = isinstance(db, PostgresqlDatabase)
    build(db, TABLES)
    build(db, READERS % ("" if on_postgres else " WITHOUT ROWID"))
    if on_postgres:
        build(db, "CREATE TABLE document_words (id bigint PRIMARY KEY REFERENCES documents(id), words tsvector NOT NULL)")
        build(db, "CREATE INDEX document_words_words ON document_words USING gin (words)")
    else:
        build(db, "CREATE VIRTUAL TABLE document_words USING fts5(words, readers, tokenize='ascii', detail='column', columnsize=0)")
    for table in ("events", "entries", "refusals"):
        make_append_only(db, table)
