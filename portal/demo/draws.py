"""The demo company's wishes and draws: what people asked for, and what their custodians were given each month."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random

from portal import db
from portal.cases import Case, lines_of
from portal.demo.budget import take
from portal.demo.company import person, unit
from portal.demo.goods import CUSTODIANS, CUT, GOODS, NOTES, WANTED, WISHERS, WITHOUT_LIMIT
from portal.demo.past import Story, at_work, chances, last_worked, later, some_time
from portal.persons import Department
from portal.stock.models import Item
from portal.supplies.models import DrawLine, Suggestion, WishLine
from portal.supplies.models_catalogue import month_after
from portal.supplies.models_draws import Figures, Wished, figures_of, lines_of_wish, open_wishes
from portal.supplies.rules_draws import Taken, Wanted, draw_content, file_draw, keep_draw
from portal.supplies.rules_issuing import Declined
from portal.supplies.rules_waiting import Granted
from portal.supplies.rules_wishes import answer_suggestion, fill_basket, submit_wish, wish_content

CLERKS = ("sunxiaoyan", "wujia")
SOLD_OUT = "D-406"  # what the warehouse waits for
WHY = "部门活动集中用量,下月相应减少。"
USUAL = {each.code: each.usual for each in GOODS}
NOW = {  # how the last draw of each department goes, begun how many days ago
    "办公室": ("issued", 8),
    "财务部": ("issued", 9),
    "电子商务部": ("submitted", 2),
    "设计部": ("special", 2),
    "仓储部": ("waiting", 6),
    "信息技术部": ("approved", 3),
    "市场部": ("issued", 6),
    "采购部": ("issued", 3),
    "客户服务部": ("draft", 2),
    "上海业务部": ("returned", 4),
    "广州业务部": ("declined", 8),
}
FETCHED = ("办公室", "市场部")  # what was issued to them came yesterday
THEN = {  # what was unlike the usual: department and the month before this one
    ("办公室", 2): "unmet",
    ("办公室", 3): "beyond",
    ("财务部", 5): "cut",
    ("电子商务部", 2): "declined",
    ("电子商务部", 7): "beyond",
    ("设计部", 2): "rejected",
    ("设计部", 6): "cut",
    ("仓储部", 3): "cancelled",
    ("仓储部", 5): "cut",
    ("信息技术部", 4): "withdrawn",
    ("市场部", 3): "beyond",
    ("市场部", 8): "declined",
    ("采购部", 2): "sent_back",
    ("客户服务部", 4): "cut",
    ("上海业务部", 2): "beyond_refused",
}


def draws(begin: date, today: date) -> Iterator[Story]:
    latest = today - timedelta(days=20)
    for back in range(12, 0, -1):
        month = month_after(today.year * 100 + today.month, -back)
        for name in WANTED:
            chance = chances(f"draw {name} {back}")
            day = date(month // 100, month % 100, chance.randint(10, 19))
            if begin + timedelta(days=12) < day < latest:
                yield from _round(chance, name, day, THEN.get((name, back), "received"))
    for name, (plot, days) in NOW.items():
        yield from _round(chances(f"draw {name} now"), name, today - timedelta(days=days), plot)
    for name in FETCHED:
        yield _fetch(name, last_worked(today))
    yield from _wishes_now(today)
    yield from _suggestions(today)


def _round(chance: Random, name: str, day: date, plot: str) -> Iterator[Story]:
    """What people of a department wish, and the draw that takes it over."""
    for wisher in chance.sample(WISHERS[name], min(len(WISHERS[name]), chance.choice((1, 1, 2)))):
        yield _wish(chances(f"{wisher} {day}"), wisher, day - timedelta(days=chance.randint(2, 5)))
    yield _draw(chance, name, day, plot)


def _fetch(name: str, day: date) -> Story:
    """The custodian confirms what was issued: it lies on the desks."""
    yield at_work(day, 17, 40)
    for case in Case.where("kind = 'draw' AND state = 'issued' AND department_id = ?", unit(name).id):
        take(CUSTODIANS[name], case, "confirm")


# ---- wishes ---------------------------------------------------------------------------------------------------------


def items(codes: list[str]) -> dict[str, Item]:
    return {each.code: each for each in Item.where(f"code IN ({db.marks(codes)})", *codes)}


def _wish(chance: Random, user: str, day: date) -> Story:
    yield some_time(chance, day)
    wisher = person(user)
    codes = chance.sample(WANTED[wisher.department.name].split(), chance.randint(1, 3))
    found = items(codes)
    wanted = {found[code].id: max(1, USUAL[code] // 3) for code in codes}
    submit_wish(wisher, wish_content(wisher, wanted, note=chance.choice(NOTES)))


def _wishes_now(today: date) -> Iterator[Story]:
    """What lies in baskets, waits for a custodian, came back or was refused in these days."""
    before = last_worked(today - timedelta(days=NOW["市场部"][1])) - timedelta(days=1)
    yield _wishes("qinfeng", before, {"W-101": 3, "P-203": 2, "D-407": 1}, "新活动物料准备")
    yield _wishes("qinfeng", today - timedelta(days=1), {"W-105": 2, "P-204": 1}, "直播间用")
    yield _wishes("jiangtao", today - timedelta(days=1), {"D-405": 1, "K-803": 1})
    yield _wishes("qiaoan", today - timedelta(days=3), {"P-203": 3, "E-602": 4})
    yield _wishes("songjiayi", today - timedelta(days=1), {"E-604": 1}, "鼠标双击失灵")
    yield _wishes("maizi", today - timedelta(days=1), {"W-101": 2, "P-204": 1}, end="draft")
    yield _wishes("zhulin", today - timedelta(days=4), {"E-603": 4}, end="reject", said="公司网盘可以共享,U 盘上月已领。")
    yield _wishes("luoxin", today - timedelta(days=3), {"K-802": 6}, end="return", said="六罐太多,请写明用途。")
    yield _wishes("caiyu", today - timedelta(days=2), {"W-107": 2}, end="withdraw")


def _wishes(user: str, day: date, told: dict[str, int], note: str = "", end: str = "", said: str = "") -> Story:
    chance = chances(f"{user} {told}")
    moment = some_time(chance, last_worked(day))
    yield moment
    wisher, found = person(user), items(list(told))
    content = wish_content(wisher, {found[code].id: n for code, n in told.items()}, note=note)
    if end == "draft":
        fill_basket(wisher, content)
        return
    case = submit_wish(wisher, content)
    if end:
        yield later(chance, moment, 0)
        who = user if end == "withdraw" else CUSTODIANS[wisher.department.name]
        if Case.get_by_id(case.id).state == "submitted":
            take(who, case, end, said, "draft" if end == "return" else None)


def _suggestions(today: date) -> Iterator[Story]:
    """What the catalogue lacks: added, declined, and not answered yet."""
    yield _suggestion("hechen", "静音无线鼠标", today - timedelta(days=47), "added", "目录里的鼠标已换成静音款。", "E-604")
    yield _suggestion("mengting", "人体工学脚踏", today - timedelta(days=26), "declined", "属于个人用品,不列入办公用品。", "")
    yield _suggestion("gaoyuan", "A3 切纸垫板", today - timedelta(days=2), "", "", "")


def _suggestion(user: str, text: str, day: date, answer: str, note: str, code: str) -> Story:
    chance = chances(f"suggestion {text}")
    moment = some_time(chance, last_worked(day))
    yield moment
    asker = person(user)
    case = submit_wish(asker, wish_content(asker, {}, [text]))
    if answer:
        yield later(chance, moment, 2)
        line: WishLine = lines_of_wish(case)[0]
        found = Suggestion.get(Suggestion.wish_line == line)
        answer_suggestion(person(CLERKS[0]), found.id, found.events, answer, note, items([code])[code] if code else None)


# ---- draws ----------------------------------------------------------------------------------------------------------


@dataclass
class Told:
    """A draw being told: for whom, and when the last thing happened."""

    chance: Random
    moment: datetime
    keeper: str
    case: Case

    def wait(self, days: float) -> datetime:
        self.moment = later(self.chance, self.moment, days)
        return self.moment

    @property
    def state(self) -> str:
        return Case.get_by_id(self.case.id).state

    def lines(self) -> list[DrawLine]:
        return lines_of(DrawLine, Case.get_by_id(self.case.id))


def _draw(chance: Random, name: str, day: date, plot: str) -> Story:
    moment = some_time(chance, day) if plot not in STAYS else at_work(last_worked(day), chance.randint(9, 11), 7)
    yield moment
    keeper, department = CUSTODIANS[name], unit(name)
    wanted, taken = _wanted(chance, department, plot)
    if not wanted:
        return
    content, token = draw_content(person(keeper), department, wanted), f"demo-draw-{name}-{day}"
    if plot == "draft":
        keep_draw(person(keeper), content, taken, token)
        return
    told = Told(chance, moment, keeper, file_draw(person(keeper), content, taken, token))
    if plot not in ("submitted", "special"):
        yield from _decided(told, plot)


def _wanted(chance: Random, department: Department, plot: str) -> tuple[list[Wanted], Taken]:
    """The open wishes and what else is needed, within the limits; beyond them where the head shall decide."""
    wishes = open_wishes(department.id)
    codes = chance.sample([each for each in WANTED[department.name].split() if each not in WITHOUT_LIMIT], 5)
    found = items([*codes, SOLD_OUT])
    figures = figures_of(department.id, [*(each.item for each in wishes), *(each.id for each in found.values())])
    asked, taken = _taken_over(chance, wishes, figures, plot)
    for code in codes:
        key = found[code].id
        usual = max(1, round(USUAL[code] * chance.uniform(0.6, 1.4)))
        asked[key] = max(asked.get(key, 0), min(usual, _room(figures[key], plot)))
    if plot.startswith(("special", "beyond")):
        key = found[codes[0]].id
        asked[key] = (figures[key].limit_left or 0) + max(2, USUAL[codes[0]] // 2)
    if plot == "waiting":
        asked[found[SOLD_OUT].id] = figures[found[SOLD_OUT].id].stock + 6
    known = {each.id: each for each in Item.where(f"id IN ({db.marks(asked)})", *asked)}
    return [Wanted(known[key], n, WHY if figures[key].is_above(n) else "") for key, n in asked.items() if n], taken


def _taken_over(chance: Random, wishes: list[Wished], figures: dict[int, Figures], plot: str) -> tuple[dict[int, int], Taken]:
    """What is asked for by item, and how much of which wish that is."""
    asked: dict[int, int] = {}
    taken: Taken = {}
    for wish in wishes:
        before = asked.get(wish.item, 0)
        part = max(min(wish.quantity, _room(figures[wish.item], plot) - before), 0) if plot != "unmet" else 0
        taken[wish.line] = (part, "" if part == wish.quantity else chance.choice(CUT))
        asked[wish.item] = before + part
    return asked, taken


def _room(figures: Figures, plot: str) -> int:
    """What may be asked for without a word from the head; in these days nothing that would have to be waited for."""
    room = 10_000 if figures.limit_left is None else figures.limit_left
    return min(room, figures.stock) if plot in STAYS else room


def _decided(told: Told, plot: str) -> Story:
    if plot == "withdrawn":
        yield told.wait(0)
        take(told.keeper, told.case, "withdraw")
        yield told.wait(1)
        take(told.keeper, told.case, "submit")
    yield told.wait(told.chance.choice((0, 0, 1)) if plot not in STAYS else 0)
    _decide(told, plot)
    if plot == "cancelled" and told.state in ("approved", "waiting"):
        yield told.wait(0)
        take(told.keeper, told.case, "cancel", "活动延期,暂不领用。")
    for _more in range(12):
        if told.state == "waiting" and plot != "waiting":
            yield told.wait(3)  # until goods come
    if told.state == "approved" and plot != "approved":
        yield told.wait(0 if plot in STAYS else told.chance.choice((0, 1)))
        take(told.chance.choice(CLERKS), told.case, "issue")
    if told.state == "issued" and plot != "issued":
        yield told.wait(1)
        _receive(told, plot)


def _decide(told: Told, plot: str) -> None:
    """The head decides what goes beyond the limits, a clerk the rest."""
    who = told.chance.choice(CLERKS)
    if told.state == "special":
        who = HEADS[Case.get_by_id(told.case.id).department.name]
    if plot in ("rejected", "beyond_refused"):
        take(who, told.case, "reject", "本月领用已多,请按实际需要重新申请。")
    elif plot == "returned":
        take(who, told.case, "return", "请补充大宗物品的用途。", "draft")
    elif plot == "cut":
        lines = told.lines()
        given = {line.id: (line.quantity, "") for line in lines}
        most = max(lines, key=lambda line: line.quantity)
        given[most.id] = (max(1, most.quantity // 2), "库存有限,余量下月补发")
        if most.quantity == 1:
            given[most.id] = (1, "")
        take(who, told.case, "approve_less", given=Granted(given))
    else:
        take(who, told.case, "approve")


def _receive(told: Told, plot: str) -> None:
    issued = [line for line in told.lines() if line.issued]
    if plot == "sent_back":
        take(told.keeper, told.case, "decline", given=Declined({line.id: (line.issued, "整箱送错部门") for line in issued}))
    elif plot == "declined":
        most = max(issued, key=lambda line: line.issued)
        take(told.keeper, told.case, "decline", given=Declined({most.id: (max(1, most.issued // 3), "外包装破损")}))
    else:
        take(told.keeper, told.case, "confirm")


STAYS = {"submitted", "special", "waiting", "approved", "issued", "draft", "returned"}  # as it stands now
HEADS = {
    "办公室": "zhaoting",
    "财务部": "linguodong",
    "电子商务部": "shenwentao",
    "设计部": "majun",
    "仓储部": "guoqiang",
    "信息技术部": "dengkai",
    "市场部": "suqing",
    "采购部": "yubo",
    "客户服务部": "qiaoan",
    "上海业务部": "yaomin",
}
