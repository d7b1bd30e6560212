"""Pages of promotions: plans, treatments, artwork, what runs when, filings with the mall, and what customer service reads."""

from __future__ import annotations

import calendar
import re
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Any, NamedTuple

from flask import request

from portal import attachments, clock, exports, kinds, languages
from portal.access import any_of, copywriter, designer, ecom_director, everyone, gm, planner, section_specialist
from portal.attachments import PURPOSES
from portal.cases import Case
from portal.fields import clean
from portal.flow import Act
from portal.inbox.models import WORKING_LISTS, WorkingList
from portal.kinds import Kind
from portal.listings.forms_promotions import ArtworkForm, PlanForm, TreatmentForm
from portal.listings.models import COSTS
from portal.listings.models_prices import called, product_of_code
from portal.listings.models_promotions import (
    ARTWORKS,
    CALENDAR,
    PAGE,
    SORTS,
    TABS,
    TARGETS,
    Artwork,
    Period,
    PromotionPlan,
    SupportPlan,
    has_artwork,
    lines_told,
    overlaps,
    plans,
    plans_between,
)
from portal.listings.models_shown import shown_prices
from portal.listings.rules_filings import SUPPORTS, support
from portal.listings.rules_products import ENTERS
from portal.listings.rules_promotions import ARTWORK, DRAWS, PLAN, PLANS, TREATMENT, TREATS
from portal.listings.views_shop import SHOP, lines_of, pages
from portal.persons import Person
from portal.refused import NotThere, NotYours, Refused
from portal.web import (
    NAVIGATION,
    Link,
    asked,
    find,
    go,
    me,
    my_posts,
    page,
    page_key,
    sent,
    tell,
    with_filters,
)
from portal.words import Words, _

READS = any_of(planner, ecom_director, section_specialist, designer, copywriter, gm)
NAVIGATION += [
    Link(_("Promotions"), "listings.promotions", "badge-percent", SHOP, place=75),
    Link(_("Campaigns"), "listings.campaigns", "megaphone", SHOP, place=76),
]
WORKING_LISTS += [
    WorkingList(_("Promotion plans to pass"), "promotion", "submitted", any_of(ecom_director), "badge-percent"),
    WorkingList(_("Plans that have passed"), "promotion", "approved", any_of(section_specialist, designer), "badge-percent"),
    WorkingList(_("Treatments to agree to"), "treatment", "submitted", any_of(ecom_director), "badge-percent"),
    WorkingList(_("Treatments to apply"), "treatment", "approved", any_of(section_specialist), "badge-percent"),
    WorkingList(_("Old prices to verify"), "treatment", "ended", any_of(section_specialist), "badge-percent"),
    WorkingList(_("Artwork to look at"), "artwork", "submitted", any_of(ecom_director), "image"),
]
MONTH = re.compile(r"(20[0-9]{2})-(0[1-9]|1[0-2])", re.ASCII)


# ---- the papers -----------------------------------------------------------------------------------------------------


def plan_body(case: Case, person: Person) -> dict[str, Any]:
    paper = Act(case, person).paper
    return {
        "sorts": SORTS,
        "targets": TARGETS,
        "is_running": case.state == "approved" and paper.starts_at <= clock.now() < paper.ends_at,
        "has_artwork": has_artwork(case.id),
        "treats": TREATS.allows(my_posts()) and case.state == "approved",
        "draws": DRAWS.allows(my_posts()) and case.state == "approved",
        "asks": ENTERS.allows(my_posts()) and case.state == "approved",
        "below": _below(case),
        "flows": {"treatment": TREATMENT, "artwork": ARTWORK},
    }


def _below(plan: Case) -> list[Case]:
    """The treatments and artworks of a plan that have a number."""
    from portal.listings.models_promotions import Treatment

    treated = Treatment.select(Treatment.case).where(Treatment.plan == plan)
    drawn = Artwork.select(Artwork.case).where(Artwork.plan == plan)
    return list(Case.select().where((Case.id.in_(treated) | Case.id.in_(drawn)) & Case.number.is_null(False)).order_by(Case.id))


