"""What of buying stands where in these days: something in every state, so that everybody finds something to do."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from datetime import date, datetime

from portal import clock, contents
from portal.cases import Case
from portal.demo.budget import take
from portal.demo.buying_steps import (
    ENTERS,
    GM,
    MANAGERS,
    OFFICE,
    SUPERVISOR,
    Days,
    asked,
    asking,
    at_one,
    beyond,
    drafted,
    drawn_up,
    entered,
    half_of,
    placed,
    received,
    sent,
)
from portal.demo.company import person, unit
from portal.demo.draws import HEADS, WHY
from portal.demo.goods import CUSTODIANS
from portal.demo.past import Story, back
from portal.demo.supplies import item
from portal.purchasing.models import PurchaseLine
from portal.purchasing.models_orders import NewDay
from portal.purchasing.models_purchases import lines_of_purchase
from portal.purchasing.rules_proposals import propose
from portal.purchasing.rules_purchases import PURCHASE
from portal.supplies.models_draws import figures_of
from portal.supplies.rules_draws import Wanted, draw_content, file_draw

BUYER, OTHER_BUYER = "xiayu", "shilei"
TOGETHER = "与同单其他物品合并送货,免运费"
KEEPERS = CUSTODIANS | {OFFICE: ENTERS}
DECIDE = HEADS | {OFFICE: MANAGERS[0]}


def at_present(today: date) -> Iterator[Story]:
    yield _asks("市场部", "路演物料", "下月路演,资料与签到用。", {"P-204": 10, "W-105": 20, "F-305": 40}, back(today, 0))
    yield _asks(OFFICE, "新员工入职用品", "下月入职六人,每人一套。", {"W-103": 12, "D-401": 6, "D-407": 6}, back(today, 0))
    yield _asks("电子商务部", "直播间收纳", "直播间搬迁,样品重新收纳。", {"F-303": 40, "D-405": 16}, back(today, 1), 1)
    yield _asks("上海业务部", "标书打印用品", "标书打印量大,硒鼓已用完。", {"T-501": 0}, back(today, 1), 1)
    yield _asks("财务部", "凭证打印用品", "年度凭证集中打印。", {"T-501": 2, "P-201": 10}, back(today, 4), 2)
    yield _asks("仓储部", "库位标识", "库位重新编号,标签全部更换。", {"P-206": 100, "P-201": 10, "W-106": 10}, back(today, 3), 2)
    yield _kept("采购部", "样品室用品", "样品室扩建,还在量尺寸。", {"F-302": 20, "D-403": 10}, back(today, 0))
    yield _ordering(back(today, 6))
    yield _late(back(today, 18))
    yield _called_off(back(today, 20))
    yield _partly(back(today, 14))
    yield _billed(back(today, 14))
    yield _waited(back(today, 12))
    yield _proposed(back(today, 0))


# ---- applications ---------------------------------------------------------------------------------------------------


def _asks(department: str, title: str, reason: str, wanted: dict[str, int], day: date, signatures: int = 0) -> Story:
    yield from _approved(Days(day), department, title, reason, wanted, signatures)


def _approved(
    days: Days, department: str, title: str, reason: str, wanted: dict[str, int], signatures: int = 2
) -> Generator[datetime, None, Case]:
    """Asked for on the day, settled by the head on the next one, and signed by the general manager on the one after. What is
    wanted none of is asked for beyond the budget."""
    yield days.at(9, 50)
    wanted = wanted if all(wanted.values()) else beyond(department, *wanted)
    case = asked(KEEPERS[department], title, wanted, f"demo-now-{title}", reason)
    if signatures:
        yield days.at(9, 20, later=1)
        take(DECIDE[department], case, "approve")
    if signatures == 2:
        yield days.at(10, 30, later=1)
        take(GM, case, "approve")
    return case


def _kept(department: str, title: str, reason: str, wanted: dict[str, int], day: date) -> Story:
    """A draft that is not finished."""
    yield Days(day).at(16, 25)
    keeper = KEEPERS[department]
    contents.create(PURCHASE, person(keeper), asking(keeper, title, wanted, reason), f"demo-now-{title}")


def _proposed(day: date) -> Story:
    """The portal drafts an application for what runs low."""
    yield Days(day).at(7, 0)
    propose()


# ---- orders ---------------------------------------------------------------------------------------------------------


def _lines(case: Case, codes: Iterable[str]) -> list[PurchaseLine]:
    return [line for line in lines_of_purchase(case) if line.item.code in codes]


def _order(user: str, case: Case, codes: str, days: int) -> Case:
    lines = _lines(case, codes.split())
    return placed(user, at_one(lines), lines, f"demo-now-{codes[:5]}-order", days, TOGETHER)


def _ordering(day: date) -> Story:
    """Of one application a part is on its way, a part is to be sent, and a part stands on a draft."""
    wanted = {"K-802": 4, "C-703": 12, "K-801": 20, "F-301": 24, "F-303": 20, "E-601": 24, "E-606": 6}
    days = Days(day)
    case = yield from _approved(days, OFFICE, "培训室启用", "新培训室启用,可坐三十人。", wanted)
    yield days.at(14, 10, later=3)
    sent(BUYER, _order(BUYER, case, "K-802 C-703 K-801", 5))
    yield days.at(15, 30, later=1)
    _order(ENTERS, case, "F-301 F-303", 6)
    yield days.at(16, 5)
    lines = _lines(case, ("E-601", "E-606"))
    drawn_up(OTHER_BUYER, at_one(lines), lines, "demo-now-order-draft", 5, TOGETHER)


def _late(day: date) -> Story:
    """One supplier is late and says nothing; another has named a new day."""
    days = Days(day)
    wanted = {"D-406": 60, "T-503": 4}
    case = yield from _approved(days, "仓储部", "打包用品补充", "胶带全市缺货,先订先得。", wanted)
    yield days.at(10, 5, later=2)
    sent(BUYER, _order(BUYER, case, "D-406", 9))
    other = sent(BUYER, _order(BUYER, case, "T-503", 8))
    yield days.at(9, 35, later=11)
    take(ENTERS, other, "postpone", "碳带到货推迟,厂家改了排期。", NewDay(clock.working_day_after(days.day, 7)))


def _called_off(day: date) -> Story:
    """The supplier has none after all: it is to be ordered elsewhere."""
    days = Days(day)
    case = yield from _approved(days, OFFICE, "U 盘补充", "各部门领用的 U 盘已发完。", {"E-603": 10})
    yield days.at(10, 55, later=1)
    order = sent(OTHER_BUYER, _order(OTHER_BUYER, case, "E-603", 6))
    yield days.at(16, 35, later=6)
    take(OTHER_BUYER, order, "call_off", "厂家缺芯片,供应商无法供货。")


def _partly(day: date) -> Story:
    days = Days(day)
    wanted = {"P-203": 48, "P-204": 40, "P-202": 10}
    case = yield from _approved(days, OFFICE, "下季度用纸", "下季度培训与归档集中用纸。", wanted)
    yield days.at(11, 15, later=1)
    order = sent(ENTERS, _order(ENTERS, case, "P-203 P-204 P-202", 6))
    yield days.at(10, 20, later=7)
    received(SUPERVISOR, order, half_of)


# ---- invoices -------------------------------------------------------------------------------------------------------


def _billed(day: date) -> Story:
    """Two orders that came, billed bit by bit: one waits for each signature, one differs, one is to be paid."""
    days = Days(day)
    wanted = {"W-101": 144, "F-302": 40, "D-404": 10, "D-409": 48, "C-701": 120, "C-702": 60, "C-703": 36}
    case = yield from _approved(days, OFFICE, "大扫除与换季补充", "换季大扫除,公共区文具一并补齐。", wanted)
    yield days.at(10, 40, later=1)
    desk = sent(BUYER, _order(BUYER, case, "W-101 F-302 D-404 D-409", 4))
    cleaning = sent(BUYER, _order(BUYER, case, "C-701 C-702 C-703", 4))
    yield days.at(14, 35, later=4)
    for order in (desk, cleaning):
        received(ENTERS, order)
    made: list[Case] = []
    for n, code in enumerate(("W-101", "F-302", "D-404", "D-409", "")):  # entered on the last five days, a day apart
        yield days.at(9, 15, later=3 if n == 0 else 1)
        made.append(entered(ENTERS, desk if code else cleaning, f"demo-now-bill-{n}", [code] if code else ["C-702", "C-703"]))
        if n == 3:
            entered(ENTERS, cleaning, "demo-now-bill-dearer", ["C-701"], more=8)
        if n:
            yield days.at(11, 10)
            take(SUPERVISOR, made[n - 1], "sign_first")
        if n > 1:
            yield days.at(16, 15)
            take(MANAGERS[n % 2], made[n - 2], "sign_second")


def _waited(day: date) -> Story:
    """A draw waits for what the shelf lacks, and goes on when the order is received; its invoice is not finished."""
    days = Days(day)
    case = yield from _approved(days, "设计部", "样册打样彩墨", "春季样册连续打样。", {"T-502": 6})
    yield days.at(10, 50, later=1)
    order = sent(BUYER, _order(BUYER, case, "T-502", 6))
    yield days.at(9, 10, later=2)
    draw = _draw("设计部", "T-502")
    yield days.at(9, 45)
    take(HEADS["设计部"] if draw.state == "special" else ENTERS, draw, "approve")
    yield days.at(10, 55, later=3)
    received(ENTERS, order)
    yield days.at(14, 20, later=1)
    take(SUPERVISOR, draw, "issue")
    yield days.at(15, 40)
    take(KEEPERS["设计部"], draw, "confirm")
    yield days.at(16, 50, later=3)
    drafted(ENTERS, order, "demo-now-bill-draft")


def _draw(department: str, code: str) -> Case:
    """Two more than there are."""
    keeper, wanted = person(KEEPERS[department]), item(code)
    figures = figures_of(unit(department).id, [wanted.id])[wanted.id]
    quantity = figures.stock + 2
    lines = [Wanted(wanted, quantity, WHY if figures.is_above(quantity) else "")]
    return file_draw(keeper, draw_content(keeper, unit(department), lines), {}, "demo-now-draw")
