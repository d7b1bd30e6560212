"""The demo company buys for a year: what is low or needed is asked for, ordered, received, billed, signed twice and paid."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from portal import clock, contents
from portal.budget.models import Overrun
from portal.cases import Case
from portal.demo.budget import take
from portal.demo.buying_now import at_present
from portal.demo.buying_steps import (
    ENTERS,
    GM,
    MANAGERS,
    SUPERVISOR,
    Days,
    asked,
    asking,
    beyond,
    by_cheapest,
    comes_still,
    dearer,
    decided,
    entered,
    first_not_good,
    granted_less,
    half_of,
    is_to_be_billed,
    placed,
    received,
    sent,
    signed,
    supplier_of,
)
from portal.demo.company import person
from portal.demo.draws import HEADS
from portal.demo.goods import CUSTODIANS, GOODS, SCARCE
from portal.demo.nearby import nearby
from portal.demo.offers import offers
from portal.demo.past import Story, next_worked
from portal.purchasing.models import PurchaseLine
from portal.purchasing.models_orders import NewDay
from portal.purchasing.models_purchases import running_short, to_order
from portal.purchasing.models_quotes import quotes_valid
from portal.stock.models import Item
from portal.supplies.models_catalogue import first_of, month_after

MONTHS, ORDERS_A_MONTH = 13, 6
DAY_OF_MONTH = 17  # about when the office looks at what is low
SCARCE_DAYS = 100  # for so long nobody could deliver what is scarce
FORGOTTEN, FORGOTTEN_DAYS = ("K-802", "D-403", "E-604"), 40  # what the office has not looked after lately
YEARS = "demo-buying-"  # what the tokens of the year's applications begin with
BUYERS = ("xiayu", "wujia")


@dataclass(frozen=True)
class Need:
    """What a department needs beyond the usual: why, how many of what, and how its application goes."""

    department: str
    title: str
    reason: str
    wanted: dict[str, int] = field(default_factory=dict)
    plot: str = ""


NEEDS = {  # month of the year that is told
    1: (
        Need("市场部", "春季展会物料", "展会四天,展位文具与资料袋。", {"F-303": 100, "P-204": 20, "W-101": 24}, "less"),
        Need("设计部", "产品手册打样", "新季手册校色打样,彩墨用量大。", {"T-502": 3, "P-202": 5}),
    ),
    3: (
        Need("上海业务部", "打印机硒鼓补充", "标书集中打印,硒鼓已用完。", {"T-501": 0}, "beyond"),
        Need("客户服务部", "耳麦用电池", "夜班坐席无线耳麦换电池。", {"E-602": 48}, "returned"),
    ),
    4: (
        Need("仓储部", "大促发货用品", "大促发货量预计翻倍。", {"P-206": 100, "W-106": 10, "D-408": 6}),
        Need("电子商务部", "直播间用品", "直播间改造,理线与补光。", {"E-605": 4, "E-606": 8}),
    ),
    5: (Need("信息技术部", "U 盘补充", "给各部门拷贝素材用。", {"E-603": 20}, "rejected"),),
    6: (Need("电子商务部", "客户沙龙茶歇", "客户沙龙茶歇,三十人。", {"K-801": 20, "K-803": 12}, "cancelled"),),
    7: (
        Need("财务部", "年度凭证装订", "全年凭证装订归档。", {"F-302": 40, "F-301": 24, "D-404": 6}, "less"),
        Need("采购部", "样品间收纳", "样品间整理,样品分盒存放。", {"F-302": 20, "F-306": 2}),
    ),
    8: (Need("设计部", "拍摄道具用品", "摄影棚背景固定与裁切。", {"D-405": 16, "D-408": 6, "D-407": 4}),),
    10: (
        Need("客户服务部", "新坐席用品", "新增四个坐席。", {"E-604": 4, "D-401": 2, "P-204": 10}),
        Need("市场部", "新品发布会物料", "发布会签到与媒体资料。", {"F-303": 60, "W-103": 24, "F-305": 40}, "less"),
    ),
}  # fmt: skip
GOES = {  # month and number of the order in it: how it comes
    (1, 0): "partly", (2, 0): "late", (3, 0): "failed", (4, 0): "dearer", (5, 0): "short", (6, 0): "put_off",
    (7, 0): "called_off", (8, 0): "partly", (9, 0): "dearer", (10, 0): "late",
}  # fmt: skip
BILLED = {(1, 0): "too_many", (2, 1): "dearer", (6, 1): "dearer_paid", (4, 1): "sent_back", (9, 1): "dearer"}
WHY_DEARER = {4: "大促前必须到货,只有这家现货次日送", 9: "上次最低价供应商送货两次破损"}


def buying(present: datetime) -> Iterator[Story]:
    today = clock.local(present).date()
    begin = date(today.year - 1, today.month, 1)
    yield from offers(begin, today)
    for n in range(MONTHS):
        day = next_worked(first_of(month_after(begin.year * 100 + begin.month, n)) + timedelta(days=DAY_OF_MONTH - 1))
        for need in NEEDS.get(n, ()):
            yield _needed(n, need, Days(day))
        yield _low(n, Days(clock.working_day_after(day, 1)), today)
        for k in range(ORDERS_A_MONTH):
            yield _ordered(n, k, Days(clock.working_day_after(day, 4)))
    yield from at_present(today)
    yield from nearby(today)


# ---- what is asked for ----------------------------------------------------------------------------------------------


def _needed(n: int, need: Need, days: Days) -> Story:
    """The custodian asks, the head settles the quantity, the general manager signs."""
    yield days.at(10, 15)
    keeper, head = CUSTODIANS[need.department], HEADS[need.department]
    wanted = beyond(need.department, *need.wanted) if need.plot == "beyond" else need.wanted
    case = asked(keeper, need.title, wanted, f"{YEARS}{n}-{need.department}", need.reason)
    yield days.at(9, 25, later=1)
    if need.plot == "returned":
        take(head, case, "return", "请写明坐席数,按人数核减。", "draft")
        yield days.at(11, 40)
        fewer = {code: quantity // 2 for code, quantity in wanted.items()}
        case = Case.get_by_id(case.id)
        contents.edit(person(keeper), case.id, asking(keeper, need.title, fewer, f"{need.reason}共八个坐席。"), case.version)
        take(keeper, case, "submit")
        yield days.at(14, 30)
    if need.plot == "less":
        take(head, case, "approve_less", given=granted_less(case, "先按一半采购,不足再报"))
    else:
        take(head, case, "approve")
    yield days.at(10, 35, later=1)
    if need.plot == "rejected":
        take(GM, case, "reject", "素材走网盘共享,不再采购 U 盘。")
    elif need.plot == "beyond":
        over = Overrun("标书截止在即,超出部分下季度扣减。", clock.today() + timedelta(days=90))
        take(GM, case, "approve_over_budget", given=over)
    else:
        take(GM, case, "approve")
    if need.plot == "cancelled":
        yield days.at(15, 10)
        take(keeper, case, "cancel", "沙龙改为线上,不再采购。")


def _low(n: int, days: Days, today: date) -> Story:
    """The office asks for what runs low; its manager and the general manager approve."""
    yield days.at(9, 40)
    back = (today - days.day).days
    left_out = {*(SCARCE if back < SCARCE_DAYS else ()), *(FORGOTTEN if back < FORGOTTEN_DAYS else ())}
    wanted = {code: quantity for code, quantity in _short().items() if code not in left_out}
    if not wanted:
        return
    case = asked((ENTERS, SUPERVISOR)[n % 2], f"{days.day.month}月办公用品补货", wanted, f"{YEARS}{n}")
    yield days.at(15, 20, later=1)
    if n % 4 == 3:
        take(MANAGERS[n % 2], case, "approve_less", given=granted_less(case, "库房放不下,下月再补"))
    else:
        take(MANAGERS[n % 2], case, "approve")
    yield days.at(9, 50, later=1)
    take(GM, case, "approve")


def _short() -> dict[str, int]:
    """What runs low, filled up in whole packs to what lay there at the beginning, where anybody offers it."""
    short, goods = running_short(), {each.code: each for each in GOODS}
    offered = quotes_valid(short)
    found = {}
    for each in Item.where("kind = 'supply' ORDER BY code"):
        if each.id in short and offered[each.id]:
            up_to = goods[each.code].opening - short[each.id].running.free - short[each.id].coming
            found[each.code] = goods[each.code].whole_packs(max(up_to, short[each.id].lacking))
    return found


# ---- what is ordered ------------------------------------------------------------------------------------------------


def _open_lines() -> list[PurchaseLine]:
    """What of the year's applications is approved and on no order."""
    found = [(each, Case.get_by_id(each.case_id)) for each in to_order()]
    return [PurchaseLine.get_by_id(each.line_id) for each, case in found if (case.token or "").startswith(YEARS)]


