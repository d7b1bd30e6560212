"""What is arranged in the shop and looked at afterwards, and the tasks for pictures and texts."""

from portal.db import build

TABLES = """
CREATE TABLE arrangements (
    id {id}, thing varchar(20) NOT NULL CHECK (thing IN ('product', 'itemcategory')), thing_id bigint NOT NULL,
    what varchar(12) NOT NULL CHECK (what IN ('category', 'position', 'archive', 'restore', 'add', 'change')),
    told text NOT NULL, by_id bigint NOT NULL REFERENCES persons(id), at bigint NOT NULL,
    reviewed_by_id bigint REFERENCES persons(id), reviewed_at bigint, note varchar(200) NOT NULL DEFAULT '',
    CHECK ((reviewed_by_id IS NULL) = (reviewed_at IS NULL)), CHECK (reviewed_by_id <> by_id));
CREATE INDEX arrangements_open ON arrangements (id) WHERE reviewed_at IS NULL;
CREATE INDEX arrangements_thing ON arrangements (thing, thing_id, id);
CREATE TABLE content_tasks (
    case_id bigint PRIMARY KEY REFERENCES cases(id), product_id bigint REFERENCES products(id),
    about varchar(120) NOT NULL DEFAULT '', needs varchar(12) NOT NULL CHECK (needs IN ('pictures', 'description', 'page')),
    brief varchar(2000) NOT NULL DEFAULT '', due_on date, asked_version integer, made_version integer);
CREATE INDEX content_tasks_product ON content_tasks (product_id, case_id) WHERE product_id IS NOT NULL;
CREATE INDEX product_contents_brand ON product_contents (brand, product_id)
"""


def up(migrator, db):
    build(db, TABLES)
