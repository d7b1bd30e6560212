"""Stock: items whose quantity is counted, and the counts that make the books meet the goods; tallies are append-only."""

from peewee import PostgresqlDatabase

from portal.db import build, make_append_only

TABLES = """
CREATE TABLE item_categories (
    id {id}, kind varchar(10) NOT NULL CHECK (kind IN ('supply', 'product')), name varchar(60) NOT NULL CHECK (name <> ''),
    name_en varchar(60) NOT NULL DEFAULT '', active boolean NOT NULL DEFAULT TRUE,
    events integer NOT NULL DEFAULT 0, digest text NOT NULL DEFAULT '', UNIQUE (kind, name));
CREATE TABLE items (
    id {id}, kind varchar(10) NOT NULL CHECK (kind IN ('supply', 'product')), code varchar(40) NOT NULL UNIQUE CHECK (code <> ''),
    name varchar(120) NOT NULL CHECK (name <> ''), name_en varchar(120) NOT NULL DEFAULT '',
    category_id bigint NOT NULL REFERENCES item_categories(id), unit varchar(20) NOT NULL CHECK (unit <> ''),
    place varchar(60) NOT NULL CHECK (place <> ''), account_id bigint NOT NULL UNIQUE REFERENCES accounts(id),
    counted_at bigint NOT NULL DEFAULT 0, active boolean NOT NULL DEFAULT TRUE,
    events integer NOT NULL DEFAULT 0, digest text NOT NULL DEFAULT '');
CREATE INDEX items_category ON items (category_id, id);
CREATE TABLE counts (
    case_id bigint PRIMARY KEY REFERENCES cases(id), kind varchar(10) NOT NULL CHECK (kind IN ('supply', 'product')),
    category_id bigint REFERENCES item_categories(id), place varchar(60) NOT NULL DEFAULT '', frozen_at bigint,
    last_entry bigint NOT NULL DEFAULT 0, approved_at bigint);
CREATE TABLE count_lines (
    id {id}, case_id bigint NOT NULL REFERENCES cases(id), n integer NOT NULL, item_id bigint NOT NULL REFERENCES items(id),
    book bigint NOT NULL CHECK (book >= 0), counted bigint CHECK (counted >= 0), missing varchar(200) NOT NULL DEFAULT '',
    counted_by_id bigint REFERENCES persons(id), counted_at bigint, moved bigint NOT NULL DEFAULT 0,
    is_resolved boolean NOT NULL DEFAULT FALSE,
    reason varchar(200) NOT NULL DEFAULT '', entry_id bigint UNIQUE REFERENCES entries(id),
    UNIQUE (case_id, n), UNIQUE (case_id, item_id), CHECK (counted IS NULL OR missing = ''),
    CHECK (counted_at IS NOT NULL OR (counted IS NULL AND missing = '')));
CREATE INDEX count_lines_item ON count_lines (item_id, case_id);
CREATE TABLE tallies (
    id {id}, line_id bigint NOT NULL REFERENCES count_lines(id), counted bigint CHECK (counted >= 0),
    missing varchar(200) NOT NULL DEFAULT '', by_id bigint NOT NULL REFERENCES persons(id), at bigint NOT NULL,
    request_id varchar(40) NOT NULL DEFAULT '', CHECK ((counted IS NULL) = (missing <> '')))
"""
BACK_DATED = "NEW.at < (SELECT counted_at FROM items WHERE account_id = NEW.account_id)"
OURS = "(SELECT book FROM accounts WHERE id = NEW.account_id) = 'stock'"
FOLLOW = {  # what is held and not settled stands in open_holds, as that of the budget does
    "hold": (
        "NEW.verb = 'hold'",
        "INSERT INTO open_holds (entry_id, account_id, amount) VALUES (NEW.id, NEW.account_id, NEW.amount)",
    ),
    "settle": ("NEW.settles_id IS NOT NULL", "DELETE FROM open_holds WHERE entry_id = NEW.settles_id"),
}


def up(migrator, db):
    build(db, TABLES)
    make_append_only(db, "tallies")
    if isinstance(db, PostgresqlDatabase):
        _guard_on_postgres(db)
        return
    db.execute_sql(
        f"CREATE TRIGGER entries_counted BEFORE INSERT ON entries WHEN {BACK_DATED} "
        "BEGIN SELECT RAISE(ABORT, 'before a closed count'); END"
    )
    for name, (when, deed) in FOLLOW.items():
        db.execute_sql(f"CREATE TRIGGER stock_{name} AFTER INSERT ON entries WHEN {when} AND {OURS} BEGIN {deed}; END")


def _guard_on_postgres(db):
    db.execute_sql(
        "CREATE FUNCTION not_before_a_count() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN IF {BACK_DATED} THEN RAISE EXCEPTION 'before a closed count'; END IF; RETURN NEW; END $$"
    )
    db.execute_sql("CREATE TRIGGER entries_counted BEFORE INSERT ON entries FOR EACH ROW EXECUTE FUNCTION not_before_a_count()")
    body = " ".join(f"IF {when} THEN {deed}; END IF;" for when, deed in FOLLOW.values())
    db.execute_sql(
        "CREATE FUNCTION follow_stock() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN IF {OURS} THEN {body} END IF; RETURN NULL; END $$"
    )
    db.execute_sql("CREATE TRIGGER stock_follow AFTER INSERT ON entries FOR EACH ROW EXECUTE FUNCTION follow_stock()")