def _ordered(n: int, k: int, days: Days) -> Story:
    """The lines of all departments that are cheapest at the same supplier; what is left waits for the next order."""
    yield days.at(10, 10 + 8 * k)
    how, lines = GOES.get((n, k), ""), _open_lines()
    groups = dearer(lines) if how == "dearer" else by_cheapest(lines)
    if not groups:
        return
    supplier, group = next(iter(groups.items()))
    token, user = f"{YEARS}order-{n}-{k}", BUYERS[(n + k) % 2]
    case = placed(user, supplier, group[:3] if how == "dearer" else group, token, 4 + k % 2, WHY_DEARER.get(n, ""))
    yield days.at(11, 2 + 8 * k)
    sent(user, case)
    if how in ("called_off", "short"):
        yield from (_called_off if how == "called_off" else _short_of)(days, case, user)
        return
    yield from _came(days, case, how, n, k)
    yield from _billed(days, case, BILLED.get((n, k), "") if how != "partly" else "", n, k)


def _came(days: Days, case: Case, how: str, n: int, k: int) -> Story:
    """Whole on the day, or in another way."""
    clerk = (ENTERS, SUPERVISOR)[(n + k) % 2]
    yield days.at(10, 21 + 3 * k, later=3)
    if how == "partly":
        received(clerk, case, half_of)
        yield from _billed(days, case, BILLED.get((n, k), ""), n, k)
    elif how == "failed":
        received(clerk, case, first_not_good)
    elif how == "put_off":
        take(clerk, case, "postpone", "厂家缺货,改期一周送。", NewDay(clock.working_day_after(days.day, 6)))
    if how in LATER:
        yield days.at(14, 10 + 3 * k, later=LATER[how])
    if comes_still(case):
        received(clerk, case)


