"""How the demo company takes each step of buying: asks, approves, orders, receives, bills and signs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime

from portal import attachments, clock, contents
from portal.cases import Case
from portal.demo.budget import line_of, submit, take
from portal.demo.company import person
from portal.demo.past import Story, at_work
from portal.demo.people import GENERAL_MANAGER
from portal.demo.pictures import bill as page_of_bill
from portal.demo.supplies import item
from portal.money import Money
from portal.purchasing.models import Order, OrderLine, PurchaseLine
from portal.purchasing.models_invoices import Billed, Decided, invoice_content, matches
from portal.purchasing.models_orders import Ordered, Received, Sent, lines_of_order, order_content, priced
from portal.purchasing.models_proposals import estimates
from portal.purchasing.models_purchases import Wanted, lines_of_purchase, purchase_content
from portal.purchasing.models_quotes import quotes_valid
from portal.purchasing.rules_invoices import SUPPLIER_INVOICE
from portal.purchasing.rules_orders import ORDER
from portal.purchasing.rules_purchases import PURCHASE, ApprovedLess
from portal.supplies.models import Supplier

OFFICE = "办公室"
GM, SUPERVISOR, ENTERS = GENERAL_MANAGER.user, "sunxiaoyan", "wujia"
MANAGERS = ("wangli", "zhaoting")
CODE = "YP"  # the category of the budgets from which office supplies are bought
IN_ENGLISH = {
    "晨阳文具批发": "Chenyang Stationery", "华东纸业": "Huadong Paper", "蓝海办公设备": "Lanhai Office Equipment",
    "净美日用": "Jingmei Household", "诚达办公": "Chengda Office", "锦程数码": "Jincheng Digital", "万家日杂": "Wanjia Goods",
}  # fmt: skip


class Days:
    """The day a story has come to: worked days, one after the other."""

    def __init__(self, first: date) -> None:
        self.day = first

    def at(self, hour: int, minute: int, later: int = 0) -> datetime:
        """That time on the day, or so many worked days later."""
        self.day = clock.working_day_after(self.day, later)
        return at_work(self.day, hour, minute)


# ---- applications ---------------------------------------------------------------------------------------------------


def asked(user: str, title: str, wanted: Mapping[str, int], token: str, reason: str = "") -> Case:
    """Submitted: on the line of the own department, estimated by the cheapest quotes; low stock where no reason is given."""
    return submit(PURCHASE, person(user), asking(user, title, wanted, reason), token)


def asking(user: str, title: str, wanted: Mapping[str, int], reason: str = "") -> contents.Content:
    by, found = person(user), {code: item(code) for code in wanted}
    costs = estimates({found[code].id: quantity for code, quantity in wanted.items()})
    lines = [Wanted(found[code], quantity, in_whole_yuan(costs[found[code].id])) for code, quantity in wanted.items()]
    detail = {
        "cause": "special_need" if reason else "low_stock", "reason": reason, "in_place_of": None, "away": "",
        "line": line_of(clock.today().year, by.department.name, CODE), "needed_by": clock.working_day_after(clock.today(), 15),
    }  # fmt: skip
    return purchase_content(by.department, detail, lines, title)


def beyond(department: str, code: str) -> dict[str, int]:
    """So many of the item that the budget line of the department does not cover them."""
    free = line_of(clock.today().year, department, CODE).free()
    cheapest = quotes_valid([item(code).id])[item(code).id][0]
    return {code: (max(int(free), 0) // int(cheapest.price) + 1) * cheapest.per_pack}


def in_whole_yuan(amount: Money) -> Money:
    return Money(-(-int(amount) // 100) * 100)


def granted_less(case: Case, reason: str) -> ApprovedLess:
    """Half of the line of which most packs are asked for."""
    lines, packs = lines_of_purchase(case), {}
    for line in lines:
        cheapest = quotes_valid([line.item_id])[line.item_id][0]
        packs[line.id] = (line.quantity // cheapest.per_pack, cheapest.per_pack)
    most = max(lines, key=lambda line: packs[line.id][0])
    count, per_pack = packs[most.id]
    granted = {line.id: (line.quantity, "") for line in lines}
    return ApprovedLess(granted | {most.id: (max(count // 2, 1) * per_pack, reason if count > 1 else "")})


# ---- orders ---------------------------------------------------------------------------------------------------------


def by_cheapest(lines: Iterable[PurchaseLine], but: int = 0) -> dict[int, list[PurchaseLine]]:
    """Each with the supplier that offers it for least today; without the supplier `but`, and without what nobody offers."""
    lines = list(lines)
    offers = quotes_valid(line.item_id for line in lines)
    found: dict[int, list[PurchaseLine]] = {}
    for line in lines:
        others = [each.supplier_id for each in offers[line.item_id] if each.supplier_id != but]
        if others:
            found.setdefault(others[0], []).append(line)
    return dict(sorted(found.items()))


def dearer(lines: Iterable[PurchaseLine]) -> dict[int, list[PurchaseLine]]:
    """Each with the supplier that is second."""
    lines = list(lines)
    offers = quotes_valid(line.item_id for line in lines)
    found: dict[int, list[PurchaseLine]] = {}
    for line in lines:
        for second in offers[line.item_id][1:2]:
            found.setdefault(second.supplier_id, []).append(line)
    return dict(sorted(found.items(), key=lambda pair: -len(pair[1])))


def at_one(lines: Iterable[PurchaseLine]) -> int:
    """The supplier that offers most of these lines, for least."""
    lines = list(lines)
    offers, found = quotes_valid(line.item_id for line in lines), dict[int, tuple[int, int]]()
    for line in lines:
        for each in offers[line.item_id]:
            count, cost = found.get(each.supplier_id, (0, 0))
            found[each.supplier_id] = count + 1, cost - int(each.cost_of(line.to_order))
    return max(found, key=lambda key: found[key])


def drawn_up(user: str, supplier_id: int, lines: Iterable[PurchaseLine], token: str, days: int = 5, reason: str = "") -> Case:
    """A draft of an order of what is left of these lines and the supplier offers, with the reason where another is cheaper."""
    lines = list(lines)
    prices = priced(supplier_id, [(line.item_id, line.to_order) for line in lines])
    offered = [(line, price) for line, price in zip(lines, prices, strict=True) if price]
    ordered = [Ordered(line, line.to_order, reason if price.is_dearer else "") for line, price in offered]
    supplier, today = Supplier.get_by_id(supplier_id), clock.today()
    title, day = f"{supplier.name} {today.month}月订单", clock.working_day_after(today, days)
    content = order_content(title, supplier, ordered, day, department=person(user).department)
    return contents.create(ORDER, person(user), content, token)


def placed(user: str, supplier_id: int, lines: Iterable[PurchaseLine], token: str, days: int = 5, reason: str = "") -> Case:
    return take(user, drawn_up(user, supplier_id, lines, token, days, reason), "place")


def sent(user: str, case: Case) -> Case:
    return take(user, case, "send", given=Sent("email" if case.id % 3 else "phone"))


def supplier_of(case: Case) -> Supplier:
    return Order.get_by_id(case.id).supplier


# ---- receipts -------------------------------------------------------------------------------------------------------


def all_of(line: OrderLine, _n: int) -> tuple[int, int, str]:
    return line.open, line.open, ""


def half_of(line: OrderLine, n: int) -> tuple[int, int, str]:
    """In whole packs; of the first line all that is open where it is one pack."""
    packs = line.open // line.per_pack // 2 or int(n == 0)
    return packs * line.per_pack, packs * line.per_pack, ""


def first_not_good(line: OrderLine, n: int) -> tuple[int, int, str]:
    """The first line came, and a pack of it is not good."""
    good = line.open - line.per_pack if n == 0 else line.open
    return line.open, good, "外箱受潮,内盒霉变,要求更换" if n == 0 else ""


def received(user: str, case: Case, what: Callable[[OrderLine, int], tuple[int, int, str]] = all_of) -> Case:
    lines = {line.id: what(line, n) for n, line in enumerate(line for line in lines_of_order(case) if line.open)}
    return take(user, case, "receive", given=Received(clock.today(), lines, f"XS-{20_000 + case.id}"))


def comes_still(case: Case) -> bool:
    return any(line.open for line in lines_of_order(case))


# ---- invoices -------------------------------------------------------------------------------------------------------


def entered(user: str, order: Case, token: str, codes: Iterable[str] = (), more: int = 0, all_billed: bool = False) -> Case:
    """Submitted: what was accepted and is not billed yet, of these items or of all. `more`: the first line is dearer by so many
    per cent; `all_billed`: also what has not come is billed."""
    return take(user, drafted(user, order, token, codes, more, all_billed), "submit")


def drafted(user: str, order: Case, token: str, codes: Iterable[str] = (), more: int = 0, all_billed: bool = False) -> Case:
    billed: list[Billed] = []
    wanted = set(codes)
    for line in lines_of_order(order):
        quantity = (line.quantity if all_billed else line.accepted) - line.billed
        if quantity and (not wanted or line.item.code in wanted):
            cost = int(line.cost_of(line.billed + quantity)) - int(line.cost_of(line.billed))
            billed.append(Billed(line, quantity, Money(cost * (100 + (0 if billed else more)) // 100)))
    supplier, number = supplier_of(order).name, f"2633{order.id * 97_003 + billed_so_far(order) * 13 + 10**11:016d}"
    content = invoice_content(order, number, clock.today(), billed, supplier=supplier)
    case = contents.create(SUPPLIER_INVOICE, person(user), content, token)
    page = page_of_bill(IN_ENGLISH[supplier], number, case.amount or Money(0))
    attachments.store("case", case.id, "paper", "发票.pdf", page, person(user))
    return case


def is_to_be_billed(order: Case) -> bool:
    return any(line.accepted > line.billed for line in lines_of_order(order))


def billed_so_far(order: Case) -> int:
    return sum(line.billed for line in lines_of_order(order))


def decided(case: Case, note: str, pays_more: bool = False) -> Case:
    """What is paid of an invoice that differs: what came, at the price of the order or at the one that is billed."""
    given = {each.line.id: each.most if pays_more else each.suggested for each in matches(case)}
    return take(SUPERVISOR, case, "decide", note, Decided(given))


def signed(days: Days, case: Case, manager: str = MANAGERS[0]) -> Story:
    """By the supervisor of the office the next day, and by its manager the day after."""
    yield days.at(11, 5, later=1)
    take(SUPERVISOR, case, "sign_first")
    yield days.at(16, 20, later=1)
    take(manager, case, "sign_second")
