"""Books: account titles, funds, vouchers that sum to zero, what is payable, the cash and bank journals, and months that are closed."""

from peewee import PostgresqlDatabase

from portal.db import build, make_append_only

TABLES = """
CREATE TABLE appointed (
    case_id bigint NOT NULL REFERENCES cases(id), post varchar(40) NOT NULL, person_id bigint NOT NULL REFERENCES persons(id),
    by_id bigint NOT NULL REFERENCES persons(id), at bigint NOT NULL, PRIMARY KEY (case_id, post), CHECK (by_id <> person_id));
CREATE TABLE titles (
    id {id}, code varchar(12) NOT NULL UNIQUE CHECK (code <> ''), name varchar(80) NOT NULL UNIQUE, name_en varchar(80) NOT NULL DEFAULT '',
    nature varchar(10) NOT NULL CHECK (nature IN ('asset', 'liability', 'equity', 'income', 'expense')),
    purpose varchar(12) UNIQUE, active boolean NOT NULL DEFAULT TRUE, events integer NOT NULL DEFAULT 0, digest text NOT NULL DEFAULT '');
CREATE TABLE category_titles (
    category_id bigint PRIMARY KEY REFERENCES categories(id), title_id bigint NOT NULL REFERENCES titles(id));
CREATE TABLE funds (
    id {id}, name varchar(80) NOT NULL UNIQUE, name_en varchar(80) NOT NULL DEFAULT '', kind varchar(4) NOT NULL CHECK (kind IN ('cash', 'bank')),
    number varchar(40) NOT NULL DEFAULT '', title_id bigint NOT NULL UNIQUE REFERENCES titles(id), active boolean NOT NULL DEFAULT TRUE,
    events integer NOT NULL DEFAULT 0, digest text NOT NULL DEFAULT '');
CREATE TABLE closed_months (month integer PRIMARY KEY CHECK (month BETWEEN 200001 AND 210012), case_id bigint REFERENCES cases(id));
CREATE TABLE vouchers (
    id {id}, number varchar(24) NOT NULL UNIQUE, day date NOT NULL, month integer NOT NULL, kind varchar(10) NOT NULL
    CHECK (kind IN ('paper', 'adjustment', 'reversal', 'opening')), text varchar(200) NOT NULL,
    case_id bigint REFERENCES cases(id), reverses_id bigint UNIQUE REFERENCES vouchers(id), by_id bigint REFERENCES persons(id),
    at bigint NOT NULL, CHECK ((kind = 'reversal') = (reverses_id IS NOT NULL)));
CREATE INDEX vouchers_month ON vouchers (month, id);
CREATE INDEX vouchers_case ON vouchers (case_id) WHERE case_id IS NOT NULL;
CREATE TABLE voucher_lines (
    id {id}, voucher_id bigint NOT NULL REFERENCES vouchers(id), n integer NOT NULL, title_id bigint NOT NULL REFERENCES titles(id),
    month integer NOT NULL, amount bigint NOT NULL CHECK (amount <> 0), person_id bigint REFERENCES persons(id),
    department_id bigint REFERENCES departments(id), category_id bigint REFERENCES categories(id), text varchar(200) NOT NULL DEFAULT '',
    UNIQUE (voucher_id, n));
CREATE INDEX voucher_lines_title ON voucher_lines (title_id, month, id);
CREATE TABLE payables (
    id {id}, case_id bigint NOT NULL REFERENCES cases(id), n integer NOT NULL, person_id bigint REFERENCES persons(id),
    payee varchar(120) NOT NULL CHECK (payee <> ''), bank varchar(80) NOT NULL DEFAULT '', number varchar(80) NOT NULL DEFAULT '',
    holder varchar(80) NOT NULL DEFAULT '', text varchar(200) NOT NULL DEFAULT '', amount bigint NOT NULL CHECK (amount > 0),
    paid bigint NOT NULL DEFAULT 0, due date NOT NULL, barred text NOT NULL DEFAULT ',', confirmed_by_id bigint REFERENCES persons(id),
    opened_at bigint NOT NULL, withdrawn_at bigint, CHECK (paid BETWEEN 0 AND amount), CHECK (confirmed_by_id <> person_id),
    UNIQUE (case_id, n, opened_at));
CREATE INDEX payables_open ON payables (due, id) WHERE paid < amount AND withdrawn_at IS NULL;
CREATE INDEX payables_case ON payables (case_id);
CREATE TABLE cash_entries (
    id {id}, fund_id bigint NOT NULL REFERENCES funds(id), day date NOT NULL, month integer NOT NULL, amount bigint NOT NULL CHECK (amount <> 0),
    kind varchar(12) NOT NULL CHECK (kind IN ('payment', 'return', 'receipt', 'charge', 'transfer', 'opening')),
    case_id bigint NOT NULL REFERENCES cases(id), payable_id bigint REFERENCES payables(id), method varchar(10) NOT NULL
    CHECK (method IN ('cash', 'transfer', 'cheque', 'card', 'other')), reference varchar(80) NOT NULL DEFAULT '', party varchar(120) NOT NULL DEFAULT '',
    text varchar(200) NOT NULL DEFAULT '', by_id bigint NOT NULL REFERENCES persons(id), at bigint NOT NULL,
    CHECK (kind <> 'payment' OR (amount < 0 AND payable_id IS NOT NULL)));
CREATE INDEX cash_entries_fund ON cash_entries (fund_id, day, id);
CREATE INDEX cash_entries_day ON cash_entries (day);
CREATE INDEX cash_entries_case ON cash_entries (case_id);
CREATE TABLE postings (
    entry_id bigint PRIMARY KEY REFERENCES cash_entries(id), voucher_id bigint NOT NULL REFERENCES vouchers(id),
    paid_by_id bigint NOT NULL REFERENCES persons(id), posted_by_id bigint NOT NULL REFERENCES persons(id), CHECK (paid_by_id <> posted_by_id));
CREATE INDEX postings_voucher ON postings (voucher_id)
"""
TITLES = [  # the starting set of a trading company; the names of the standard for small enterprises
    ("1001", "库存现金", "Cash in hand", "asset", "cash"),
    ("1002", "银行存款", "Bank deposits", "asset", "bank"),
    ("1122", "应收账款", "Receivables from customers", "asset", None),
    ("1221", "其他应收款—员工借款", "Advances to staff", "asset", "advances"),
    ("1405", "库存商品", "Goods in stock", "asset", "goods"),
    ("1411", "周转材料—办公用品", "Office supplies in stock", "asset", "supplies"),
    ("1601", "固定资产", "Fixed assets", "asset", None),
    ("1901", "待处理财产损溢", "Cash over and short", "asset", "difference"),
    ("2001", "短期借款", "Short-term loans", "liability", None),
    ("2202", "应付账款", "Payables to suppliers", "liability", "suppliers"),
    ("2211", "应付职工薪酬", "Payables to staff: allowances", "liability", "allowances"),
    ("2221", "应交税费", "Taxes payable", "liability", None),
    ("2241", "其他应付款—员工报销", "Payables to staff: claims", "liability", "staff"),
    ("3001", "实收资本", "Paid-in capital", "equity", None),
    ("3104", "利润分配—期初余额", "Opening balances", "equity", "opening"),
    ("5001", "主营业务收入", "Sales", "income", "sales"),
    ("5051", "其他业务收入", "Other operating income", "income", "other"),
    ("5301", "营业外收入", "Other income", "income", None),
    ("5401", "主营业务成本", "Cost of sales", "expense", "cost"),
    ("5402", "销售退回", "Sales returns", "income", "refunds"),
    ("5601", "销售费用", "Selling expenses", "expense", None),
    ("5602", "管理费用", "Administrative expenses", "expense", "spending"),
    ("560201", "管理费用—通讯费", "Telephone", "expense", "phone"),
    ("560202", "管理费用—伙食补贴", "Meal allowance", "expense", "meal"),
    ("5603", "财务费用", "Bank charges", "expense", "charges"),
    ("5711", "营业外支出", "Other expenses", "expense", None),
]
FUNDS = [("现金", "Cash", "cash", "cash"), ("基本户", "Main bank account", "bank", "bank")]
RECORDS = ("vouchers", "voucher_lines", "cash_entries", "postings")


