"""People: a role that waits for the general manager's confirmation."""

from portal.db import build

TABLES = """
CREATE TABLE grant_requests (
    case_id bigint PRIMARY KEY REFERENCES cases(id), person_id bigint NOT NULL REFERENCES persons(id), role varchar(30) NOT NULL,
    scope_id bigint REFERENCES departments(id), starts date NOT NULL, ends date, acting boolean NOT NULL DEFAULT FALSE,
    reason varchar(200) NOT NULL DEFAULT '', given_id bigint UNIQUE REFERENCES grants(id),
    CHECK (ends IS NULL OR ends >= starts), CHECK (NOT acting OR (ends IS NOT NULL AND reason <> '')));
CREATE INDEX grant_requests_person ON grant_requests (person_id)
"""


def up(migrator, db):
    build(db, TABLES)
