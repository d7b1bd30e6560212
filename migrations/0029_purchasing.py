"""Buying: contacts and quotes of suppliers, applications, orders, receipts, invoices of suppliers, and purchases nearby."""

from portal.db import build, make_append_only

TABLES = """
CREATE TABLE supplier_contacts (
    id {id}, supplier_id bigint NOT NULL REFERENCES suppliers(id), name varchar(80) NOT NULL CHECK (name <> ''), post varchar(80) NOT NULL DEFAULT '',
    phone varchar(40) NOT NULL DEFAULT '', email varchar(120) NOT NULL DEFAULT '', note varchar(200) NOT NULL DEFAULT '');
CREATE INDEX supplier_contacts_supplier ON supplier_contacts (supplier_id);
CREATE TABLE supplier_categories (
    supplier_id bigint NOT NULL REFERENCES suppliers(id), category_id bigint NOT NULL REFERENCES item_categories(id), PRIMARY KEY (supplier_id, category_id));
CREATE TABLE quotes (
    id {id}, supplier_id bigint NOT NULL REFERENCES suppliers(id), item_id bigint NOT NULL REFERENCES items(id),
    price bigint NOT NULL CHECK (price > 0), pack varchar(20) NOT NULL, per_pack integer NOT NULL CHECK (per_pack > 0),
    valid_from date NOT NULL, valid_until date NOT NULL, delivery_days integer CHECK (delivery_days >= 0), note varchar(200) NOT NULL DEFAULT '',
    by_id bigint NOT NULL REFERENCES persons(id), at bigint NOT NULL, withdrawn_at bigint, withdrawn_by_id bigint REFERENCES persons(id),
    withdrawn_because varchar(200) NOT NULL DEFAULT '', token varchar(40) UNIQUE, events integer NOT NULL DEFAULT 0, digest text NOT NULL DEFAULT '',
    CHECK (valid_until >= valid_from), CHECK ((withdrawn_at IS NULL) = (withdrawn_because = '')));
CREATE INDEX quotes_item ON quotes (item_id, valid_until);
CREATE INDEX quotes_supplier ON quotes (supplier_id, id);

CREATE TABLE purchases (
    case_id bigint PRIMARY KEY REFERENCES cases(id), cause varchar(12) NOT NULL CHECK (cause IN ('low_stock', 'special_need')),
    reason text NOT NULL DEFAULT '', line_id bigint REFERENCES budget_lines(id), needed_by date, over_by bigint NOT NULL DEFAULT 0,
    flagged boolean NOT NULL DEFAULT FALSE, approved_at bigint, in_place_of_id bigint REFERENCES persons(id), away varchar(200) NOT NULL DEFAULT '');
CREATE TABLE purchase_lines (
    id {id}, case_id bigint NOT NULL REFERENCES cases(id), version integer NOT NULL, n integer NOT NULL, item_id bigint NOT NULL REFERENCES items(id),
    quantity integer NOT NULL CHECK (quantity > 0), estimate bigint NOT NULL DEFAULT 0 CHECK (estimate >= 0), note varchar(200) NOT NULL DEFAULT '',
    stock bigint NOT NULL DEFAULT 0, half_year bigint NOT NULL DEFAULT 0, coming bigint NOT NULL DEFAULT 0,
    granted integer CHECK (granted BETWEEN 0 AND quantity), cut_reason varchar(200) NOT NULL DEFAULT '', cut_by_id bigint REFERENCES persons(id),
    ordered integer NOT NULL DEFAULT 0 CHECK (ordered >= 0), dropped integer NOT NULL DEFAULT 0 CHECK (dropped >= 0),
    pool bigint NOT NULL DEFAULT 0 CHECK (pool >= 0), UNIQUE (case_id, version, n),
    CHECK (ordered + dropped <= COALESCE(granted, 0)));
CREATE INDEX purchase_lines_item ON purchase_lines (item_id);

CREATE TABLE orders (
    case_id bigint PRIMARY KEY REFERENCES cases(id), supplier_id bigint NOT NULL REFERENCES suppliers(id), deliver_by date, note varchar(500) NOT NULL DEFAULT '',
    placed_at bigint, sent_at bigint, sent_by_id bigint REFERENCES persons(id), sent_way varchar(10) NOT NULL DEFAULT '', told_late bigint);
CREATE INDEX orders_supplier ON orders (supplier_id);
CREATE TABLE order_lines (
    id {id}, case_id bigint NOT NULL REFERENCES cases(id), version integer NOT NULL, n integer NOT NULL,
    wanted_id bigint NOT NULL REFERENCES purchase_lines(id), item_id bigint NOT NULL REFERENCES items(id), quantity integer NOT NULL CHECK (quantity > 0),
    quote_id bigint REFERENCES quotes(id), cheapest_id bigint REFERENCES quotes(id), reason varchar(200) NOT NULL DEFAULT '',
    price bigint NOT NULL DEFAULT 0, per_pack integer NOT NULL DEFAULT 1, amount bigint NOT NULL DEFAULT 0,
    share bigint NOT NULL DEFAULT 0, held bigint NOT NULL DEFAULT 0 CHECK (held >= 0), accepted integer NOT NULL DEFAULT 0 CHECK (accepted >= 0),
    closed integer NOT NULL DEFAULT 0 CHECK (closed >= 0), billed integer NOT NULL DEFAULT 0 CHECK (billed BETWEEN 0 AND accepted), paid bigint NOT NULL DEFAULT 0,
    UNIQUE (case_id, version, n), CHECK (accepted + closed <= quantity));
CREATE INDEX order_lines_wanted ON order_lines (wanted_id);
CREATE INDEX order_lines_item ON order_lines (item_id);

CREATE TABLE receipts (
    id {id}, case_id bigint NOT NULL REFERENCES cases(id), n integer NOT NULL, day date NOT NULL, delivery_note varchar(60) NOT NULL DEFAULT '',
    by_id bigint NOT NULL REFERENCES persons(id), at bigint NOT NULL, UNIQUE (case_id, n));
CREATE TABLE receipt_lines (
    id {id}, receipt_id bigint NOT NULL REFERENCES receipts(id), line_id bigint NOT NULL REFERENCES order_lines(id),
    received integer NOT NULL CHECK (received >= 0), accepted integer NOT NULL CHECK (accepted BETWEEN 0 AND received), failure varchar(200) NOT NULL DEFAULT '',
    UNIQUE (receipt_id, line_id), CHECK (accepted = received OR failure <> ''));
CREATE INDEX receipt_lines_line ON receipt_lines (line_id);

CREATE TABLE supplier_invoices (
    case_id bigint PRIMARY KEY REFERENCES cases(id), order_id bigint NOT NULL REFERENCES cases(id), code varchar(20) NOT NULL DEFAULT '',
    number varchar(30) NOT NULL DEFAULT '', day date, file_id bigint REFERENCES attachments(id), differs boolean NOT NULL DEFAULT FALSE,
    decision varchar(500) NOT NULL DEFAULT '', decided_by_id bigint REFERENCES persons(id), decided_at bigint,
    settled_at bigint);
CREATE INDEX supplier_invoices_order ON supplier_invoices (order_id);
CREATE TABLE supplier_invoice_lines (
    id {id}, case_id bigint NOT NULL REFERENCES cases(id), version integer NOT NULL, n integer NOT NULL, line_id bigint NOT NULL REFERENCES order_lines(id),
    quantity integer NOT NULL CHECK (quantity > 0), amount bigint NOT NULL CHECK (amount > 0), counted integer NOT NULL DEFAULT 0 CHECK (counted BETWEEN 0 AND quantity),
    payable bigint CHECK (payable BETWEEN 0 AND amount), UNIQUE (case_id, version, n), UNIQUE (case_id, version, line_id));
CREATE INDEX supplier_invoice_lines_line ON supplier_invoice_lines (line_id);

CREATE TABLE expected_days (
    case_id bigint NOT NULL REFERENCES cases(id), item_id bigint NOT NULL REFERENCES items(id), day date NOT NULL, PRIMARY KEY (case_id, item_id));
CREATE INDEX expected_days_item ON expected_days (item_id);

CREATE TABLE nearby_purchases (
    case_id bigint PRIMARY KEY REFERENCES cases(id), reason text NOT NULL DEFAULT '', line_id bigint REFERENCES budget_lines(id), expected_date date,
    in_place_of_id bigint REFERENCES persons(id), away varchar(200) NOT NULL DEFAULT '',
    bought_on date, shop varchar(120) NOT NULL DEFAULT '', bought_at bigint);
CREATE TABLE nearby_lines (
    id {id}, case_id bigint NOT NULL REFERENCES cases(id), version integer NOT NULL, n integer NOT NULL, item_id bigint REFERENCES items(id),
    text varchar(200) NOT NULL DEFAULT '', quantity integer NOT NULL CHECK (quantity > 0), estimate bigint NOT NULL CHECK (estimate > 0),
    bought integer CHECK (bought >= 0), spent bigint CHECK (spent >= 0), UNIQUE (case_id, version, n), CHECK (item_id IS NOT NULL OR text <> ''))
"""


def up(migrator, db):
    build(db, TABLES)
    for table in ("receipts", "receipt_lines"):
        make_append_only(db, table)
