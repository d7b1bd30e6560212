"""Budget: categories, lines, the papers that move them, exceptions; holds still open and months follow the entries by triggers."""

from peewee import PostgresqlDatabase

from portal.db import build

TABLES = """
CREATE TABLE categories (
    id {id}, code varchar(20) NOT NULL UNIQUE CHECK (code <> ''), name varchar(80) NOT NULL UNIQUE, name_en varchar(80) NOT NULL DEFAULT '',
    active boolean NOT NULL DEFAULT TRUE, events integer NOT NULL DEFAULT 0, digest text NOT NULL DEFAULT '');
CREATE TABLE budget_lines (
    id {id}, year integer NOT NULL CHECK (year BETWEEN 2000 AND 2100), department_id bigint NOT NULL REFERENCES departments(id),
    category_id bigint NOT NULL REFERENCES categories(id), account_id bigint NOT NULL UNIQUE REFERENCES accounts(id),
    UNIQUE (year, department_id, category_id));
CREATE TABLE allotments (case_id bigint PRIMARY KEY REFERENCES cases(id), year integer NOT NULL CHECK (year BETWEEN 2000 AND 2100));
CREATE TABLE allotment_lines (
    id {id}, case_id bigint NOT NULL REFERENCES cases(id), version integer NOT NULL, n integer NOT NULL,
    department_id bigint NOT NULL REFERENCES departments(id), category_id bigint NOT NULL REFERENCES categories(id),
    old bigint NOT NULL CHECK (old >= 0), new bigint NOT NULL CHECK (new >= 0),
    UNIQUE (case_id, version, n), UNIQUE (case_id, version, department_id, category_id));
CREATE TABLE transfers (
    case_id bigint PRIMARY KEY REFERENCES cases(id), giver_id bigint NOT NULL REFERENCES budget_lines(id),
    receiver_id bigint NOT NULL REFERENCES budget_lines(id), reason text NOT NULL CHECK (reason <> ''), CHECK (giver_id <> receiver_id));
CREATE TABLE budget_exceptions (
    id {id}, case_id bigint NOT NULL REFERENCES cases(id), line_id bigint NOT NULL REFERENCES budget_lines(id),
    entry_id bigint NOT NULL UNIQUE REFERENCES entries(id), amount bigint NOT NULL CHECK (amount > 0), reason text NOT NULL CHECK (reason <> ''),
    expires date NOT NULL, by_id bigint NOT NULL REFERENCES persons(id), at bigint NOT NULL,
    given_back bigint NOT NULL DEFAULT 0 CHECK (given_back BETWEEN 0 AND amount),
    cut_id bigint UNIQUE REFERENCES entries(id), ended_at bigint, CHECK ((given_back > 0) = (cut_id IS NOT NULL)));
CREATE UNIQUE INDEX budget_exceptions_open ON budget_exceptions (case_id) WHERE ended_at IS NULL;
CREATE INDEX budget_exceptions_line ON budget_exceptions (line_id, amount, given_back);
CREATE TABLE open_holds (
    entry_id bigint PRIMARY KEY REFERENCES entries(id), account_id bigint NOT NULL REFERENCES accounts(id), amount bigint NOT NULL);
CREATE INDEX open_holds_account ON open_holds (account_id, entry_id);
CREATE TABLE budget_months (
    account_id bigint NOT NULL REFERENCES accounts(id), month integer NOT NULL, held bigint NOT NULL DEFAULT 0 CHECK (held >= 0),
    taken bigint NOT NULL DEFAULT 0 CHECK (taken >= 0), PRIMARY KEY (account_id, month));
CREATE INDEX entries_put ON entries (account_id, id) WHERE verb IN ('put', 'cut');
CREATE INDEX entries_taken ON entries (account_id, id) WHERE verb = 'take'
"""
FOLLOW = [  # a hold counts in the month in which it was made, what is taken in the month in which it is taken
    ("hold", "INSERT INTO open_holds (entry_id, account_id, amount) VALUES (NEW.id, NEW.account_id, NEW.amount)"),
    ("settle", "DELETE FROM open_holds WHERE entry_id = NEW.settles_id"),
    ("held", "INSERT INTO budget_months (account_id, month, held) VALUES (NEW.account_id, {month}, NEW.held)"
             " ON CONFLICT (account_id, month) DO UPDATE SET held = budget_months.held + excluded.held"),
    ("freed", "UPDATE budget_months SET held = held + NEW.held WHERE account_id = NEW.account_id"
              " AND month = (SELECT {their_month} FROM entries e WHERE e.id = NEW.settles_id)"),
    ("taken", "INSERT INTO budget_months (account_id, month, taken) VALUES (NEW.account_id, {month}, NEW.taken)"
              " ON CONFLICT (account_id, month) DO UPDATE SET taken = budget_months.taken + excluded.taken"),
]
WHEN = {"hold": "NEW.verb = 'hold'", "settle": "NEW.settles_id IS NOT NULL", "held": "NEW.verb = 'hold'",
        "freed": "NEW.settles_id IS NOT NULL", "taken": "NEW.verb = 'take'"}
OURS = "(SELECT book FROM accounts WHERE id = NEW.account_id) = 'budget'"


def up(migrator, db):
    build(db, TABLES)
    if isinstance(db, PostgresqlDatabase):
        month = "CAST(to_char(to_timestamp(%s / 1000) AT TIME ZONE 'Asia/Shanghai', 'YYYYMM') AS integer)"
    else:
        month = "CAST(strftime('%%Y%%m', %s / 1000 + 28800, 'unixepoch') AS integer)"
    deeds = {name: deed.format(month=month % "NEW.at", their_month=month % "e.at") for name, deed in FOLLOW}
    if isinstance(db, PostgresqlDatabase):
        _follow_on_postgres(db, deeds)
        return
    for name, deed in deeds.items():
        db.execute_sql(f"CREATE TRIGGER entries_{name} AFTER INSERT ON entries WHEN {WHEN[name]} AND {OURS} BEGIN {deed}; END")


def _follow_on_postgres(db, deeds):
    body = " ".join(f"IF {WHEN[name]} THEN {deed}; END IF;" for name, deed in deeds.items())
    db.execute_sql(
        f"CREATE FUNCTION follow_budget() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF {OURS} THEN {body} END IF; RETURN NULL; END $$"
    )
    db.execute_sql("CREATE TRIGGER entries_follow AFTER INSERT ON entries FOR EACH ROW EXECUTE FUNCTION follow_budget()")
