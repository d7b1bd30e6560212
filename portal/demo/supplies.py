"""The demo company's shelves: its catalogue, limits and opening stock, what comes without an order, and what is counted."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import partial

from portal import clock, contents
from portal.cases import Case
from portal.demo.budget import submit, take
from portal.demo.company import person, unit
from portal.demo.draws import draws
from portal.demo.goods import CATEGORIES, GOODS, SUPPLIERS, WANTED, WITHOUT_LIMIT, Goods, sellers
from portal.demo.past import Story, at_work, chances, last_worked, later, next_worked
from portal.demo.pictures import thing
from portal.purchasing.rules_suppliers import enter_supplier
from portal.stock.models import Item, ItemCategory, levels
from portal.stock.models_counts import lines_of
from portal.stock.rules import COUNT, add_category, count_content, tally
from portal.stock.rules_counts import Findings, found_in
from portal.supplies.models import Supplier
from portal.supplies.models_catalogue import month_after, this_month
from portal.supplies.rules_catalogue import Described, add_supply, put_picture
from portal.supplies.rules_goods import GOODS_IN, goods_content
from portal.supplies.rules_limits import LIMITS, Wanted, limits_content

CLERK, OTHER_CLERK, MANAGER, OTHER_MANAGER = "sunxiaoyan", "wujia", "wangli", "zhaoting"
COUNTER, OTHER_COUNTER = "yeqing", "panwei"
LOST = {"W-101": (-3, "借出未归还"), "P-203": (-2, "受潮作废"), "C-701": (2, "上月发放少记一笔"), "E-601": (-4, "漏液报废")}
FOUND = {"F-303": (3, "补录漏登的退回"), "W-102": (-1, "盘点遗失")}


def supplies(present: datetime) -> Iterator[Story]:
    today = clock.local(present).date()
    begin = date(today.year - 1, today.month, 1)
    yield _shelves(next_worked(begin))
    yield from _limits(begin, today)
    yield from _goods(today)
    yield from draws(begin, today)
    yield _counted(next_worked(begin + timedelta(days=60)), "年初全面盘点", (OTHER_CLERK, COUNTER, CLERK, MANAGER), FOUND)
    yield _counted(next_worked(today - timedelta(days=140)), "年中全面盘点", (CLERK, COUNTER, OTHER_CLERK, OTHER_MANAGER), LOST)
    yield _being_counted(last_worked(today - timedelta(days=1)))
    yield _to_verify(last_worked(today - timedelta(days=2)))


def item(code: str) -> Item:
    found = Item.find("code = ?", code)
    assert found is not None, code
    return found


def category(key: str) -> ItemCategory:
    found = ItemCategory.find("name = ?", CATEGORIES[key][0])
    assert found is not None, key
    return found


def supplier(name: str) -> Supplier:
    found = Supplier.find("name = ?", name)
    assert found is not None, name
    return found


# ---- the catalogue --------------------------------------------------------------------------------------------------


def _shelves(day: date) -> Story:
    """The office describes what there is, brings in what lies there already, and its manager confirms it."""
    yield at_work(day, 9, 5)
    clerk = person(CLERK)
    for name, name_en, _place, _supplier in CATEGORIES.values():
        add_category(clerk, "supply", name, name_en)
    for name, (contact, phone, email, address) in SUPPLIERS.items():
        told = {"name": name, "contact": contact, "phone": phone, "email": email, "address": address}
        enter_supplier(clerk, told, [category(key).id for key in CATEGORIES if name in dict(sellers(key))])
    for each in GOODS:
        _describe(each)
    yield at_work(day, 11, 20)
    lines = [(item(each.code), each.opening, "") for each in GOODS]
    case = submit(GOODS_IN, clerk, goods_content("期初库存", "opening", day, lines), "demo-opening")
    yield at_work(day, 14, 5)
    take(MANAGER, case, "confirm")


def _describe(each: Goods) -> None:
    described = Described(
        each.name, category(each.key), each.specification, each.unit, f"{CATEGORIES[each.key][2]}-{each.code[-2:]}", each.name_en,
        each.pack, each.per_pack, each.level,
    )  # fmt: skip
    made = add_supply(person(CLERK), each.code, described)
    if each.shape:
        put_picture(person(CLERK), made, f"{each.code}.png", thing(each.shape, each.colour))


# ---- limits ---------------------------------------------------------------------------------------------------------


def _limits(begin: date, today: date) -> Iterator[Story]:
    limited = [each for each in GOODS if each.code not in WITHOUT_LIMIT]
    first = [
        (name, each.code, each.usual * (3 if each.code in codes else 2)) for name, codes in WANTED.items() for each in limited
    ]
    yield _set_limits("办公用品限量", first, next_worked(begin), "approve")
    middle = [("电子商务部", "E-601", 24), ("电子商务部", "P-201", 30), ("仓储部", "D-406", 30), ("仓储部", "P-207", 16)]
    yield _set_limits("大促期间限量调整", middle, last_worked(today - timedelta(days=100)), "approve")
    refused = [("设计部", "T-502", 6), ("设计部", "E-603", 6)]
    yield _set_limits("设计部耗材限量上调", refused, last_worked(today - timedelta(days=62)), "reject")
    waits = [("客户服务部", "K-803", 8), ("客户服务部", "W-101", 20), ("上海业务部", "P-201", 16), ("财务部", "T-501", 2)]
    yield _set_limits("下月限量调整", waits, last_worked(today - timedelta(days=2)), "", ahead=1)


def _set_limits(title: str, told: list[tuple[str, str, int]], day: date, end: str, ahead: int = 0) -> Story:
    yield at_work(day, 15, 10)
    wanted = [Wanted(unit(name), item(code), quantity) for name, code, quantity in told]
    since = month_after(this_month(), ahead)
    case = submit(LIMITS, person(OTHER_CLERK), limits_content(title, since, wanted), f"demo-limits-{title}")
    if end:
        yield at_work(day, 16, 45)
        take(OTHER_MANAGER, case, end, "" if end == "approve" else "先按现有限量执行,季度末再评估。")


# ---- goods in -------------------------------------------------------------------------------------------------------


def _goods(today: date) -> Iterator[Story]:
    """What comes without an order: a gift, goods given back, what nobody gave, something that waits."""
    yield _brings("晨阳文具赠送台历笔", "gift", "W", [("W-103", 24), ("W-105", 20)], today - timedelta(days=88), "confirm")
    yield _brings("设计部退回多领物品", "return", "", [("D-407", 2), ("D-409", 6)], today - timedelta(days=51), "confirm")
    yield _brings("蓝海办公设备赠送墨盒", "gift", "T", [("T-502", 4)], today - timedelta(days=33), "reject")
    yield _brings("净美日用赠送试用装", "gift", "C", [("C-702", 30), ("C-703", 12)], today - timedelta(days=1), "")
    yield _brings("财务部退回多领物品", "return", "", [("P-202", 2)], today - timedelta(days=1), "draft")


def _brings(title: str, source: str, key: str, told: list[tuple[str, int]], day: date, end: str) -> Story:
    day = last_worked(day)
    moment = at_work(day, 13, 35)
    yield moment
    lines = [(item(code), quantity, "") for code, quantity in told]
    content = goods_content(
        title, source, day, lines, supplier(CATEGORIES[key][3]) if key else None, "" if source == "return" else "XS-20417"
    )
    if end == "draft":
        contents.create(GOODS_IN, person(OTHER_CLERK), content, f"demo-brings-{title}")
        return
    case = submit(GOODS_IN, person(OTHER_CLERK), content, f"demo-brings-{title}")
    if end:
        yield later(chances(title), moment, 0)
        take(MANAGER, case, end, "" if end == "confirm" else "这是订单的送货,请在订单上登记收货,不另填入库单。")


# ---- counts ---------------------------------------------------------------------------------------------------------


def _begin(starter: str, title: str, counter: str, key: str = "") -> Case:
    content = count_content(title, person(counter), "supply", category(key) if key else None)
    case = contents.create(COUNT, person(starter), content, f"demo-count-{title}-{clock.today()}")
    return take(starter, case, "begin")


def _tally(case: Case, differing: dict[str, int], most: int = 1000) -> None:
    """Writes down what lies there now, which is not what the list says where goods came or went since it was frozen."""
    lines = lines_of(case.id)[:most]
    shelf = levels(line.item for line in lines)
    for line in lines:
        level = shelf[line.item]
        tally(case.preparer, case.id, line.id, level.on_hand + (differing.get(line.code, 0) if level.free > 10 else 0))


def _counted(day: date, title: str, who: tuple[str, str, str, str], differing: dict[str, tuple[int, str]]) -> Story:
    """Everything is counted, verified by somebody else, and what differs is approved."""
    starter, counter, verifier, approver = who
    at = partial(at_work, day)
    yield at(9, 2)
    case = _begin(starter, title, counter)
    yield at(10, 40)
    _tally(case, {code: by for code, (by, _why) in differing.items()})
    yield at(11, 10)
    take(counter, case, "hand_in")
    yield at(11, 25)
    found = found_in(case)
    stand = frozenset().union(*(each.proposed() for each in found))
    seen = max((each.entry for line in found for each in line.movements), default=0)
    reasons = {
        each.line.id: differing.get(each.line.code, (0, "发放时已点出"))[1] for each in found_in(case, stand) if each.difference
    }
    case = take(verifier, case, "verify", given=Findings(stand, reasons, seen))
    yield at(11, 40)
    while case.state == "verified":
        case = _approved_when_free(case, approver)
        if case.state == "verified":
            yield at_work(next_worked(clock.today() + timedelta(days=1)), 11, 40)


def _approved_when_free(case: Case, approver: str) -> Case:
    """What is missing leaves the books once no approved paper holds it any more."""
    lines = lines_of(case.id)
    shelf = levels(line.item for line in lines)
    is_held = any(shelf[line.item].free < -(line.difference or 0) for line in lines)
    return case if is_held else take(approver, case, "approve")


def _being_counted(day: date) -> Story:
    """The counter has begun and is not through."""
    yield at_work(day, 9, 12)
    case = _begin(CLERK, "纸品抽盘", OTHER_COUNTER, "P")
    yield at_work(day, 10, 3)
    _tally(case, {"P-203": -1}, most=4)


def _to_verify(day: date) -> Story:
    """Counted by one, not yet verified by another."""
    yield at_work(day, 14, 2)
    case = _begin(CLERK, "清洁用品抽盘", COUNTER, "C")
    yield at_work(day, 15, 20)
    _tally(case, {"C-702": -2})
    yield at_work(day, 15, 50)
    take(COUNTER, case, "hand_in")