kinds.register(
    Kind(
        flow=PLAN,
        form=PlanForm,
        folder="listings",
        new=_("Plan a promotion"),
        about=_("Strategy, goods, resources and time; the director passes it before anything else is done."),
        may_start=PLANS,
        extra=plan_body,
        tone="rose",
        why_not=lambda person: _("Only the e-commerce planner proposes promotions."),
    )
)


def treatment_body(case: Case, person: Person) -> dict[str, Any]:
    """Fifty lines at a time, with what else is planned for the same goods."""
    lines = lines_of(partial(lines_told, case.id, case.version))
    shown, plan = lines["rows"], Case.get_by_id(Act(case, person).paper.plan_id)
    return lines | {
        "plan": plan,
        "target": TARGETS[PromotionPlan.get_by_id(plan.id).target],
        "own": shown_prices(each.product for each in shown) if case.state == "draft" else {},
        "others": overlaps(((each.product, each.starts_at, each.ends_at) for each in shown), case.id),
        "flow_states": TREATMENT.states,
        "sees_costs": COSTS.allows(my_posts()),
    }


def treatment_rail(form: TreatmentForm, person: Person) -> dict[str, Any]:
    """The old prices of what is typed so far, and what else is planned for it."""
    plan = PromotionPlan.get_or_none(PromotionPlan.case == (form.plan.data or 0))
    typed = [(product, line) for line in form.lines.filled()[:50] if (product := product_of_code(line.code.data or ""))]
    now = shown_prices(product.id for product, _line in typed)
    named = called(product.id for product, _line in typed)
    wanted = [
        (product.id, line.starts_at.data or plan.starts_at, line.ends_at.data or plan.ends_at) for product, line in typed if plan
    ]
    return {
        "typed_rows": [(named[product.id], now[product.id].own, line.fen.data, product.cost) for product, line in typed],
        "others": overlaps(each for each in wanted if each[1] and each[2]),
        "named": named,
        "period": plan,
        "sees_costs": COSTS.allows(my_posts()),
    }


kinds.register(
    Kind(
        flow=TREATMENT,
        form=TreatmentForm,
        folder="listings",
        new=_("Propose how goods are treated"),
        about=_("Promotion prices and gifts of single products under a plan that has passed."),
        may_start=TREATS,
        extra=treatment_body,
        rail=treatment_rail,
        tone="rose",
        why_not=lambda person: _("Only the section specialist proposes how goods are treated."),
    )
)


def artwork_body(case: Case, person: Person) -> dict[str, Any]:
    """The newest picture large, the earlier versions behind it."""
    seen = [each for each in attachments.of("case", case.id) if each.type.startswith("image/") or each.type.endswith("/pdf")]
    paper = Act(case, person).paper
    return {
        "newest": seen[-1] if seen else None,
        "earlier": seen[-2::-1] if len(seen) > 1 else [],
        "artworks": ARTWORKS,
        "plan": Case.get_by_id(paper.plan_id) if paper.plan_id else None,
    }


kinds.register(
    Kind(
        flow=ARTWORK,
        form=ArtworkForm,
        folder="listings",
        new=_("Bring artwork"),
        about=_("A poster, page or advertisement; final once the marketing director has seen it."),
        may_start=DRAWS,
        extra=artwork_body,
        tone="violet",
        why_not=lambda person: _("Only designers and copywriters bring artwork."),
    )
)


# ---- lists ----------------------------------------------------------------------------------------------------------

_COLUMNS: list[Words] = [
    _("Number"), _("Title"), _("Kind of promotion"), _("For whom"), _("Begins"), _("Ends"), _("Status"), _("Applicant"),
]  # fmt: skip


@pages.get("/products/promotions", may=READS)
def promotions() -> Any:
    tab = asked("tab", TABS, "running")
    if kind := asked("export", ("csv", "xlsx")):
        rows = (
            [p.number, p.title, SORTS[p.sort], TARGETS[p.target], p.starts_at, p.ends_at, PLAN.states[p.state].label,
             languages.here(p.who)]
            for p in plans(tab, limit=100_000)
        )  # fmt: skip
        return sent(exports.table("promotions", _COLUMNS, rows, kind, languages.here))
    found = plans(tab, page_key())
    return page(
        "listings/promotions.html",
        tab=tab,
        tabs=[
            {"label": words, "url": f"/products/promotions?tab={name}", "current": name == tab}
            for name, (words, _s) in TABS.items()
        ],
        rows=found[:PAGE],
        sorts=SORTS,
        targets=TARGETS,
        states=PLAN.states,
        may_plan=PLANS.allows(my_posts()),
        older=with_filters(before=found[PAGE - 1].case) if len(found) > PAGE else "",
        newest=with_filters() if "before" in request.args else "",
    )


