"""Products as the shop shows them: contents by version, prices, the shelf, promotion prices, goods of the warehouse, take-downs."""

from portal.db import build, make_append_only

TABLES = """
CREATE TABLE products (
    id {id}, item_id bigint NOT NULL UNIQUE REFERENCES items(id), season varchar(12) NOT NULL DEFAULT ''
    CHECK (season IN ('', 'spring', 'summer', 'autumn', 'winter')), is_main boolean NOT NULL DEFAULT FALSE,
    cost bigint CHECK (cost >= 0), position integer NOT NULL DEFAULT 0, version integer NOT NULL DEFAULT 0 CHECK (version >= 0),
    checked_version integer, checked_by_id bigint REFERENCES persons(id), checked_at bigint,
    shown_version integer, up_at bigint, off_kind varchar(10) NOT NULL DEFAULT '' CHECK (off_kind IN ('', 'normal', 'abnormal', 'unlawful')),
    off_reason varchar(500) NOT NULL DEFAULT '', off_at bigint, is_archived boolean NOT NULL DEFAULT FALSE, created_at bigint NOT NULL,
    token varchar(40) UNIQUE, events integer NOT NULL DEFAULT 0, digest text NOT NULL DEFAULT '',
    CHECK (up_at IS NULL OR (shown_version IS NOT NULL AND off_kind = '' AND NOT is_archived)),
    CHECK ((checked_version IS NULL) = (checked_at IS NULL)), CHECK ((off_kind = '') = (off_at IS NULL)));
CREATE INDEX products_up ON products (up_at, id) WHERE up_at IS NOT NULL;
CREATE INDEX products_position ON products (position, id);
CREATE TABLE product_contents (
    id {id}, product_id bigint NOT NULL REFERENCES products(id), n integer NOT NULL CHECK (n > 0), name varchar(120) NOT NULL,
    name_en varchar(120) NOT NULL DEFAULT '', brand varchar(60) NOT NULL DEFAULT '', description text NOT NULL DEFAULT '',
    description_en text NOT NULL DEFAULT '', by_id bigint NOT NULL REFERENCES persons(id),
    at bigint NOT NULL, UNIQUE (product_id, n));
CREATE TABLE content_files (
    content_id bigint NOT NULL REFERENCES product_contents(id), n integer NOT NULL, attachment_id bigint NOT NULL REFERENCES attachments(id),
    PRIMARY KEY (content_id, n));
CREATE TABLE prices (
    id {id}, product_id bigint NOT NULL REFERENCES products(id), fen bigint NOT NULL CHECK (fen > 0), from_at bigint NOT NULL,
    case_id bigint NOT NULL REFERENCES cases(id), by_id bigint NOT NULL REFERENCES persons(id),
    approved_by_id bigint NOT NULL REFERENCES persons(id), UNIQUE (case_id, product_id), CHECK (by_id <> approved_by_id));
CREATE INDEX prices_product ON prices (product_id, from_at, id);
CREATE TABLE competitor_prices (
    id {id}, product_id bigint NOT NULL REFERENCES products(id), competitor varchar(60) NOT NULL CHECK (competitor <> ''),
    their_product varchar(120) NOT NULL CHECK (their_product <> ''), fen bigint NOT NULL CHECK (fen > 0), seen_on date NOT NULL,
    source varchar(300) NOT NULL CHECK (source <> ''), case_id bigint REFERENCES cases(id), by_id bigint NOT NULL REFERENCES persons(id),
    at bigint NOT NULL);
CREATE INDEX competitor_prices_product ON competitor_prices (product_id, seen_on, id);
CREATE INDEX competitor_prices_case ON competitor_prices (case_id) WHERE case_id IS NOT NULL;
CREATE TABLE price_proposals (
    case_id bigint PRIMARY KEY REFERENCES cases(id), cause varchar(16) NOT NULL CHECK (cause IN ('new', 'season', 'purchasing',
    'category', 'brand', 'stock', 'other')), reason varchar(1000) NOT NULL DEFAULT '', note varchar(2000) NOT NULL DEFAULT '',
    published_at bigint);
CREATE TABLE price_lines (
    id {id}, case_id bigint NOT NULL REFERENCES cases(id), version integer NOT NULL, n integer NOT NULL,
    product_id bigint NOT NULL REFERENCES products(id), old_fen bigint CHECK (old_fen > 0), new_fen bigint NOT NULL CHECK (new_fen > 0),
    cost bigint CHECK (cost >= 0), struck_because varchar(200) NOT NULL DEFAULT '', UNIQUE (case_id, version, n),
    UNIQUE (case_id, version, product_id));
CREATE INDEX price_lines_product ON price_lines (product_id, case_id);
CREATE TABLE open_proposals (
    product_id bigint PRIMARY KEY REFERENCES products(id), case_id bigint NOT NULL REFERENCES cases(id));
CREATE INDEX open_proposals_case ON open_proposals (case_id);
CREATE TABLE shop_files (
    id {id}, name varchar(200) NOT NULL, by_id bigint NOT NULL REFERENCES persons(id), at bigint NOT NULL,
    events integer NOT NULL DEFAULT 0, digest text NOT NULL DEFAULT '');
CREATE TABLE shop_prices (
    file_id bigint NOT NULL REFERENCES shop_files(id), n integer NOT NULL, code varchar(40) NOT NULL,
    product_id bigint REFERENCES products(id), fen bigint NOT NULL, PRIMARY KEY (file_id, n));
CREATE TABLE shelf_requests (
    case_id bigint PRIMARY KEY REFERENCES cases(id), way varchar(8) NOT NULL CHECK (way IN ('on', 'off', 'update')),
    reason varchar(500) NOT NULL DEFAULT '', planned_at bigint, done_at bigint);
CREATE TABLE shelf_lines (
    id {id}, case_id bigint NOT NULL REFERENCES cases(id), version integer NOT NULL, n integer NOT NULL,
    product_id bigint NOT NULL REFERENCES products(id), content integer, left_because text NOT NULL DEFAULT '', done_at bigint,
    UNIQUE (case_id, version, n), UNIQUE (case_id, version, product_id));
CREATE INDEX shelf_lines_product ON shelf_lines (product_id, case_id);
CREATE TABLE open_shelf_requests (
    product_id bigint PRIMARY KEY REFERENCES products(id), case_id bigint NOT NULL REFERENCES cases(id));
CREATE INDEX open_shelf_requests_case ON open_shelf_requests (case_id);
CREATE TABLE special_prices (
    id {id}, product_id bigint NOT NULL REFERENCES products(id), case_id bigint NOT NULL REFERENCES cases(id),
    fen bigint CHECK (fen > 0), gift varchar(120) NOT NULL DEFAULT '', starts_at bigint NOT NULL, ends_at bigint NOT NULL,
    by_id bigint NOT NULL REFERENCES persons(id), at bigint NOT NULL, cancelled_at bigint, UNIQUE (case_id, product_id),
    CHECK (starts_at < ends_at), CHECK (fen IS NOT NULL OR gift <> ''));
CREATE INDEX special_prices_product ON special_prices (product_id, ends_at);
CREATE TABLE goods_notes (
    case_id bigint PRIMARY KEY REFERENCES cases(id), way varchar(8) NOT NULL CHECK (way IN ('in', 'out', 'file')),
    reason varchar(500) NOT NULL DEFAULT '', slip varchar(60) NOT NULL DEFAULT '', moved_on date NOT NULL, booked_at bigint);
CREATE TABLE goods_note_lines (
    id {id}, case_id bigint NOT NULL REFERENCES cases(id), version integer NOT NULL, n integer NOT NULL,
    product_id bigint NOT NULL REFERENCES products(id), quantity bigint NOT NULL CHECK (quantity >= 0), before bigint, after bigint,
    UNIQUE (case_id, version, n), UNIQUE (case_id, version, product_id));
CREATE INDEX goods_note_lines_product ON goods_note_lines (product_id, case_id);
CREATE TABLE take_downs (
    id {id}, thing varchar(20) NOT NULL, thing_id bigint NOT NULL, title varchar(200) NOT NULL, snapshot text NOT NULL,
    reason varchar(1000) NOT NULL CHECK (reason <> ''), responsible_id bigint NOT NULL REFERENCES persons(id),
    by_id bigint NOT NULL REFERENCES persons(id), at bigint NOT NULL);
CREATE INDEX take_downs_thing ON take_downs (thing, thing_id)
"""


def up(migrator, db):
    build(db, TABLES)
    for table in ("product_contents", "content_files", "prices", "competitor_prices", "shop_prices", "take_downs"):
        make_append_only(db, table)
