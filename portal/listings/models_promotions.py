"""Promotions as tables and pages know them: plans, treatments of goods, artwork, filings, and what runs when (PRO)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import Any, NamedTuple

from peewee import BooleanField, CharField, DateField, ForeignKeyField

from portal import clock, db, policies
from portal.cases import Case, Detail, Line
from portal.contents import Content
from portal.db import MomentField, Thing
from portal.listings.models import Product
from portal.listings.models_prices import tenths
from portal.money import Money, MoneyField
from portal.persons import Person
from portal.words import Name, Words, _

PAGE = 50
SORTS: dict[str, Words] = {
    "topic": _("Topic campaign"), "festival": _("Festival campaign"), "regular": _("Regular promotion"),
}  # fmt: skip
TARGETS: dict[str, Words] = {
    "shop": _("The shop"), "distribution": _("Distribution customers"), "both": _("The shop and distribution customers"),
}  # fmt: skip
ARTWORKS: dict[str, Words] = {
    "poster": _("Poster"), "page": _("Campaign page"), "banner": _("Banner"), "advert": _("Advertisement"),
}  # fmt: skip
FILINGS: dict[str, Words] = {"campaign": _("Official campaign filing"), "brand": _("Brand authorisation")}
RESULTS: dict[str, Words] = {
    "": _("Waiting for an answer"),
    "granted": _("Granted by the mall"),
    "refused": _("Refused by the mall"),
}

least_margin = policies.declare(
    "promotion_least_margin", 0, "ecom_director", _("A promotion price needs a reason where the margin is below"),
    unit=_("percent"), minimum=0, maximum=90, rule="PRO-03",
)  # fmt: skip


class PromotionPlan(Detail):
    """The plan, passed before anything else (PRO-02, PRO-06, PRO-09); `summary` is what customer service reads (PRO-12)."""

    sort = CharField(max_length=10, default="topic")
    target = CharField(max_length=14, default="shop")
    strategy = CharField(max_length=2000, default="")
    goods = CharField(max_length=2000, default="")
    resources = CharField(max_length=2000, default="")
    summary = CharField(max_length=2000, default="")
    starts_at = MomentField()
    ends_at = MomentField()
    needs_artwork = BooleanField(default=False)

    class Meta:
        table_name = "promotion_plans"


class Treatment(Detail):
    """Prices and gifts of goods under a plan (PRO-03 to PRO-05)."""

    plan = ForeignKeyField(Case)
    applied_at = MomentField(null=True)
    ended_at = MomentField(null=True)
    verified_at = MomentField(null=True)

    class Meta:
        table_name = "treatments"


class TreatmentLine(Line):
    """`old_fen` and `cost` as they stood when it was submitted; `reason`: why below cost or margin."""

    product = ForeignKeyField(Product)
    old_fen = MoneyField(null=True)
    fen = MoneyField(null=True)
    gift = CharField(max_length=120, default="")
    starts_at = MomentField()
    ends_at = MomentField()
    reason = CharField(max_length=200, default="")
    cost = MoneyField(null=True)

    class Meta:
        table_name = "treatment_lines"


class Artwork(Detail):
    """A poster or page as design made it; its files are the paper's (PRO-08, PRO-13)."""

    plan = ForeignKeyField(Case, null=True)
    sort = CharField(max_length=10, default="poster")
    note = CharField(max_length=1000, default="")

    class Meta:
        table_name = "artworks"


class Filing(Thing):
    """What was filed with a mall, and what came of it (PRO-10, PRO-11)."""

    sort = CharField(max_length=10)
    mall = CharField(max_length=60)
    subject = CharField(max_length=200)
    plan = ForeignKeyField(Case, null=True)
    after_sales_ok = BooleanField(null=True)
    filed_on = DateField()
    result = CharField(max_length=10, default="")
    result_on = DateField(null=True)
    note = CharField(max_length=500, default="")
    by = ForeignKeyField(Person)
    at = MomentField()

    class Meta:
        table_name = "filings"


class SupportPlan(Thing):
    """How customer service stands by a campaign (PRO-12); files are attached to it."""

    case = ForeignKeyField(Case, unique=True)
    text = CharField(max_length=4000, default="")
    by = ForeignKeyField(Person)
    at = MomentField()

    class Meta:
        table_name = "support_plans"