@pages.get("/products/promotions/calendar", may=READS)
def promotion_calendar() -> Any:
    """A month with what runs on each day."""
    typed = MONTH.fullmatch(request.args.get("month", ""))
    first = date(int(typed[1]), int(typed[2]), 1) if typed else clock.today().replace(day=1)
    after = (first + timedelta(days=32)).replace(day=1)
    start, end = (datetime.combine(day, time(), clock.SHANGHAI) for day in (first, after))
    runs = [
        Period(f"/papers/{p.case}", p.title, p.starts_at, p.ends_at, "rose", "badge-percent") for p in plans_between(start, end)
    ]
    for more in CALENDAR:
        runs += more(start, end)
    runs.sort(key=lambda each: (each.starts_at, each.ends_at))
    return page(
        "listings/promotion_calendar.html",
        first=first,
        weeks=[Week(week, _bars(week, runs)) for week in _weeks(first)],
        runs=runs,
        earlier=(first - timedelta(days=1)).replace(day=1),
        later=after,
        today=clock.today(),
    )


def _weeks(first: date) -> list[list[date]]:
    return calendar.Calendar().monthdatescalendar(first.year, first.month)


class Bar(NamedTuple):
    """What runs in a week: from which of its days (1 to 7), for how many, and whether it began before or goes on behind."""

    run: Period
    first: int
    days: int
    is_from_before: bool
    goes_on: bool


class Week(NamedTuple):
    days: list[date]
    bars: list[Bar]


def _bars(week: list[date], runs: list[Period]) -> list[Bar]:
    bars = []
    for run in runs:
        first, last = clock.local(run.starts_at).date(), clock.local(run.ends_at - timedelta(seconds=1)).date()
        begins, ends = max(first, week[0]), min(last, week[-1])
        if begins <= ends:
            days = (ends - begins).days + 1
            bars.append(Bar(run, begins.weekday() + 1, days, first < week[0], last > week[-1]))
    return bars


# ---- customer service -----------------------------------------------------------------------------------------------


@pages.get("/products/campaigns", may=everyone)
def campaigns() -> Any:
    """What customer service needs of every campaign from its approval on (PRO-12)."""
    found = plans("running")
    kept = {each.case_id: each for each in SupportPlan.select().where(SupportPlan.case.in_([row.case for row in found] or [0]))}
    files = {each.id: attachments.of("supportplan", each.id) for each in kept.values()}
    return page(
        "listings/campaigns.html",
        rows=found,
        supports=kept,
        files=files,
        sorts=SORTS,
        targets=TARGETS,
        may_write=SUPPORTS.allows(my_posts()),
        reads=READS.allows(my_posts()),
    )


@pages.form("/products/campaigns/<case_id>/support", may=SUPPORTS)
def campaign_support(case_id: str) -> Any:
    """The plan of support: words, and a file beside them."""
    case = find(Case, case_id)
    if case.kind != PLAN.name or case.state != "approved":
        raise NotThere()
    known = SupportPlan.get_or_none(SupportPlan.case == case)
    if request.method == "GET":
        return _support_page(case, known.text if known else "")
    text = clean(request.form.get("text"), lines=True)
    try:
        kept = support(me(), case, text)
        for file in request.files.getlist("files"):
            if file.filename:
                attachments.store("supportplan", kept.id, "support", file.filename, file.stream, me())  # type: ignore[arg-type]
    except NotYours:
        raise
    except Refused as refusal:
        return _support_page(case, text, refusal)
    tell(_("Written down."))
    return go("listings.campaigns")


def _support_page(case: Case, text: str, wrong: Refused | None = None) -> Any:
    purpose = PURPOSES["support"]
    return page(
        "listings/campaign_support.html", wrong.status if wrong else 200, case=case, text=text, wrong=wrong,
        largest=purpose.largest_bytes(), extensions=",".join(purpose.extensions),
    )  # fmt: skip