LATER = {"partly": 1, "failed": 3, "late": 4, "put_off": 6}  # worked days until the rest comes


def _called_off(days: Days, case: Case, user: str) -> Story:
    """The supplier cannot deliver; the next one does."""
    yield days.at(9, 30, later=1)
    before = supplier_of(case).id
    take(user, case, "call_off", "供应商来电,工厂停产,无法按期交货。")
    yield from _elsewhere(days, case, before, user)


def _short_of(days: Days, case: Case, user: str) -> Story:
    """A part comes, and then nothing more: the rest is ordered elsewhere."""
    yield days.at(10, 25, later=3)
    before = supplier_of(case).id
    received(ENTERS, case, half_of)
    yield days.at(9, 15, later=3)
    if comes_still(case):
        take(user, case, "close_short", "余货断档,供应商书面说明不再补发。")
        yield from _elsewhere(days, case, before, user)
    yield from _billed(days, case, "", 0, 0)


def _elsewhere(days: Days, case: Case, before: int, user: str) -> Story:
    yield days.at(9, 45)
    for m, (supplier, lines) in enumerate(by_cheapest(_open_lines(), but=before).items()):
        other = placed(user, supplier, lines, f"{case.token}-{m}", 3, "原供应商交不出货")
        sent(user, other)
        yield days.at(10, 50, later=2)
        received(ENTERS, other)
        yield from _billed(days, other, "", 0, m)


# ---- what is billed -------------------------------------------------------------------------------------------------


def _billed(days: Days, order: Case, how: str, n: int, k: int) -> Story:
    """Entered the next day and signed twice; the cashier finds it on the days after."""
    yield days.at(15, 5 + 4 * k, later=1)
    if not is_to_be_billed(order):
        return
    token = f"{order.token}-bill{days.day:%m%d}"
    more = 6 if how in ("dearer", "dearer_paid") else 0
    case = entered(ENTERS, order, token, more=more, all_billed=how == "too_many")
    if case.state == "differing":
        yield days.at(16, 40)
        decided(case, WHY_PAID[how], pays_more=how == "dearer_paid")
    if how == "sent_back":
        yield days.at(16, 55)
        take(SUPERVISOR, case, "return", "发票抬头少了“有限公司”,请供应商重开。", "draft")
        yield days.at(9, 55, later=2)
        take(ENTERS, case, "submit")
    yield from signed(days, case, MANAGERS[(n + k) % 2])


WHY_PAID = {
    "dearer": "按订单价付款,差额已请供应商下张发票冲减。",
    "dearer_paid": "原料涨价函已收到,经比价仍低于其他两家,按票付款。",
    "too_many": "只付已到部分,余货到齐后另开票。",
}
