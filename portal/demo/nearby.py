"""What departments of the demo company bought nearby: asked for before, bought at a shop, reviewed by the office, claimed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from portal import attachments, clock, contents, steps
from portal.cases import Case, lines_of
from portal.demo.budget import line_of, submit, take
from portal.demo.buying_steps import CODE, ENTERS, GM, Days
from portal.demo.company import person
from portal.demo.draws import HEADS
from portal.demo.goods import CUSTODIANS
from portal.demo.past import Story, back, chances, last_worked
from portal.demo.pictures import file
from portal.expenses.models import Spending
from portal.expenses.rules_claims import CLAIM, claim_content
from portal.money import Money
from portal.purchasing.models import NearbyLine
from portal.purchasing.models_nearby import Bought, Wanted, nearby_content
from portal.purchasing.rules_nearby import NEARBY

OTHER_CLERK = "sunxiaoyan"


@dataclass(frozen=True)
class Errand:
    """What a department buys itself: why, where, how many of what for about how many yuan, and how it went."""

    department: str
    title: str
    reason: str
    shop: str
    wanted: tuple[tuple[str, int, int], ...]
    plot: str = "claimed"


PAST = {  # begun how many days ago
    338: Errand(
        "市场部", "展位应急用品", "展会当天缺延长线和胶带。", "国展五金店", (("延长线 10 m", 2, 138), ("布基胶带", 4, 72))
    ),
    290: Errand("仓储部", "挂锁与钥匙牌", "三号库门锁损坏,当日更换。", "城东五金", (("挂锁", 3, 114), ("钥匙牌", 20, 40))),
    241: Errand("市场部", "签到桌布置", "合作方临时改场地,桌布不合尺寸。", "花语布艺", (("桌布", 3, 267),)),
    187: Errand("设计部", "拍摄道具", "样品拍摄缺背景纸。", "光影器材", (("背景纸", 2, 236), ("夹子", 12, 60)), "answered"),
    133: Errand("客户服务部", "耳麦海绵套", "新坐席次日上线,库存没有。", "数码广场 B12", (("耳麦海绵套", 20, 90),)),
    92: Errand("电子商务部", "直播补光灯泡", "直播前一小时灯泡烧坏。", "光影器材", (("灯泡 E27", 4, 156),)),
    47: Errand(
        "信息技术部", "水晶头与压线钳", "机柜断网抢修,备件用完。", "数码广场 A07", (("水晶头", 50, 60), ("压线钳", 1, 128))
    ),
}
NOW = {  # begun how many worked days ago
    6: Errand("采购部", "样品盒", "客户临时来访,样品无处摆放。", "亚克力工坊", (("亚克力盒", 6, 210),), "objected"),
    4: Errand("市场部", "路演易拉宝支架", "支架断裂,路演次日使用。", "广告物料城", (("易拉宝支架", 2, 196),), "bought"),
    3: Errand("仓储部", "临时防雨布", "卸货口漏雨,先遮货。", "城东五金", (("防雨布", 2, 158),), "approved"),
    1: Errand("设计部", "色卡", "客户当面对色,等不及采购。", "美术用品社", (("色卡", 1, 380),), "signing"),
    0: Errand("财务部", "支票夹", "银行对账当日要用。", "文具超市", (("支票夹", 4, 88),), "submitted"),
}


def nearby(today: date) -> Iterator[Story]:
    for days, errand in PAST.items():
        yield _errand(errand, last_worked(today - timedelta(days=days)))
    for days, errand in NOW.items():
        yield _errand(errand, back(today, days))


def _errand(errand: Errand, first: date) -> Story:
    """Filed and approved first, then bought with its receipt, reviewed by the office, and claimed."""
    days, keeper, chance = Days(first), CUSTODIANS[errand.department], chances(f"nearby {errand.title}")
    yield days.at(9, 15)
    by = person(keeper)
    detail: dict[str, Any] = {
        "reason": errand.reason, "line": line_of(clock.today().year, errand.department, CODE),
        "expected_date": min(clock.working_day_after(first, 3), date(first.year, 12, 31)), "in_place_of": None, "away": "",
    }  # fmt: skip
    wanted = [Wanted(None, text, quantity, Money(yuan * 100)) for text, quantity, yuan in errand.wanted]
    case = submit(NEARBY, by, nearby_content(by, errand.title, detail, wanted), f"demo-nearby-{errand.title}")
    if errand.plot == "submitted":
        return
    yield days.at(9, 35, later=1)
    take(HEADS[errand.department], case, "approve")
    if errand.plot == "signing":
        return
    yield days.at(10, 5)
    take(GM, case, "approve")
    if errand.plot == "approved":
        return
    yield days.at(16, 30)
    attachments.store("case", case.id, "paper", "小票.png", file("小票.png", chance, Money(0)), by)
    take(keeper, case, "buy", given=_bought(case, errand))
    if errand.plot == "bought":
        return
    yield days.at(10, 45, later=1)
    if errand.plot in ("answered", "objected"):
        take(OTHER_CLERK, case, "object", "目录里有同类物品,为何另买?")
    if errand.plot == "objected":
        return
    if errand.plot == "answered":
        yield days.at(13, 50)
        take(keeper, case, "answer", "库存为零,当天等不及。", _bought(case, errand))
        yield days.at(9, 20, later=1)
    take(ENTERS, case, "pass")
    yield days.at(11, 30)
    _claim(Case.get_by_id(case.id), keeper)


def _bought(case: Case, errand: Errand) -> Bought:
    """All of it, for a little less than was thought."""
    lines = lines_of(NearbyLine, Case.get_by_id(case.id))
    told = tuple((line.n, line.quantity, Money(int(line.estimate) * 96 // 100)) for line in lines)
    return Bought(clock.today(), errand.shop, told)


def _claim(request: Case, keeper: str) -> None:
    by, chance = person(keeper), chances(f"nearby claim {request.title}")
    spent = Money(sum(int(line.spent or 0) for line in lines_of(NearbyLine, request)))
    row: dict[str, Any] = {
        "day": clock.today(), "line": Spending.get_by_id(request.id).line, "text": request.title, "amount": spent,
        "invoice_code": "", "invoice_number": f"2633{chance.randrange(10**16):016d}", "file": None,
    }  # fmt: skip
    case = contents.create(CLAIM, by, claim_content(request, [row]), f"demo-nearby-claim-{request.id}")
    kept = attachments.store("case", case.id, "invoice", "发票.png", file("发票.png", chance, spent), by)
    case = contents.edit(by, case.id, claim_content(request, [row | {"file": kept}]), case.version)
    steps.take(by, case.id, "submit")