# ---- contents -------------------------------------------------------------------------------------------------------


def plan_content(title: str, starts_at: datetime, ends_at: datetime, **more: Any) -> Content:
    return Content(title, {"starts_at": starts_at, "ends_at": ends_at} | more)


class Treated(NamedTuple):
    """What is typed of one product: a price, a gift, or both; the plan's own period where none is given."""

    product: Product
    fen: Money | None
    gift: str = ""
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    reason: str = ""


def treatment_content(title: str, plan: Case, treated: Iterable[Treated]) -> Content:
    period = PromotionPlan.get_by_id(plan.id)
    lines = [
        {
            "product": each.product, "fen": each.fen, "gift": each.gift, "starts_at": each.starts_at or period.starts_at,
            "ends_at": each.ends_at or period.ends_at, "reason": each.reason,
        }
        for each in treated
    ]  # fmt: skip
    return Content(title, {"plan": plan}, lines)


def artwork_content(title: str, sort: str, plan: Case | None = None, note: str = "") -> Content:
    return Content(title, {"sort": sort, "plan": plan, "note": note})


# ---- what lines say -------------------------------------------------------------------------------------------------


class Told(NamedTuple):
    """A line of a treatment as it is shown."""

    id: int
    product: int
    code: str
    name: Name
    old: Money | None
    fen: Money | None
    gift: str
    starts_at: datetime
    ends_at: datetime
    reason: str
    cost: Money | None

    @property
    def margin(self) -> int | None:
        """Tenths of a percent of the promotion price."""
        return None if self.cost is None or not self.fen else tenths(int(self.fen) - int(self.cost), int(self.fen))

    @property
    def needs_reason(self) -> bool:
        """Below cost, or below the margin that the company's rule asks for."""
        return self.margin is not None and (self.margin < 0 or self.margin < 10 * least_margin())


_LINES = """
SELECT l.id, l.product_id, i.code, i.name, i.name_en, l.old_fen, l.fen, l.gift, l.starts_at, l.ends_at, l.reason,
    CASE WHEN ? THEN p.cost ELSE COALESCE(l.cost, p.cost) END
FROM treatment_lines l JOIN products p ON p.id = l.product_id JOIN items i ON i.id = p.item_id
WHERE l.case_id = ? AND l.version = ? AND l.n > ? ORDER BY l.n LIMIT ?
"""


def lines_told(case_id: int, version: int, after: int = 0, limit: int = 100_000, by_cost_of_now: bool = False) -> list[Told]:
    """The lines of a treatment, a page at a time; with the cost as it was when it was submitted, or as it is now."""
    found = db.rows(_LINES, by_cost_of_now, case_id, version, after, limit)
    return [
        Told(line, product, code, Name(name, name_en), _money(old), _money(fen), gift, db.from_ms(start), db.from_ms(end), why,
             _money(cost))
        for line, product, code, name, name_en, old, fen, gift, start, end, why, cost in found
    ]  # fmt: skip


def _money(fen: int | None) -> Money | None:
    return None if fen is None else Money(fen)


class Overlap(NamedTuple):
    """Another treatment of the same product at the same time."""

    product: int
    case: int
    number: str
    title: str
    state: str
    fen: Money | None
    gift: str
    starts_at: datetime
    ends_at: datetime


_OVERLAPS = """
SELECT o.product_id, k.id, k.number, k.title, k.state, o.fen, o.gift, o.starts_at, o.ends_at
FROM treatment_lines o JOIN cases k ON k.id = o.case_id AND o.version = k.version AND k.kind = 'treatment'
WHERE o.product_id = ? AND k.id <> ? AND k.state IN ('submitted', 'approved', 'applied') AND o.starts_at < ? AND o.ends_at > ?
ORDER BY o.starts_at, k.id LIMIT 20
"""


