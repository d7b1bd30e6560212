"""The demo company's shop: a catalogue brought and put on the shelf, prices that changed, promotions, and what is published."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from portal import attachments, clock, contents, imports
from portal.cases import Case
from portal.demo.archive import worked, worked_before
from portal.demo.budget import submit, take
from portal.demo.company import person, unit
from portal.demo.past import Story, at_work, chances, daily
from portal.demo.photographs import photograph
from portal.demo.wares import CATEGORIES, COLOURS, Ware, wares
from portal.listings.models import Product
from portal.listings.models_arrangements import to_review
from portal.listings.models_goods import note_content
from portal.listings.models_prices import price_content, product_of_code
from portal.listings.models_promotions import Treated, artwork_content, plan_content, treatment_content
from portal.listings.models_shelf import shelf_content
from portal.listings.rules_arrangements import add_category, review
from portal.listings.rules_competitors import bring_shop_file, enter_competitor
from portal.listings.rules_filings import answer, file_with_mall, support
from portal.listings.rules_goods import NOTE, bring_stock
from portal.listings.rules_imports import FOREIGN, LONG, NEEDED, READ, bring
from portal.listings.rules_prices import PRICE
from portal.listings.rules_products import change_product, vouch, write_content
from portal.listings.rules_promotions import ARTWORK, PLAN, TREATMENT, end_by_clock
from portal.listings.rules_shelf import SHELF
from portal.money import Money
from portal.publishing.models_papers import PROHIBITED, Confirmed, Vouched, manuscript_content
from portal.publishing.rules import MANUSCRIPT
from portal.publishing.rules_published import tell_late

PLANNER, OTHER_PLANNER, SPECIALIST, OTHER_SPECIALIST, DIRECTOR, KEEPER = (
    "hechen", "luoxin", "xieyu", "songjiayi", "shenwentao", "yeqing",
)  # fmt: skip
DESIGNER, WRITER, GM = "zhulin", "gaoyuan", "zhoumin"
WITHOUT_PICTURE = 12  # the last wares have none yet


def shop(present: datetime) -> Iterator[Story]:
    today = clock.local(present).date()
    start = worked(today - timedelta(days=120))
    yield _catalogue(start)
    yield _stock(start)
    yield daily(today - timedelta(days=30), _every_night)
    yield _prices(today)
    yield from _promotions(today)
    yield _shelf(today)
    yield from _told(today)


def _every_night() -> None:
    end_by_clock.work()
    tell_late.work()


def ware(code: str) -> Product:
    found = product_of_code(code)
    assert found is not None, code
    return found


# ---- the catalogue --------------------------------------------------------------------------------------------------


def _catalogue(day: date) -> Story:
    """Brought as a table, its prices agreed to as one proposal, described with pictures, put up as one request."""
    yield at_work(day, 9, 0)
    for name, name_en in CATEGORIES.values():
        add_category(person(SPECIALIST), name, name_en)
    yield at_work(day, 9, 20)
    review(person(PLANNER), [each.id for each in to_review()])
    yield at_work(day, 9, 30)
    headings = FOREIGN | {str(words): name for name, words in READ.items()}
    rows = imports.read("商品目录.csv", io.BytesIO(_table()), headings, NEEDED, long=LONG)
    done = bring(person(PLANNER), rows, "秋季目录定价", "新目录上线", "对照三家同类店铺，定位中档。", "demo-catalogue")
    assert done.proposal is not None
    yield at_work(day, 14, 20)
    take(DIRECTOR, done.proposal, "approve")
    yield at_work(day, 15, 5)
    take(SPECIALIST, done.proposal, "publish")
    yield at_work(day + timedelta(days=1), 9, 40)
    every = list(wares())
    for each in every[:-WITHOUT_PICTURE]:
        _pictured(each)
    yield at_work(worked(day + timedelta(days=4)), 10, 10)
    ready = [ware(each.code) for each in every[:-WITHOUT_PICTURE] if each.n < 20]
    request = submit(SHELF, person(SPECIALIST), shelf_content("秋季目录上架", "on", ready), "demo-shelf")
    yield at_work(worked(day + timedelta(days=4)), 16, 0)
    take(DIRECTOR, request, "approve")
    yield at_work(worked(day + timedelta(days=5)), 9, 5)
    take(SPECIALIST, request, "put_up")


def _table() -> bytes:
    written = io.StringIO()
    table = csv.writer(written)
    columns = ("code", "name", "name_en", "category", "brand", "description", "description_en", "cost", "own", "place")
    table.writerow([str(READ[name]) for name in columns])
    for each in wares():
        sort, colour = each.sort, COLOURS[each.colour][0]
        told, told_en = f"{each.style}系列，{each.colour}。{sort.said}", f"{each.name_en}. {sort.said_en}"
        table.writerow([
            each.code, each.name, each.name_en, CATEGORIES[sort.category][0], each.brand, told, told_en, sort.cost, each.price,
            f"{sort.category[0].upper()}-{colour[0]}{each.n}",
        ])  # fmt: skip
    return written.getvalue().encode()


def _pictured(each: Ware) -> None:
    product, designer = ware(each.code), person(DESIGNER)
    picture = io.BytesIO(photograph(each.sort.shape, COLOURS[each.colour][1]))
    file = attachments.store("product", product.id, "product_picture", f"{each.code}.jpg", picture, designer)
    product = write_content(designer, product.id, product.version, files=[file.id])
    product = vouch(person(SPECIALIST), product.id, product.version)
    if each.n == 1 or (each.sort.code == "THROW" and each.n < 6):
        change_product(person(PLANNER), product.id, product.events, season="winter", is_main=each.n == 1)


# ---- stock ----------------------------------------------------------------------------------------------------------


def _stock(day: date) -> Story:
    """The opening stock as a file, later receipts and issues; some things were sold out."""
    chance = chances("shop stock")
    yield at_work(day + timedelta(days=1), 8, 40)
    bring_stock(person(KEEPER), [(ware(each.code), chance.randint(20, 160)) for each in wares()], "demo-stock", "期初库存")
    for n, (way, reason) in enumerate((("in", "补货到仓"), ("out", "门店调拨"), ("in", "补货到仓"), ("out", "大促出库")), 1):
        yield at_work(worked(day + timedelta(days=20 * n)), 10, 30)
        chosen = chance.sample([each.code for each in wares()], 8)
        lines = [(ware(code), chance.randint(5, 18)) for code in chosen]
        on = clock.local(clock.now()).date()
        case = contents.create(NOTE, person(KEEPER), note_content(reason, way, on, lines), f"demo-note-{n}")
        take(KEEPER, case, "book")
    yield at_work(worked(day + timedelta(days=95)), 17, 20)
    gone = [(ware(code), 0) for code in ("MUG-03", "LAMP-07", "TOTE-02", "CANDLE-05", "THROW-04")]
    bring_stock(person(KEEPER), gone, "demo-sold-out", "每日库存")


# ---- prices ---------------------------------------------------------------------------------------------------------


def _prices(today: date) -> Story:
    """What competitors ask, changes that were made, one that waits for the director, one that waits to be published."""
    yield at_work(worked_before(today - timedelta(days=62)), 11, 0)
    for code, rival, theirs, yuan in (
        ("MUG-01", "木语生活", "手作马克杯", 36), ("LAMP-02", "光合家居", "调光台灯", 229),
        ("THROW-01", "棉里", "盖毯 四季款", 198), ("TOTE-01", "布言布语", "帆布托特", 69),
        ("POT-03", "器物集", "家用茶壶", 139),
    ):  # fmt: skip
        texts = {"competitor": rival, "their_product": theirs, "source": "https://example.cn/" + code.lower()}
        enter_competitor(person("jiangtao"), ware(code), texts, Money(yuan * 100), clock.today())
    yield at_work(worked_before(today - timedelta(days=60)), 10, 0)
    changed = _proposal("冬季毯类调价", "season", "入冬备货，毛毯提价。", {f"THROW-{n:02d}": 199 + n for n in range(1, 11)})
    yield at_work(worked_before(today - timedelta(days=59)), 15, 0)
    take(DIRECTOR, changed, "approve")
    yield at_work(worked_before(today - timedelta(days=58)), 9, 30)
    take(OTHER_SPECIALIST, changed, "publish")
    yield at_work(worked_before(today - timedelta(days=9)), 10, 0)
    refused = _proposal("台灯降价", "brand", "同品牌降价。", {"LAMP-01": 139, "LAMP-02": 139})
    yield at_work(worked_before(today - timedelta(days=8)), 16, 0)
    take(DIRECTOR, refused, "reject", "毛利过低，先看双十二效果。")
    yield at_work(worked_before(today - timedelta(days=5)), 10, 30)
    late = _proposal("杯碗同类调价", "category", "同类店铺普遍上调。", {f"MUG-{n:02d}": 45 for n in range(5, 12)})
    yield at_work(worked_before(today - timedelta(days=4)), 9, 50)
    take(DIRECTOR, late, "approve")
    yield at_work(worked_before(today - timedelta(days=1)), 11, 20)
    _proposal("收纳盒清库存", "stock", "库存偏高，拟小幅降价。", {f"CASE-{n:02d}": 55 for n in range(1, 9)})
    yield at_work(worked_before(today - timedelta(days=1)), 16, 40)
    file = [(each.code, Money(each.price * 100)) for each in wares() if each.sort.code in ("MUG", "THROW", "LAMP")]
    bring_shop_file(person(SPECIALIST), "店铺价格导出.csv", file)


def _proposal(title: str, cause: str, reason: str, yuan: dict[str, int]) -> Case:
    prices = {ware(code): each * 100 for code, each in yuan.items()}
    content = price_content(title, cause, reason, "参考近期竞争者价格。", prices)
    return submit(PRICE, person(OTHER_PLANNER), content, f"demo-prices-{title}")


# ---- promotions -----------------------------------------------------------------------------------------------------

SAID = {"strategy": "以主推款带动全店，满赠为辅。", "goods": "厨房餐具与家居布艺", "resources": "首页横幅、短信、站内信"}


def _promotions(today: date) -> Iterator[Story]:
    yield _past_promotion(today)
    yield _running_promotion(today)
    yield _coming_promotion(today)


def _plan(title: str, sort: str, first: date, days: int, **more: Any) -> Case:
    begin = at_work(first, 0, 0)
    content = plan_content(title, begin, begin + timedelta(days=days), sort=sort, target="both", **(SAID | more))
    return submit(PLAN, person(PLANNER), content, f"demo-plan-{title}")


def _treated(plan: Case, title: str, codes: list[str], share: int, gift: str = "") -> Case:
    treated = []
    for code in codes:
        product = ware(code)
        usual = next(each.price for each in wares() if each.code == code)
        treated.append(Treated(product, Money(usual * share), gift, reason="主推引流" if share < 60 else ""))
    return submit(TREATMENT, person(SPECIALIST), treatment_content(title, plan, treated), f"demo-treat-{title}")


def _past_promotion(today: date) -> Story:
    """Over, with the old prices verified."""
    first = today - timedelta(days=45)
    yield at_work(worked_before(first - timedelta(days=9)), 10, 0)
    plan = _plan("暖秋家居节", "topic", first, 10, summary="厨房餐具八五折，部分商品附赠品。")
    yield at_work(worked_before(first - timedelta(days=8)), 15, 0)
    plan = take(DIRECTOR, plan, "approve")
    yield at_work(worked_before(first - timedelta(days=6)), 11, 0)
    treatment = _treated(plan, "餐具八五折", [f"BOWL-{n:02d}" for n in range(1, 13)] + ["PLATE-01", "PLATE-02"], 85, "")
    yield at_work(worked_before(first - timedelta(days=5)), 16, 0)
    take(DIRECTOR, treatment, "approve")
    yield at_work(worked_before(first - timedelta(days=2)), 9, 30)
    take(SPECIALIST, treatment, "apply")
    yield at_work(worked(first + timedelta(days=11)), 9, 20)
    end_by_clock.work()
    take(SPECIALIST, treatment, "verify")


def _running_promotion(today: date) -> Story:
    """Runs now, with artwork and gifts; customer service has a plan."""
    first = today - timedelta(days=5)
    yield at_work(worked_before(first - timedelta(days=12)), 10, 0)
    plan = _plan("年末暖冬季", "festival", first, 25, needs_artwork=True, summary="毛毯、台灯直降，买毛毯送香薰。")
    yield at_work(worked_before(first - timedelta(days=11)), 14, 0)
    plan = take(DIRECTOR, plan, "approve")
    support(person("dingling"), plan, "常见问题：赠品随单发出，缺货改发同价位香薰；价格以页面为准。")
    yield at_work(worked_before(first - timedelta(days=8)), 10, 30)
    picture = contents.create(ARTWORK, person(DESIGNER), artwork_content("暖冬季海报", "poster", plan), "demo-poster")
    poster = io.BytesIO(photograph("lamp", COLOURS["陶红"][1]))
    attachments.store("case", picture.id, "paper", "暖冬季海报.jpg", poster, person(DESIGNER))
    take(DESIGNER, picture, "submit")
    yield at_work(worked_before(first - timedelta(days=7)), 11, 0)
    take(DIRECTOR, picture, "approve")
    throws = _treated(plan, "毛毯直降送香薰", [f"THROW-{n:02d}" for n in (1, 2, 3, 5, 6)], 80, "香薰蜡烛一支")
    lamps = _treated(plan, "台灯八折", [f"LAMP-{n:02d}" for n in range(8, 16)], 80)
    yield at_work(worked_before(first - timedelta(days=5)), 15, 30)
    for each in (throws, lamps):
        take(DIRECTOR, each, "approve")
    yield at_work(worked_before(first - timedelta(days=3)), 9, 10)
    for each in (throws, lamps):
        take(OTHER_SPECIALIST, each, "apply")
    yield at_work(worked_before(first - timedelta(days=2)), 10, 0)
    texts = {"mall": "天猫", "subject": "年末暖冬季会场", "note": ""}
    filed = file_with_mall(person(DIRECTOR), "campaign", texts, True, clock.today())
    answer(person(DIRECTOR), filed.id, filed.events, "granted", "会场二层展位")
    file_with_mall(
        person(DIRECTOR), "brand", {"mall": "京东", "subject": "松果品牌授权", "note": "补交授权书"}, True, clock.today()
    )


def _coming_promotion(today: date) -> Story:
    """Passed, its goods wait for the director; another plan waits itself."""
    first = today + timedelta(days=12)
    yield at_work(worked_before(today - timedelta(days=4)), 10, 0)
    plan = _plan("新年焕新", "festival", first, 14, summary="全场餐具焕新价。")
    yield at_work(worked_before(today - timedelta(days=3)), 11, 0)
    plan = take(DIRECTOR, plan, "approve")
    yield at_work(worked_before(today - timedelta(days=1)), 10, 0)
    _treated(plan, "茶壶焕新价", [f"POT-{n:02d}" for n in range(1, 9)], 82)
    _plan("春季上新预热", "topic", today + timedelta(days=60), 10)


# ---- shelf ----------------------------------------------------------------------------------------------------------


def _shelf(today: date) -> Story:
    """Something recalled, something to go up by the clock, something that waits; new words for what is shown."""
    yield at_work(worked_before(today - timedelta(days=20)), 10, 0)
    recall = _asked("off", "VASE-04 质检问题下架", ["VASE-04"], reason="釉面开裂，供应商召回。")
    yield at_work(worked_before(today - timedelta(days=20)), 11, 30)
    take(DIRECTOR, recall, "approve")
    take(SPECIALIST, recall, "take_off")
    yield at_work(worked_before(today - timedelta(days=6)), 10, 0)
    product = ware("MUG-02")
    product = write_content(
        person(WRITER),
        product.id,
        product.version,
        {"name": "原野系列马克杯 陶红（新款）", "description": "新釉色，容量升级 380 ml。"},
    )
    vouch(person(SPECIALIST), product.id, product.version)
    yield at_work(worked_before(today - timedelta(days=4)), 10, 0)
    planned = at_work(today + timedelta(days=3), 10, 0)
    content = shelf_content("尾款上架（定时）", "on", [ware("BOWL-20"), ware("PLATE-20")], planned_at=planned)
    coming = submit(SHELF, person(PLANNER), content, "demo-planned")
    yield at_work(worked_before(today - timedelta(days=3)), 15, 0)
    take(DIRECTOR, coming, "approve")
    take(SPECIALIST, coming, "put_up")
    yield at_work(worked_before(today - timedelta(days=2)), 11, 0)
    agreed = _asked("on", "抱枕尾款上架", ["CUSH-20"])
    yield at_work(worked_before(today - timedelta(days=1)), 10, 0)
    take(DIRECTOR, agreed, "approve")
    _asked("update", "马克杯新文案", ["MUG-02"])


def _asked(way: str, title: str, codes: list[str], reason: str = "") -> Case:
    content = shelf_content(title, way, [ware(code) for code in codes], reason)
    return submit(SHELF, person(SPECIALIST), content, f"demo-shelf-{title}")


# ---- published ------------------------------------------------------------------------------------------------------

PICTURES = {  # shape and colour of what stands on the picture beside a text
    "一只杯子的诞生": ("mug", "陶红"), "冬天的第一杯热茶": ("pot", "松绿"), "年末暖冬季开启": ("lamp", "燕麦"),
    "暖秋家居节即将开始": ("bowl", "陶红"),
}  # fmt: skip
STORIES = (  # days ago, kind, title, text
    (70, "company", "云杉与松果达成品牌合作", "双方就家居餐具系列达成**三年合作**，首批新品九月上线。"),
    (
        48,
        "news",
        "暖秋家居节即将开始",
        "厨房餐具全线八五折，部分商品附赠品。\n\n- 时间：十天\n- 范围：厨房餐具\n- 客服支持方案已发布",
    ),
    (
        30,
        "article",
        "一只杯子的诞生",
        "从泥到杯要经过七道工序。\n\n1. 练泥\n2. 拉坯\n3. 修坯\n4. 素烧\n5. 上釉\n6. 釉烧\n7. 质检",
    ),
    (12, "news", "年末暖冬季开启", "毛毯、台灯直降，买毛毯送香薰。活动详情见店铺首页。"),
    (6, "news", "仓库盘点安排", "本月起产品每两天盘点一次，请仓储和版块专员互相配合。"),
)


def _told(today: date) -> Iterator[Story]:
    for n, (days, kind, title, text) in enumerate(STORIES):
        yield _published(today - timedelta(days=days), kind, title, text, n)
    yield _on_the_desk(today)


def _written(kind: str, title: str, text: str, key: str, **more: Any) -> Case:
    detail: dict[str, Any] = {"topic": "news", "on_news": True, "on_home": True, "on_shop": kind == "article"} | more
    if kind == "company":
        detail["source_department"] = unit("市场部")
    case = contents.create(MANUSCRIPT, person(WRITER), manuscript_content(title, kind, text, **detail), f"demo-story-{key}")
    if title in PICTURES:
        shape, colour = PICTURES[title]
        picture = io.BytesIO(photograph(shape, COLOURS[colour][1]))
        attachments.store("case", case.id, "paper", f"{title}.jpg", picture, person(WRITER))
    case = take(WRITER, case, "hand_in")
    if case.state != "compiled":
        case = take(WRITER, case, "compile")
    return take(WRITER, case, "submit", given=Vouched(True, True))


def _published(day: date, kind: str, title: str, text: str, n: int) -> Story:
    yield at_work(worked_before(day), 10, 0)
    case = _written(kind, title, text, str(n))
    yield at_work(worked_before(day), 14, 0)
    take(DIRECTOR, case, "approve")
    yield at_work(worked_before(day), 16, 30)
    take(DESIGNER if kind == "company" else SPECIALIST, case, "publish", given=Confirmed(tuple(PROHIBITED)))


def _on_the_desk(today: date) -> Story:
    """One is late, one in time, one waits for the director, one for the general manager."""
    yield at_work(worked_before(today - timedelta(days=5)), 10, 0)
    late = _written("news", "物流时效说明", "偏远地区延长至七天。", "late")
    yield at_work(worked_before(today - timedelta(days=5)), 11, 0)
    take(DIRECTOR, late, "approve")
    yield at_work(worked_before(today - timedelta(days=1)), 9, 30)
    guarded = _written("company", "与外方考察团会谈纪要", "内部资料，未经批准不得外传。", "guarded", confidential=True)
    waiting = _written("article", "冬天的第一杯热茶", "茶壶与马克杯的搭配建议。", "waiting")
    yield at_work(worked_before(today - timedelta(days=1)), 15, 0)
    take(DIRECTOR, guarded, "approve")
    soon = _written("news", "元旦客服值班表", "元旦期间客服轮值，见附表。", "soon")
    take(DIRECTOR, soon, "approve")
    assert waiting.state == "submitted"
