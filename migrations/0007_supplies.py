"""Office supplies: catalogue, suppliers, limits, wishes, draws, goods in, and consumption by month."""

from portal.db import build

TABLES = """
CREATE TABLE supplies (
    item_id bigint PRIMARY KEY REFERENCES items(id), specification varchar(200) NOT NULL CHECK (specification <> ''),
    purchase_unit varchar(20) NOT NULL CHECK (purchase_unit <> ''), per_purchase integer NOT NULL CHECK (per_purchase >= 1),
    reorder_level integer CHECK (reorder_level >= 0));
CREATE TABLE suppliers (
    id {id}, name varchar(120) NOT NULL UNIQUE CHECK (name <> ''), contact varchar(80) NOT NULL DEFAULT '', phone varchar(40) NOT NULL DEFAULT '',
    email varchar(120) NOT NULL DEFAULT '', address varchar(200) NOT NULL DEFAULT '', note varchar(500) NOT NULL DEFAULT '',
    active boolean NOT NULL DEFAULT TRUE, events integer NOT NULL DEFAULT 0, digest text NOT NULL DEFAULT '');
CREATE TABLE limit_papers (case_id bigint PRIMARY KEY REFERENCES cases(id), since integer NOT NULL CHECK (since BETWEEN 200001 AND 210012));
CREATE TABLE limit_lines (
    id {id}, case_id bigint NOT NULL REFERENCES cases(id), version integer NOT NULL, n integer NOT NULL,
    department_id bigint NOT NULL REFERENCES departments(id), item_id bigint NOT NULL REFERENCES items(id),
    old integer CHECK (old >= 0), new integer CHECK (new >= 0),
    UNIQUE (case_id, version, n), UNIQUE (case_id, version, department_id, item_id));
CREATE TABLE supply_limits (
    id {id}, department_id bigint NOT NULL REFERENCES departments(id), item_id bigint NOT NULL REFERENCES items(id),
    since integer NOT NULL CHECK (since BETWEEN 200001 AND 210012), quantity integer CHECK (quantity >= 0),
    case_id bigint NOT NULL REFERENCES cases(id), UNIQUE (department_id, item_id, since));
CREATE TABLE wishes (case_id bigint PRIMARY KEY REFERENCES cases(id), note varchar(500) NOT NULL DEFAULT '');
CREATE TABLE wish_lines (
    id {id}, case_id bigint NOT NULL REFERENCES cases(id), version integer NOT NULL, n integer NOT NULL,
    item_id bigint REFERENCES items(id), text varchar(200) NOT NULL DEFAULT '', quantity integer NOT NULL CHECK (quantity > 0),
    UNIQUE (case_id, version, n), CHECK ((item_id IS NULL) = (text <> '')));
CREATE TABLE suggestions (
    id {id}, wish_line_id bigint NOT NULL UNIQUE REFERENCES wish_lines(id), answer varchar(10) NOT NULL DEFAULT '' CHECK (answer IN ('', 'added', 'declined')),
    item_id bigint REFERENCES items(id), note varchar(500) NOT NULL DEFAULT '', answered_by_id bigint REFERENCES persons(id), answered_at bigint,
    events integer NOT NULL DEFAULT 0, digest text NOT NULL DEFAULT '',
    CHECK ((answer = '') = (answered_at IS NULL)), CHECK (answer <> 'declined' OR note <> ''));
CREATE TABLE draws (
    case_id bigint PRIMARY KEY REFERENCES cases(id), month integer CHECK (month BETWEEN 200001 AND 210012), is_special boolean NOT NULL DEFAULT FALSE,
    in_place_of_id bigint REFERENCES persons(id), away varchar(200) NOT NULL DEFAULT '', approved_at bigint, issued_at bigint, received_at bigint,
    CHECK (in_place_of_id IS NULL OR away <> ''));
CREATE INDEX draws_month ON draws (month, case_id);
CREATE TABLE draw_lines (
    id {id}, case_id bigint NOT NULL REFERENCES cases(id), version integer NOT NULL, n integer NOT NULL,
    item_id bigint NOT NULL REFERENCES items(id), quantity integer NOT NULL CHECK (quantity > 0), reason varchar(200) NOT NULL DEFAULT '',
    stock bigint NOT NULL CHECK (stock >= 0), half_year bigint NOT NULL CHECK (half_year >= 0), limit_left integer CHECK (limit_left >= 0),
    suggested integer NOT NULL CHECK (suggested >= 0), granted integer CHECK (granted BETWEEN 0 AND quantity),
    cut_reason varchar(200) NOT NULL DEFAULT '', cut_by_id bigint REFERENCES persons(id), issued integer NOT NULL DEFAULT 0,
    declined integer NOT NULL DEFAULT 0, decline_reason varchar(200) NOT NULL DEFAULT '',
    UNIQUE (case_id, version, n), UNIQUE (case_id, version, item_id), CHECK (issued BETWEEN 0 AND COALESCE(granted, 0)),
    CHECK (declined BETWEEN 0 AND issued), CHECK (declined = 0 OR decline_reason <> ''), CHECK (granted IS NULL OR granted = quantity OR cut_reason <> ''));
CREATE INDEX draw_lines_item ON draw_lines (item_id, case_id);
CREATE TABLE draw_wishes (
    id {id}, case_id bigint NOT NULL REFERENCES cases(id), version integer NOT NULL, wish_line_id bigint NOT NULL REFERENCES wish_lines(id),
    quantity integer NOT NULL CHECK (quantity >= 0), reason varchar(200) NOT NULL DEFAULT '', UNIQUE (case_id, version, wish_line_id));
CREATE INDEX draw_wishes_line ON draw_wishes (wish_line_id);
CREATE TABLE goods_in (
    case_id bigint PRIMARY KEY REFERENCES cases(id), source varchar(10) NOT NULL CHECK (source IN ('delivery', 'gift', 'return', 'opening')),
    supplier_id bigint REFERENCES suppliers(id), delivery_note varchar(60) NOT NULL DEFAULT '', received_on date NOT NULL,
    confirmed_at bigint, CHECK (source <> 'delivery' OR supplier_id IS NOT NULL));
CREATE TABLE goods_in_lines (
    id {id}, case_id bigint NOT NULL REFERENCES cases(id), version integer NOT NULL, n integer NOT NULL,
    item_id bigint NOT NULL REFERENCES items(id), quantity integer NOT NULL CHECK (quantity > 0), note varchar(200) NOT NULL DEFAULT '',
    UNIQUE (case_id, version, n), UNIQUE (case_id, version, item_id));
CREATE TABLE supply_months (
    department_id bigint NOT NULL REFERENCES departments(id), item_id bigint NOT NULL REFERENCES items(id),
    month integer NOT NULL CHECK (month BETWEEN 200001 AND 210012), quantity bigint NOT NULL CHECK (quantity >= 0),
    PRIMARY KEY (department_id, item_id, month));
CREATE INDEX supply_months_item ON supply_months (item_id, month)
"""


def up(migrator, db):
    build(db, TABLES)