def overlaps(wanted: Iterable[tuple[int, datetime, datetime]], but: int = 0) -> list[Overlap]:
    """What else is planned or runs for these products in these periods; the best price will win."""
    found = []
    for product, start, end in wanted:
        for each, case, number, title, state, fen, gift, starts, ends in db.rows(
            _OVERLAPS, product, but, db.to_ms(end), db.to_ms(start)
        ):
            found.append(Overlap(each, case, number or "", title, state, _money(fen), gift, db.from_ms(starts), db.from_ms(ends)))
    return found


def has_artwork(plan_id: int) -> bool:
    """Whether an artwork of the plan was approved."""
    sql = "SELECT 1 FROM artworks a JOIN cases k ON k.id = a.case_id WHERE a.plan_id = ? AND k.state = 'approved' LIMIT 1"
    return db.row(sql, plan_id) is not None


# ---- what runs when -------------------------------------------------------------------------------------------------


class Period(NamedTuple):
    """Something with a beginning and an end, as the calendar shows it."""

    url: str
    title: str
    starts_at: datetime
    ends_at: datetime
    tone: str
    icon: str


CALENDAR: list[Callable[[datetime, datetime], list[Period]]] = []  # others put what they run into the calendar here


class Plan(NamedTuple):
    """A plan in a list."""

    case: int
    number: str
    title: str
    state: str
    sort: str
    target: str
    starts_at: datetime
    ends_at: datetime
    who: Name
    treatments: int
    needs_artwork: bool
    summary: str

    @property
    def is_running(self) -> bool:
        return self.state == "approved" and self.starts_at <= clock.now() < self.ends_at


_PLANS = """
SELECT k.id, k.number, k.title, k.state, s.sort, s.target, s.starts_at, s.ends_at, p.name, p.name_en,
    (SELECT COUNT(*) FROM treatments t WHERE t.plan_id = k.id), s.needs_artwork, s.summary
FROM promotion_plans s JOIN cases k ON k.id = s.case_id JOIN persons p ON p.id = k.requester_id
WHERE {} ORDER BY k.id DESC LIMIT ?
"""
TABS: dict[str, tuple[Words, str]] = {
    "waiting": (_("With the director"), "k.state = 'submitted'"),
    "running": (_("Running and to come"), "k.state = 'approved'"),
    "ended": (_("Ended"), "k.state IN ('ended', 'cancelled')"),
}


def plans(tab: str, before: int | None = None, limit: int = PAGE + 1) -> list[Plan]:
    return _plans(f"{TABS[tab][1]} AND k.id < ?", [before or 2**62], limit)


def plans_between(start: datetime, end: datetime) -> list[Plan]:
    """The approved plans that run some time between these moments."""
    condition = "k.state IN ('approved', 'ended') AND s.starts_at < ? AND s.ends_at > ?"
    return _plans(condition, [db.to_ms(end), db.to_ms(start)], 500)


def _plans(condition: str, values: list[Any], limit: int) -> list[Plan]:
    found = db.rows(_PLANS.format(condition), *values, limit)
    return [
        Plan(case, number or "", title, state, sort, target, db.from_ms(start), db.from_ms(end), Name(name, name_en), n,
             bool(art), told)
        for case, number, title, state, sort, target, start, end, name, name_en, n, art, told in found
    ]  # fmt: skip


class Filed(NamedTuple):
    id: int
    sort: str
    mall: str
    subject: str
    after_sales_ok: bool | None
    filed_on: date
    result: str
    result_on: date | None
    note: str
    by: Name
    events: int


_FILED = """
SELECT f.id, f.sort, f.mall, f.subject, f.after_sales_ok, f.filed_on, f.result, f.result_on, f.note, p.name, p.name_en, f.events
FROM filings f JOIN persons p ON p.id = f.by_id WHERE f.id < ? ORDER BY f.id DESC LIMIT ?
"""


def filings(before: int | None = None, limit: int = PAGE + 1) -> list[Filed]:
    def day(value: Any) -> Any:
        return date.fromisoformat(value) if isinstance(value, str) else value

    return [
        Filed(
            key, sort, mall, subject, None if ok is None else bool(ok), day(filed), result, day(on), note, Name(name, name_en), n
        )
        for key, sort, mall, subject, ok, filed, result, on, note, name, name_en, n in db.rows(_FILED, before or 2**62, limit)
    ]
