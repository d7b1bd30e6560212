"""People: roles that wait for confirmation, addresses people sign in from, and what happened beside the papers."""

from portal.db import build

TABLES = """
CREATE TABLE grant_requests (
    case_id bigint PRIMARY KEY REFERENCES cases(id), person_id bigint NOT NULL REFERENCES persons(id), role varchar(30) NOT NULL,
    scope_id bigint REFERENCES departments(id), starts date NOT NULL, ends date, acting boolean NOT NULL DEFAULT FALSE,
    reason varchar(200) NOT NULL DEFAULT '', given_id bigint UNIQUE REFERENCES grants(id),
    CHECK (ends IS NULL OR ends >= starts), CHECK (NOT acting OR (ends IS NOT NULL AND reason <> '')));
CREATE INDEX grant_requests_person ON grant_requests (person_id);
CREATE TABLE known_addresses (
    person_id bigint NOT NULL REFERENCES persons(id), address varchar(60) NOT NULL, seen_at bigint NOT NULL, PRIMARY KEY (person_id, address));
CREATE INDEX events_beside_papers ON events (id) WHERE thing <> 'case'
"""


def up(migrator, db):
    build(db, TABLES)
