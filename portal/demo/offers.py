"""What the suppliers of the demo company ask for their goods: quotes renewed every quarter or half-year, prices that drift."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from portal import clock
from portal.books.rules_accounts import Typed
from portal.demo.company import person
from portal.demo.goods import CATEGORIES, GOODS, SUPPLIERS, Goods, sellers
from portal.demo.past import Story, at_work, chances, last_worked, next_worked
from portal.demo.supplies import item, supplier
from portal.money import Money
from portal.purchasing.models_quotes import Quoted
from portal.purchasing.models_suppliers import Spoken
from portal.purchasing.rules_quotes import enter_quote, withdraw_quote
from portal.purchasing.rules_suppliers import add_contact
from portal.stock.models import Item
from portal.supplies.models_catalogue import first_of, month_after
from portal.supplies.rules_accounts import set_supplier_account

BUYER, CLERK = "xiayu", "sunxiaoyan"
PRICES = {  # fen a unit costs at the usual supplier when the year begins
    "W-101": 135, "W-102": 135, "W-103": 135, "W-104": 80, "W-105": 260, "W-106": 340, "W-107": 420, "P-201": 1980,
    "P-202": 4150, "P-203": 310, "P-204": 560, "P-205": 22, "P-206": 45, "P-207": 1150, "F-301": 620, "F-302": 890,
    "F-303": 120, "F-304": 980, "F-305": 95, "F-306": 2600, "D-401": 2850, "D-402": 160, "D-403": 190, "D-404": 1180,
    "D-405": 210, "D-406": 490, "D-407": 780, "D-408": 650, "D-409": 240, "D-410": 3900, "T-501": 29800, "T-502": 23800,
    "T-503": 3600, "E-601": 190, "E-602": 190, "E-603": 5900, "E-604": 4900, "E-605": 6800, "E-606": 1250, "C-701": 290,
    "C-702": 760, "C-703": 980, "C-704": 1150, "K-801": 620, "K-802": 7800, "K-803": 2980,
}  # fmt: skip
ALONE = {"C-704", "K-802", "T-503", "F-306", "P-207"}  # only the usual supplier has them
SINGLY = {("D", "万家日杂"), ("E", "诚达办公"), ("W", "华东纸业")}  # who sells them by the piece
QUARTERLY = {"P"}  # paper is quoted for a quarter, everything else for half a year
RUN_OUT = {("F-306", "晨阳文具批发"), ("D-410", "万家日杂"), ("E-605", "诚达办公")}  # not renewed the last time
DAYS = {"华东纸业": 4, "锦程数码": 3, "万家日杂": 2}
DELIVERY_DAYS = 5
BANKS = ("招商银行杭州分行", "中国农业银行秋涛支行", "上海银行闵行支行", "杭州银行文三支行")


def offers(begin: date, today: date) -> Iterator[Story]:
    """Accounts and contacts of the suppliers, and their quotes as they are renewed until this day."""
    yield _introduced(next_worked(begin))
    month = begin.year * 100 + begin.month
    for key in CATEGORIES:
        length = 3 if key in QUARTERLY else 6
        for n in range(0, 13, length):
            starts, ends = first_of(month_after(month, n)), first_of(month_after(month, n + length)) - timedelta(days=1)
            yield _quoted(key, n // length, starts, ends, is_last=n == 12)
    yield _special_offer(today)
    yield _taken_back(today)


def _introduced(day: date) -> Story:
    """The office writes down where suppliers are paid, and whom one speaks to there."""
    yield at_work(day, 9, 45)
    clerk = person(CLERK)
    for n, name in enumerate(SUPPLIERS):
        typed = Typed(BANKS[n % len(BANKS)], f"3301 0401 6000 {n * 731 % 9000 + 1000}", f"{name}有限公司")
        set_supplier_account(clerk, supplier(name).id, typed)
    add_contact(clerk, supplier("华东纸业").id, Spoken("顾师傅", "配送", "021-6400 5690"))
    add_contact(clerk, supplier("蓝海办公设备").id, Spoken("孟工", "售后", "0571-8700 2470", "repair@lanhai.example"))


def _quoted(key: str, n: int, starts: date, ends: date, is_last: bool) -> Story:
    """The quotes of a category for its next months, some days before; those of the beginning on its first day."""
    day = last_worked(starts - timedelta(days=4)) if n else next_worked(starts)
    yield at_work(day, 15, 20 + 3 * list(CATEGORIES).index(key))
    by = person(BUYER if n % 2 else CLERK)
    known = {each.code: each for each in Item.where("kind = 'supply' ORDER BY id")}
    for name, per_cent in sellers(key):
        from_whom = supplier(name)
        for each in GOODS:
            is_offered = each.key == key and (per_cent == 100 or each.code not in ALONE)
            if is_offered and not (is_last and (each.code, name) in RUN_OUT):
                pack, per_pack = (each.unit, 1) if (key, name) in SINGLY else (each.pack or each.unit, each.per_pack)
                price = Money(_price(each, name, per_cent, n) * per_pack)
                days = DAYS.get(name, DELIVERY_DAYS)
                enter_quote(by, Quoted(from_whom.id, known[each.code].id, price, starts, ends, pack, per_pack, days))


def _price(goods: Goods, name: str, per_cent: int, n: int) -> int:
    """Fen for a unit in the n-th period: a little dearer each time, and at some suppliers cheaper once."""
    chance = chances(f"price {goods.code} {name}")
    drift = 100.0
    for _each in range(n):
        drift *= chance.choice((0.97, 1.0, 1.01, 1.02, 1.03, 1.04))
    if goods.key == "P" and name == "诚达办公" and n >= 2:
        drift *= 0.93  # it wants the paper
    return max(round(PRICES[goods.code] * per_cent * drift / 10_000), 1)


def _special_offer(today: date) -> Story:
    """Paper for less, for a few more days."""
    day = last_worked(today - timedelta(days=12))
    yield at_work(day, 16, 40)
    until = today + timedelta(days=9)
    price = Money(PRICES["P-201"] * 5 * 88 // 100)
    seller, paper = supplier("万家日杂").id, item("P-201").id
    enter_quote(person(BUYER), Quoted(seller, paper, price, day, until, "箱", 5, 2, "清仓价,数量有限"))


def _taken_back(today: date) -> Story:
    """Entered by mistake, and withdrawn with the reason."""
    yield at_work(last_worked(today - timedelta(days=70)), 10, 50)
    day = clock.today()
    quoted = Quoted(supplier("锦程数码").id, item("E-604").id, Money(490), day, day + timedelta(days=60), "个", 1, 3)
    quote = enter_quote(person(BUYER), quoted)
    yield at_work(day, 11, 5)
    withdraw_quote(person(CLERK), quote.id, "单价录错一位,以原报价为准。")