def up(migrator, db):
    build(db, TABLES)
    sign = "%s" if isinstance(db, PostgresqlDatabase) else "?"
    for title in TITLES:
        db.execute_sql(f"INSERT INTO titles (code, name, name_en, nature, purpose) VALUES ({', '.join([sign] * 5)})", title)
    for name, name_en, kind, purpose in FUNDS:
        (title_id,) = db.execute_sql(f"SELECT id FROM titles WHERE purpose = {sign}", (purpose,)).fetchone()
        db.execute_sql(f"INSERT INTO funds (name, name_en, kind, title_id) VALUES ({', '.join([sign] * 4)})", (name, name_en, kind, title_id))
    for table in RECORDS:
        make_append_only(db, table)
    for table in ("vouchers", "voucher_lines", "cash_entries"):
        refuse_in_closed_months(db, table)


def refuse_in_closed_months(db, table):
    """A closed month takes nothing more, whoever writes (FIN-07)."""
    closed = "EXISTS (SELECT 1 FROM closed_months WHERE month = NEW.month)"
    if isinstance(db, PostgresqlDatabase):
        db.execute_sql(
            "CREATE OR REPLACE FUNCTION month_is_open() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN IF {closed} THEN RAISE EXCEPTION 'the month is closed'; END IF; RETURN NEW; END $$"
        )
        db.execute_sql(f"CREATE TRIGGER {table}_month BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION month_is_open()")
        return
    db.execute_sql(
        f"CREATE TRIGGER {table}_month BEFORE INSERT ON {table} WHEN {closed} BEGIN SELECT RAISE(ABORT, 'the month is closed'); END"
    )
