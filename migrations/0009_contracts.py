"""The contract archive: register, parties, amendments, loans, readings, checks, incidents, custody and destruction."""

from portal.db import build, make_append_only

TABLES = """
CREATE TABLE natures (
    id {id}, code varchar(8) NOT NULL UNIQUE CHECK (code <> ''), name varchar(60) NOT NULL UNIQUE CHECK (name <> ''),
    name_en varchar(60) NOT NULL DEFAULT '', years_kept integer CHECK (years_kept > 0), active boolean NOT NULL DEFAULT TRUE,
    events integer NOT NULL DEFAULT 0, digest text NOT NULL DEFAULT '');
CREATE TABLE contract_numbers (
    year integer NOT NULL, nature_id bigint NOT NULL REFERENCES natures(id), last integer NOT NULL CHECK (last > 0),
    PRIMARY KEY (year, nature_id));
CREATE TABLE contracts (
    id {id}, number varchar(24) NOT NULL UNIQUE CHECK (number <> ''), year integer NOT NULL CHECK (year BETWEEN 1949 AND 2100),
    nature_id bigint NOT NULL REFERENCES natures(id), seq integer NOT NULL CHECK (seq > 0), former_number varchar(60) NOT NULL DEFAULT '',
    title varchar(200) NOT NULL CHECK (title <> ''), amount bigint CHECK (amount >= 0), signed_on date NOT NULL, starts date, ends date,
    department_id bigint NOT NULL REFERENCES departments(id), responsible_id bigint NOT NULL REFERENCES persons(id),
    room varchar(40) NOT NULL CHECK (room <> ''), cabinet varchar(40) NOT NULL DEFAULT '', box varchar(40) NOT NULL DEFAULT '',
    fire_proof boolean NOT NULL DEFAULT FALSE, damp_proof boolean NOT NULL DEFAULT FALSE,
    originals integer NOT NULL CHECK (originals >= 0), pages integer NOT NULL CHECK (pages > 0), keywords varchar(200) NOT NULL DEFAULT '',
    confidential boolean NOT NULL DEFAULT FALSE, language varchar(8) NOT NULL DEFAULT 'zh-Hans' CHECK (language IN ('zh-Hans', 'zh-Hant', 'en')),
    group_file varchar(60) NOT NULL DEFAULT '', note varchar(500) NOT NULL DEFAULT '',
    state varchar(12) NOT NULL DEFAULT 'in_archive' CHECK (state IN ('in_archive', 'flagged', 'withdrawn', 'destroyed')),
    copies integer NOT NULL DEFAULT 0 CHECK (copies >= 0), reminded_for date, checked_at bigint, token varchar(40) UNIQUE,
    created_at bigint NOT NULL,
    events integer NOT NULL DEFAULT 0, digest text NOT NULL DEFAULT '', UNIQUE (year, nature_id, seq), CHECK (ends IS NULL OR ends >= signed_on OR ends >= starts));
CREATE INDEX contracts_signed ON contracts (signed_on, id);
CREATE INDEX contracts_department ON contracts (department_id, id);
CREATE INDEX contracts_nature ON contracts (nature_id, year, id);
CREATE INDEX contracts_ends ON contracts (ends, id) WHERE ends IS NOT NULL;
CREATE INDEX contracts_amount ON contracts (amount, id);
CREATE INDEX contracts_place ON contracts (room, cabinet, box, id);
CREATE INDEX contracts_former ON contracts (former_number) WHERE former_number <> '';
CREATE TABLE contract_parties (
    id {id}, contract_id bigint NOT NULL REFERENCES contracts(id), n integer NOT NULL, name varchar(120) NOT NULL CHECK (name <> ''),
    UNIQUE (contract_id, n));
CREATE INDEX contract_parties_name ON contract_parties (name, contract_id);
CREATE TABLE amendments (
    id {id}, contract_id bigint NOT NULL REFERENCES contracts(id), n integer NOT NULL, signed_on date NOT NULL,
    subject varchar(200) NOT NULL CHECK (subject <> ''), amount bigint CHECK (amount >= 0), ends date, pages integer NOT NULL CHECK (pages > 0),
    by_id bigint NOT NULL REFERENCES persons(id), at bigint NOT NULL, UNIQUE (contract_id, n));
CREATE TABLE contract_links (
    id {id}, contract_id bigint NOT NULL REFERENCES contracts(id), other_id bigint REFERENCES contracts(id), case_id bigint REFERENCES cases(id),
    note varchar(120) NOT NULL DEFAULT '', CHECK ((other_id IS NULL) <> (case_id IS NULL)), CHECK (other_id IS NULL OR other_id <> contract_id),
    UNIQUE (contract_id, other_id), UNIQUE (contract_id, case_id));
CREATE INDEX contract_links_other ON contract_links (other_id) WHERE other_id IS NOT NULL;
CREATE TABLE readings (
    id {id}, contract_id bigint NOT NULL REFERENCES contracts(id), person_id bigint NOT NULL REFERENCES persons(id),
    by_id bigint NOT NULL REFERENCES persons(id), at bigint NOT NULL, note varchar(200) NOT NULL DEFAULT '');
CREATE INDEX readings_contract ON readings (contract_id, id);
CREATE TABLE saved_searches (
    id {id}, person_id bigint NOT NULL REFERENCES persons(id), name varchar(60) NOT NULL CHECK (name <> ''), query varchar(500) NOT NULL,
    UNIQUE (person_id, name));
CREATE TABLE scan_texts (
    attachment_id bigint PRIMARY KEY REFERENCES attachments(id), state varchar(10) NOT NULL DEFAULT 'waiting'
    CHECK (state IN ('waiting', 'read', 'empty', 'failed')), text text NOT NULL DEFAULT '', pages integer, at bigint);
CREATE TABLE loans (
    case_id bigint PRIMARY KEY REFERENCES cases(id), contract_id bigint NOT NULL REFERENCES contracts(id),
    form varchar(10) NOT NULL DEFAULT 'copy' CHECK (form IN ('copy', 'original')), purpose varchar(500) NOT NULL DEFAULT '',
    reason varchar(500) NOT NULL DEFAULT '', is_open boolean NOT NULL DEFAULT FALSE, copy_number integer, pages_out integer CHECK (pages_out > 0),
    lent_at bigint, due_on date, is_extended boolean NOT NULL DEFAULT FALSE, returned_at bigint, pages_back integer CHECK (pages_back >= 0),
    condition varchar(10) NOT NULL DEFAULT '' CHECK (condition IN ('', 'good', 'damaged')),
    fate varchar(10) NOT NULL DEFAULT '' CHECK (fate IN ('', 'returned', 'destroyed', 'lost')), reminded_for date, escalated_for date,
    UNIQUE (contract_id, copy_number), CHECK ((lent_at IS NULL) = (due_on IS NULL)));
CREATE UNIQUE INDEX loans_original ON loans (contract_id) WHERE form = 'original' AND is_open;
CREATE INDEX loans_contract ON loans (contract_id, case_id);
CREATE INDEX loans_due ON loans (due_on, case_id) WHERE lent_at IS NOT NULL AND returned_at IS NULL;
CREATE TABLE archive_checks (
    case_id bigint PRIMARY KEY REFERENCES cases(id), half varchar(8) NOT NULL DEFAULT '', opened_on date NOT NULL,
    due_on date NOT NULL, alarmed boolean NOT NULL DEFAULT FALSE, closed_at bigint);
CREATE UNIQUE INDEX archive_checks_half ON archive_checks (half) WHERE half <> '';
CREATE TABLE check_lines (
    id {id}, case_id bigint NOT NULL REFERENCES cases(id), contract_id bigint NOT NULL REFERENCES contracts(id),
    expected varchar(10) NOT NULL CHECK (expected IN ('here', 'lent')), result varchar(12) NOT NULL DEFAULT ''
    CHECK (result IN ('', 'present', 'missing', 'damaged', 'wrong_place', 'on_loan', 'found')), found_place varchar(130) NOT NULL DEFAULT '',
    fire_proof boolean, damp_proof boolean, note varchar(200) NOT NULL DEFAULT '', by_id bigint REFERENCES persons(id), at bigint,
    incident_id bigint REFERENCES cases(id), UNIQUE (case_id, contract_id), CHECK ((result = '') = (at IS NULL)));
CREATE INDEX check_lines_open ON check_lines (case_id, id) WHERE result = '';
CREATE TABLE check_scans (
    id {id}, case_id bigint NOT NULL REFERENCES cases(id), contract_id bigint REFERENCES contracts(id), code varchar(200) NOT NULL,
    result varchar(12) NOT NULL, by_id bigint NOT NULL REFERENCES persons(id), at bigint NOT NULL);
CREATE INDEX check_scans_case ON check_scans (case_id, id);
CREATE TABLE incidents (
    case_id bigint PRIMARY KEY REFERENCES cases(id), contract_id bigint NOT NULL REFERENCES contracts(id),
    kind varchar(10) NOT NULL CHECK (kind IN ('lost', 'missing', 'damaged', 'pages')), source_id bigint REFERENCES cases(id),
    cause varchar(1000) NOT NULL DEFAULT '', handling varchar(1000) NOT NULL DEFAULT '', responsible_id bigint REFERENCES persons(id),
    decision varchar(1000) NOT NULL DEFAULT '', replacement varchar(500) NOT NULL DEFAULT '',
    outcome varchar(10) NOT NULL DEFAULT '' CHECK (outcome IN ('', 'kept', 'gone')), closed_at bigint);
CREATE INDEX incidents_contract ON incidents (contract_id, case_id);
CREATE TABLE intakes (
    case_id bigint PRIMARY KEY REFERENCES cases(id), partner varchar(120) NOT NULL CHECK (partner <> ''), group_file varchar(60) NOT NULL DEFAULT '',
    note varchar(500) NOT NULL DEFAULT '', contract_id bigint REFERENCES contracts(id));
CREATE TABLE handovers (
    case_id bigint PRIMARY KEY REFERENCES cases(id), outgoing_id bigint NOT NULL REFERENCES persons(id),
    incoming_id bigint NOT NULL REFERENCES persons(id), signed_out_at bigint, signed_in_at bigint, CHECK (outgoing_id <> incoming_id));
CREATE TABLE handover_lines (
    case_id bigint NOT NULL REFERENCES cases(id), contract_id bigint NOT NULL REFERENCES contracts(id), place varchar(130) NOT NULL,
    state varchar(12) NOT NULL, PRIMARY KEY (case_id, contract_id));
CREATE TABLE destructions (
    case_id bigint PRIMARY KEY REFERENCES cases(id), reason varchar(500) NOT NULL CHECK (reason <> ''),
    first_witness_id bigint REFERENCES persons(id), second_witness_id bigint REFERENCES persons(id), destroyed_at bigint,
    CHECK (first_witness_id IS NULL OR second_witness_id IS NULL OR first_witness_id <> second_witness_id));
CREATE TABLE destruction_lines (
    id {id}, case_id bigint NOT NULL REFERENCES cases(id), version integer NOT NULL, n integer NOT NULL,
    contract_id bigint NOT NULL REFERENCES contracts(id), UNIQUE (case_id, version, n), UNIQUE (case_id, version, contract_id))
"""


def up(migrator, db):
    build(db, TABLES)
    for table in ("readings", "check_scans"):
        make_append_only(db, table)
