"""A closed month keeps what stood at its beginning: the months before it take nothing more either."""

from peewee import PostgresqlDatabase

CLOSED = "EXISTS (SELECT 1 FROM closed_months WHERE month >= NEW.month)"
TABLES = ("vouchers", "voucher_lines", "cash_entries")


def up(migrator, db):
    if isinstance(db, PostgresqlDatabase):
        db.execute_sql(
            "CREATE OR REPLACE FUNCTION month_is_open() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN IF {CLOSED} THEN RAISE EXCEPTION 'the month is closed'; END IF; RETURN NEW; END $$"
        )
        return
    for table in TABLES:
        db.execute_sql(f"DROP TRIGGER {table}_month")
        db.execute_sql(
            f"CREATE TRIGGER {table}_month BEFORE INSERT ON {table} WHEN {CLOSED} "
            "BEGIN SELECT RAISE(ABORT, 'the month is closed'); END"
        )
