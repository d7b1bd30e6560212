"""Manuscripts with their texts by version, each publication with what was confirmed, and the log of the site's upkeep."""

from portal.db import build, make_append_only

TABLES = """
CREATE TABLE manuscripts (
    case_id bigint PRIMARY KEY REFERENCES cases(id),
    kind varchar(10) NOT NULL CHECK (kind IN ('product', 'company', 'news', 'article', 'slot')),
    topic varchar(12) NOT NULL DEFAULT '' CHECK (topic IN ('', 'affairs', 'foreign', 'visit', 'profile', 'news', 'important', 'goods',
    'campaign', 'service', 'other')),
    channel varchar(12) NOT NULL DEFAULT 'own' CHECK (channel IN ('own', 'department', 'supplier', 'customer', 'media', 'web', 'other')),
    source varchar(200) NOT NULL DEFAULT '', source_department_id bigint REFERENCES departments(id),
    confidential boolean NOT NULL DEFAULT FALSE, copyrighted boolean NOT NULL DEFAULT FALSE, licence varchar(300) NOT NULL DEFAULT '',
    on_news boolean NOT NULL DEFAULT FALSE, on_home boolean NOT NULL DEFAULT FALSE, on_shop boolean NOT NULL DEFAULT FALSE,
    product_id bigint REFERENCES products(id), plan_id bigint REFERENCES cases(id),
    place varchar(10) NOT NULL DEFAULT '' CHECK (place IN ('', 'headline', 'floating', 'banner')), starts_on date, ends_on date,
    link varchar(300) NOT NULL DEFAULT '', vouched_by_id bigint REFERENCES persons(id), vouched_at bigint,
    published_at bigint, published_version integer, told_late bigint,
    CHECK (place = '' OR kind = 'slot'), CHECK (ends_on >= starts_on), CHECK ((vouched_by_id IS NULL) = (vouched_at IS NULL)),
    CHECK ((published_at IS NULL) = (published_version IS NULL)));
CREATE INDEX manuscripts_published ON manuscripts (published_at, case_id) WHERE published_at IS NOT NULL;
CREATE INDEX manuscripts_slots ON manuscripts (ends_on, case_id) WHERE kind = 'slot';
CREATE INDEX manuscripts_product ON manuscripts (product_id) WHERE product_id IS NOT NULL;
CREATE TABLE manuscript_texts (
    id {id}, case_id bigint NOT NULL REFERENCES cases(id), version integer NOT NULL, n integer NOT NULL,
    title varchar(120) NOT NULL DEFAULT '', title_en varchar(120) NOT NULL DEFAULT '', body text NOT NULL DEFAULT '',
    body_en text NOT NULL DEFAULT '', files text NOT NULL DEFAULT '', by_id bigint REFERENCES persons(id), at bigint,
    UNIQUE (case_id, version, n));
CREATE TABLE publications (
    id {id}, case_id bigint NOT NULL REFERENCES cases(id), version integer NOT NULL, by_id bigint NOT NULL REFERENCES persons(id),
    at bigint NOT NULL, due_at bigint NOT NULL, confirmed text NOT NULL CHECK (confirmed <> ''));
CREATE INDEX publications_case ON publications (case_id, id);
CREATE INDEX publications_late ON publications (id) WHERE at > due_at;
CREATE TABLE upkeep (
    id {id}, done_on date NOT NULL, part varchar(10) NOT NULL CHECK (part IN ('news', 'goods', 'slots', 'layout', 'accounts', 'other')),
    text varchar(1000) NOT NULL CHECK (text <> ''), by_id bigint NOT NULL REFERENCES persons(id), at bigint NOT NULL,
    token varchar(40) NOT NULL UNIQUE);
CREATE INDEX upkeep_day ON upkeep (done_on, id)
"""


def up(migrator, db):
    build(db, TABLES)
    make_append_only(db, "publications")
    make_append_only(db, "upkeep")
