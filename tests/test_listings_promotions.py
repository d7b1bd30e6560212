"""Promotions: a plan passes, goods are treated, it runs and ends by the clock, and the old price is back (PRO-01 to PRO-13)."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal import attachments, contents, db, policies, steps
from portal import clock as now
from portal.cases import Case
from portal.contents import Content
from portal.flow import FLOWS
from portal.listings import rules_promotions
from portal.listings.models import Price, SpecialPrice
from portal.listings.models_promotions import Filing, PromotionPlan, SupportPlan, artwork_content, least_margin, overlaps
from portal.listings.models_shown import shown_price
from portal.listings.rules_filings import answer, file_with_mall, support
from portal.listings.rules_promotions import end_by_clock
from portal.money import HIGHEST, Money
from portal.refused import Mistyped, NotThere, NotYours, Refused, SomebodyWasFirst
from tests import posts, promoting, shop
from tests.cast import Cast
from tests.test_spending_pages import everybody_reads_english  # noqa: F401

START = "2026-03-02 09:00"


@pytest.fixture(autouse=True)
def forms_without_tokens(request):
    if "client" in request.fixturenames:
        request.getfixturevalue("app").config["WTF_CSRF_ENABLED"] = False


def test_pro_01_only_the_planner_plans(cast: Cast) -> None:
    from portal.listings.models_promotions import plan_content

    content = plan_content("Sale", now.now(), now.now() + timedelta(days=1))

    with pytest.raises(NotYours):
        contents.create(FLOWS["promotion"], shop.staff(cast, "shu"), content, "by shu")


def test_pro_02_nothing_is_treated_before_the_plan_has_passed(cast: Cast) -> None:
    shop.priced(cast, "CUP", 100)
    plan = promoting.plan(cast)

    with pytest.raises(Mistyped, match="passed"):
        promoting.treatment(cast, plan, {"CUP": 80})


def test_pro_03_04_two_approvals_then_the_shop_shows_the_promotion_price(cast: Cast, clock) -> None:
    clock.set(START)
    product = shop.priced(cast, "CUP", 100)
    case = promoting.agreed(cast, promoting.passed(cast), {"CUP": 80})
    assert shown_price(product.id).price == 10000

    steps.take(shop.staff(cast, "shu"), case.id, "apply")

    shown = shown_price(product.id)
    assert (shown.price, shown.own, shown.case) == (8000, 10000, case.id)


def test_who_agreed_never_applies(cast: Cast) -> None:
    shop.priced(cast, "CUP", 100)
    dee = shop.staff(cast, "dee")
    posts.grant(dee, "section_specialist")
    case = promoting.agreed(cast, promoting.passed(cast), {"CUP": 80})

    posts.cannot(dee, case, "apply")


def test_the_old_price_returns_by_the_clock_and_the_specialist_verifies_it(cast: Cast, clock) -> None:
    clock.set(START)
    product = shop.priced(cast, "CUP", 100)
    case = promoting.applied(cast, promoting.passed(cast, days=2), {"CUP": 80})
    clock.forward(days=2)
    assert shown_price(product.id).price == 10000  # no job has run

    end_by_clock.work()
    end_by_clock.work()

    case = Case.get_by_id(case.id)
    assert case.state == "ended" and posts.waiting(case) == [("section_specialist", "section_specialist", False)]
    assert steps.take(shop.staff(cast, "shu"), case.id, "verify").state == "closed"


def test_a_stop_of_the_portal_is_caught_up_with(cast: Cast, clock) -> None:
    clock.set(START)
    shop.priced(cast, "CUP", 100)
    plan = promoting.passed(cast, days=2)
    promoting.applied(cast, plan, {"CUP": 80})
    clock.forward(days=40)

    assert "2" in str(end_by_clock.work())
    assert "0" in str(end_by_clock.work())
    assert Case.get_by_id(plan.id).state == "ended"


def test_a_price_that_is_not_better_is_refused(cast: Cast) -> None:
    shop.priced(cast, "CUP", 100)
    case = promoting.treatment(cast, promoting.passed(cast), {"CUP": 100})

    with pytest.raises(Refused, match="not below"):
        steps.take(shop.staff(cast, "shu"), case.id, "submit")


def test_below_cost_needs_a_reason(cast: Cast) -> None:
    shop.priced(cast, "CUP", 100)  # its cost is 30
    plan = promoting.passed(cast)
    with pytest.raises(Refused, match="below its cost"):
        steps.take(shop.staff(cast, "shu"), promoting.treatment(cast, plan, {"CUP": 20}).id, "submit")

    case = promoting.treatment(cast, plan, {"CUP": 20}, reason="to clear the shelf")

    assert steps.take(shop.staff(cast, "shu"), case.id, "submit").state == "submitted"


def test_below_the_margin_of_the_company_needs_a_reason(cast: Cast) -> None:
    shop.priced(cast, "CUP", 100)
    policies.change(shop.staff(cast, "dee"), least_margin, 50)
    case = promoting.treatment(cast, promoting.passed(cast), {"CUP": 50})

    with pytest.raises(Refused, match="margin"):
        steps.take(shop.staff(cast, "shu"), case.id, "submit")


def test_a_line_lies_within_the_time_of_the_plan(cast: Cast) -> None:
    shop.priced(cast, "CUP", 100)
    plan = promoting.passed(cast, days=2)

    with pytest.raises(Mistyped, match="within"):
        promoting.treatment(cast, plan, {"CUP": 80}, ends_at=now.now() + timedelta(days=9))


def test_pro_08_nothing_is_applied_before_the_artwork_is_final(cast: Cast, settings) -> None:
    attachments.keep_in(settings.data)
    shop.priced(cast, "CUP", 100)
    plan = promoting.passed(cast, needs_artwork=True)
    case = promoting.agreed(cast, plan, {"CUP": 80})
    with pytest.raises(Refused, match="artwork"):
        steps.take(shop.staff(cast, "shu"), case.id, "apply")

    yao = shop.staff(cast, "yao")
    art = contents.create(FLOWS["artwork"], yao, artwork_content("Poster", "poster", plan), "a poster")
    with pytest.raises(Refused, match="Attach"):
        steps.take(yao, art.id, "submit")
    attachments.store("case", art.id, "paper", "poster.png", io.BytesIO(shop.picture()), yao)
    steps.take(yao, art.id, "submit")
    posts.cannot(yao, Case.get_by_id(art.id), "approve")
    with pytest.raises(Refused, match="artwork"):
        steps.take(shop.staff(cast, "shu"), case.id, "apply")
    steps.take(shop.staff(cast, "dee"), art.id, "approve")

    assert steps.take(shop.staff(cast, "shu"), case.id, "apply").state == "applied"


def test_the_director_cancels_a_plan_and_what_runs_comes_off_at_once(cast: Cast, clock) -> None:
    clock.set(START)
    product = shop.priced(cast, "CUP", 100)
    plan = promoting.passed(cast)
    running, waiting = promoting.applied(cast, plan, {"CUP": 80}), promoting.agreed(cast, plan, {"CUP": 70})
    assert shown_price(product.id).price == 8000

    steps.take(shop.staff(cast, "dee"), plan.id, "cancel", note="recalled")

    assert shown_price(product.id).price == 10000
    assert [Case.get_by_id(each.id).state for each in (running, waiting)] == ["ended", "cancelled"]
    clock.forward(days=30)
    assert "0" in str(end_by_clock.work())


def test_an_applied_treatment_is_applied_once(cast: Cast) -> None:
    shop.priced(cast, "CUP", 100)
    case = promoting.agreed(cast, promoting.passed(cast), {"CUP": 80})
    steps.take(shop.staff(cast, "shu"), case.id, "apply", (case.state, case.version))

    with pytest.raises(Refused):
        steps.take(shop.staff(cast, "shu"), case.id, "apply", (case.state, case.version))

    assert SpecialPrice.select().count() == 1


def test_overlaps_are_named_while_planning(cast: Cast) -> None:
    product = shop.priced(cast, "CUP", 100)
    plan = promoting.passed(cast)
    first = promoting.applied(cast, plan, {"CUP": 80})

    found = overlaps([(product.id, now.now(), now.now() + timedelta(days=1))])

    assert [(each.case, each.fen) for each in found] == [(first.id, 8000)]
    assert overlaps([(product.id, now.now() + timedelta(days=30), now.now() + timedelta(days=31))]) == []


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    prices=st.lists(st.tuples(st.integers(0, 40), st.integers(50, 100)), min_size=1, max_size=4),
    specials=st.lists(st.tuples(st.integers(0, 40), st.integers(1, 30), st.integers(20, 110), st.integers(0, 45)), max_size=5),
)
def test_at_every_instant_the_shown_price_is_the_rules_price(cast: Cast, prices: Any, specials: Any) -> None:
    """Against a plain model: the last price published, and the best of the promotions that run then."""
    product, start, shu = shop.draft(cast), now.now(), shop.staff(cast, "shu")
    with _undone():
        papers = iter([shop.proposal(cast, {"CUP": 5}) for _each in range(len(prices) + len(specials))])
        for hour, yuan in prices:
            Price.add(
                product=product, fen=Money(yuan * 100), from_at=start + timedelta(hours=hour), case=next(papers), by=shu,
                approved_by=shop.staff(cast, "dee"),
            )  # fmt: skip
        for hour, length, yuan, cancelled in specials:
            begins = start + timedelta(hours=hour)
            SpecialPrice.add(
                product=product, case=next(papers), fen=Money(yuan * 100), starts_at=begins,
                ends_at=begins + timedelta(hours=length), by=shu, at=start,
                cancelled_at=start + timedelta(hours=cancelled) if cancelled > hour else None,
            )  # fmt: skip

        for hour in range(-1, 75, 2):
            at = start + timedelta(hours=hour, minutes=30)
            assert shown_price(product.id, at).price == _model(prices, specials, hour + 0.5)


def _model(prices: Any, specials: Any, hour: float) -> int | None:
    published = [(at, n, yuan) for n, (at, yuan) in enumerate(prices) if at <= hour]
    if not published:
        return None
    own = max(published)[2]
    running = [
        yuan
        for at, length, yuan, cancelled in specials
        if at <= hour < at + length and not (cancelled > at and hour >= cancelled)
    ]
    return 100 * min([own, *running])


@contextmanager
def _undone() -> Iterator[None]:
    """What is written inside is gone afterwards."""
    with db.db.atomic() as written:
        yield
        written.rollback()


# ---- filings, customer service, pages -------------------------------------------------------------------------------


def test_pro_11_a_shop_below_the_bar_joins_no_official_campaign(cast: Cast) -> None:
    texts = {"mall": "Tmall", "subject": "11.11", "note": ""}
    with pytest.raises(Mistyped, match="after-sales"):
        file_with_mall(shop.staff(cast, "dee"), "campaign", texts, False, now.today())
    with pytest.raises(NotYours):
        file_with_mall(shop.staff(cast, "pan"), "campaign", texts, True, now.today())

    made = file_with_mall(shop.staff(cast, "dee"), "campaign", texts, True, now.today())

    assert answer(shop.staff(cast, "dee"), made.id, made.events, "granted", "").result == "granted"


def test_pro_12_customer_service_reads_the_summary_and_the_plan_of_support(cast: Cast, client) -> None:
    plan = promoting.passed(cast)
    client(shop.staff(cast, "pan")).post(
        f"/products/campaigns/{plan.id}/support",
        data={"text": "answer within an hour", "files": (io.BytesIO(shop.picture()), "plan.png")},
    )
    kept = SupportPlan.get()
    file = attachments.of("supportplan", kept.id)[0]
    ann = client(cast.ann)

    page = ann.get("/products/campaigns").text

    assert "cups are cheaper" in page and "answer within an hour" in page and ann.get(f"/files/{file.id}").status_code == 200
    assert ann.post(f"/products/campaigns/{plan.id}/support", data={"text": "no"}).status_code == 403


def test_a_promotion_runs_as_one_bar_through_each_week_of_the_calendar(cast: Cast, client, clock) -> None:
    clock.set("2026-03-02 09:00")
    promoting.passed(cast, now.now() + timedelta(days=4), days=5)  # from Friday until Wednesday

    page = client(shop.staff(cast, "pan")).get("/products/promotions/calendar?month=2026-03").text

    assert re.findall(r'class="run k-rose ([^"]*)"', page) == ["d5 n3 on", "d1 n3 before"]


def test_a_promotion_in_the_browser_from_the_plan_to_the_verified_old_price(cast: Cast, client, clock) -> None:
    clock.set(START)
    product = shop.priced(cast, "CUP", 100)
    pan, dee, shu = (client(shop.staff(cast, user)) for user in ("pan", "dee", "shu"))
    typed = promoting.SAID | {
        "title": "Spring sale", "sort": "festival", "target": "both", "starts_at": "2026-03-02T10:00",
        "ends_at": "2026-03-04T10:00", "token": "a-token-of-a-plan", "version": "0", "do": "submit",
    }  # fmt: skip
    assert pan.post("/papers/new/promotion", data=typed).status_code == 303
    plan = Case.get(Case.kind == "promotion")
    _step(dee, plan, "approve")
    assert f"/papers/new/treatment?plan={plan.id}" in shu.get(f"/papers/{plan.id}").text
    treated = {
        "title": "Cups", "plan": str(plan.id), "lines-0-code": "CUP", "lines-0-fen": "80", "token": "a-token-of-a-treatment",
        "version": "0", "do": "submit",
    }  # fmt: skip
    assert shu.post("/papers/new/treatment", data=treated).status_code == 303
    case = Case.get(Case.kind == "treatment")
    _step(dee, case, "approve")
    _step(shu, case, "apply")
    clock.set("2026-03-02 11:00")
    assert shown_price(product.id).price == 8000
    pan = client(shop.staff(cast, "pan"))
    assert "Spring sale" in pan.get("/products/promotions/calendar?month=2026-03").text
    assert "Spring sale" in pan.get("/products/promotions").text

    clock.set("2026-03-04 10:00")
    end_by_clock.work()
    _step(client(shop.staff(cast, "shu")), case, "verify")

    assert Case.get_by_id(case.id).state == "closed" and shown_price(product.id).price == 10000


def _step(browser: Any, case: Case, name: str) -> None:
    case = Case.get_by_id(case.id)
    answer = browser.post(f"/papers/{case.id}/steps", data={"step": name, "state": case.state, "version": case.version})
    assert answer.status_code == 303, answer.text[-3000:]


def test_a_filing_is_written_down_and_answered_in_the_browser(cast: Cast, client) -> None:
    dee = client(shop.staff(cast, "dee"))
    typed = {"sort": "campaign", "mall": "Tmall", "subject": "11.11", "filed_on": date(2026, 1, 5).isoformat()}
    refused = dee.post("/products/filings/new", data=typed)
    assert refused.status_code == 422 and "after-sales" in refused.text

    assert dee.post("/products/filings/new", data=typed | {"after_sales_ok": "y"}).status_code == 303
    filing = Filing.get()
    dee.post(f"/products/filings/{filing.id}", data={"result": "granted", "events": str(filing.events)})

    assert "Granted" in dee.get("/products/filings").text


# ---- what is refused ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("told", "field"),
    [({"sort": "whim"}, "sort"), ({"target": "moon"}, "target"), ({"days": 0}, "ends_at"), ({"goods": "x" * 2001}, "goods")],
    ids=["sort", "target", "no time", "long"],
)
def test_what_cannot_be_a_plan_is_refused_however_it_comes_about(cast: Cast, told: dict[str, Any], field: str) -> None:
    with pytest.raises(Mistyped) as refused:
        promoting.plan(cast, **told)

    assert refused.value.field == field


@pytest.mark.parametrize("missing", ["strategy", "goods", "resources"])
def test_pro_09_a_plan_says_strategy_goods_and_resources(cast: Cast, missing: str) -> None:
    case = promoting.plan(cast, **{missing: ""})

    with pytest.raises(Refused, match="Say strategy"):
        steps.take(shop.staff(cast, "pan"), case.id, "submit")


def test_a_plan_whose_time_is_over_is_neither_submitted_nor_agreed_to(cast: Cast, clock) -> None:
    clock.set(START)
    case, late = promoting.plan(cast, days=1), promoting.plan(cast, days=1)
    case = steps.take(shop.staff(cast, "pan"), case.id, "submit")
    clock.forward(days=1)

    for person, paper, name in (("dee", case, "approve"), ("pan", late, "submit")):
        with pytest.raises(Refused, match="time is over"):
            steps.take(shop.staff(cast, person), paper.id, name)


def test_pro_02_only_the_director_agrees_to_a_plan_and_calls_it_off(cast: Cast) -> None:
    plan = promoting.plan(cast)
    plan = steps.take(shop.staff(cast, "pan"), plan.id, "submit")
    posts.cannot(shop.staff(cast, "shu"), plan, "approve")
    plan = steps.take(shop.staff(cast, "dee"), plan.id, "approve")

    posts.grant(cast.bo, "planner")
    posts.cannot(cast.bo, plan, "cancel", note="no")


def _lines(cast: Cast, plan: Case, *lines: dict[str, Any]) -> list[dict[str, Any]]:
    period = PromotionPlan.get_by_id(plan.id)
    usual = {"fen": Money(8000), "gift": "", "starts_at": period.starts_at, "ends_at": period.ends_at, "reason": ""}
    return [{"product": shop.draft(cast, f"P{n}")} | usual | line for n, line in enumerate(lines)]


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        ([], "Write from 1"),
        ([{}, {}, {}], "Write from 1"),
        ([{"fen": None}], "a price or a gift"),
        ([{"fen": Money(0)}], "amount in yuan"),
        ([{"fen": HIGHEST}], "amount in yuan"),
        ([{"gift": "x" * 121}], "At most"),
        ([{"reason": "x" * 201}], "At most"),
        ([{"starts_at": datetime(2020, 1, 1, tzinfo=UTC)}], "within"),
        ([{}, {"product": "P0"}], "twice"),
    ],
)
def test_what_cannot_be_a_treatment_is_refused_however_it_comes_about(cast: Cast, monkeypatch, lines: Any, why: str) -> None:
    monkeypatch.setattr(rules_promotions, "MOST_LINES", 2)
    plan = promoting.passed(cast)
    told = _lines(cast, plan, *lines)
    told = [line | ({"product": shop.draft(cast, "P0")} if line["product"] == "P0" else {}) for line in told]

    with pytest.raises(Mistyped, match=why):
        contents.create(FLOWS["treatment"], shop.staff(cast, "shu"), Content("Cheaper", {"plan": plan}, told), "a treatment")


def _agreed_prices(cast: Cast) -> Case:
    """A paper that is approved as well, and is no plan."""
    case = shop.proposal(cast, {"BAG": 100})
    steps.take(shop.staff(cast, "pan"), case.id, "submit")
    return steps.take(shop.staff(cast, "dee"), case.id, "approve")


def test_pro_03_only_the_specialist_treats_goods_and_only_under_a_plan(cast: Cast) -> None:
    plan, other = promoting.passed(cast), _agreed_prices(cast)

    with pytest.raises(NotYours):
        content = Content("Cheaper", {"plan": plan}, _lines(cast, plan, {}))
        contents.create(FLOWS["treatment"], shop.staff(cast, "pan"), content, "by pan")
    with pytest.raises(Mistyped, match="plan"):
        content = Content("Cheaper", {"plan": other}, _lines(cast, plan, {}))
        contents.create(FLOWS["treatment"], shop.staff(cast, "shu"), content, "under a request")


def test_nothing_of_a_treatment_is_done_when_its_plan_is_over(cast: Cast, clock) -> None:
    clock.set(START)
    shop.priced(cast, "CUP", 100)
    plan, shu, dee = promoting.passed(cast, days=1), shop.staff(cast, "shu"), shop.staff(cast, "dee")
    drafted, asked, agreed = (promoting.treatment(cast, plan, {"CUP": 80}) for _each in range(3))
    for case in (asked, agreed):
        steps.take(shu, case.id, "submit")
    steps.take(dee, agreed.id, "approve")
    clock.forward(days=1)

    for person, case, name in ((shu, drafted, "submit"), (dee, asked, "approve"), (shu, agreed, "apply")):
        with pytest.raises(Refused, match="not open any more"):
            steps.take(person, case.id, name)


def test_a_plan_that_is_called_off_just_before_the_clock_ends_it_stays_called_off(cast: Cast) -> None:
    plan = promoting.passed(cast)
    steps.take(shop.staff(cast, "dee"), plan.id, "cancel", note="no stock")

    assert rules_promotions._end(plan.id) == 0


def test_what_has_no_published_price_has_no_promotion_price(cast: Cast) -> None:
    case = promoting.treatment(cast, promoting.passed(cast), {"CUP": 80})

    with pytest.raises(Refused, match="no published price"):
        steps.take(shop.staff(cast, "shu"), case.id, "submit")


def test_pro_04_who_asked_does_not_agree_and_only_the_director_calls_it_off(cast: Cast) -> None:
    shop.priced(cast, "CUP", 100)
    shu = shop.staff(cast, "shu")
    posts.grant(shu, "ecom_director")
    case = steps.take(shu, promoting.treatment(cast, promoting.passed(cast), {"CUP": 80}).id, "submit")
    posts.cannot(shu, case, "approve")
    posts.take_away(shu, "ecom_director")

    case = steps.take(shop.staff(cast, "dee"), case.id, "approve")
    posts.cannot(shu, case, "cancel", note="no")
    case = steps.take(shu, case.id, "apply")
    posts.grant(cast.bo, "section_specialist")
    posts.cannot(cast.bo, case, "cancel", note="no")


def test_pro_08_artwork_is_of_a_known_sort_by_who_draws_and_for_a_plan_that_has_passed(cast: Cast) -> None:
    yao, waiting = shop.staff(cast, "yao"), promoting.plan(cast)

    wrong = ((yao, "song", None, Mistyped), (yao, "poster", waiting, Mistyped), (cast.ann, "page", None, NotYours))
    for person, sort, plan, refusal in wrong:
        with pytest.raises(refusal):
            contents.create(FLOWS["artwork"], person, artwork_content("Poster", sort, plan), f"{sort} of a test")


def test_artwork_that_was_taken_away_is_not_agreed_to(cast: Cast, settings) -> None:
    attachments.keep_in(settings.data)
    yao = shop.staff(cast, "yao")
    art = contents.create(FLOWS["artwork"], yao, artwork_content("Poster", "poster"), "a poster")
    attachments.store("case", art.id, "paper", "poster.png", io.BytesIO(shop.picture()), yao)
    steps.take(yao, art.id, "submit")
    attachments.Attachment.update(removed_at=now.now()).execute()

    with pytest.raises(Refused, match="Attach"):
        steps.take(shop.staff(cast, "dee"), art.id, "approve")


FILED = {"mall": "Tmall", "subject": "11.11", "note": ""}


@pytest.mark.parametrize(
    ("sort", "told", "days", "field"),
    [
        ("party", {}, 0, "sort"),
        ("brand", {"mall": ""}, 0, "mall"),
        ("brand", {"subject": ""}, 0, "subject"),
        ("brand", {"note": "x" * 501}, 0, "note"),
        ("brand", {}, 1, "filed_on"),
    ],
)
def test_what_cannot_be_a_filing_is_refused(cast: Cast, sort: str, told: dict[str, str], days: int, field: str) -> None:
    with pytest.raises(Mistyped) as refused:
        file_with_mall(shop.staff(cast, "dee"), sort, FILED | told, True, now.today() + timedelta(days=days))

    assert refused.value.field == field


def test_pro_10_a_filing_is_answered_once_by_the_director(cast: Cast) -> None:
    dee = shop.staff(cast, "dee")
    made = file_with_mall(dee, "brand", FILED, True, now.today())
    with pytest.raises(NotYours):
        answer(shop.staff(cast, "pan"), made.id, made.events, "granted", "")
    with pytest.raises(NotThere):
        answer(dee, made.id + 1, made.events, "granted", "")
    for result, note in (("", ""), ("perhaps", ""), ("granted", "x" * 501)):
        with pytest.raises(Mistyped):
            answer(dee, made.id, made.events, result, note)
    with pytest.raises(SomebodyWasFirst):
        answer(dee, made.id, made.events + 1, "granted", "")

    answer(dee, made.id, made.events, "granted", "")

    with pytest.raises(SomebodyWasFirst):
        answer(dee, made.id, Filing.get().events, "refused", "")


def test_pro_12_a_plan_of_support_is_for_a_campaign_that_has_passed(cast: Cast) -> None:
    pan, plan, waiting, other = shop.staff(cast, "pan"), promoting.passed(cast), promoting.plan(cast), _agreed_prices(cast)
    with pytest.raises(NotYours):
        support(shop.staff(cast, "shu"), plan, "answer")
    for case in (waiting, other):
        with pytest.raises(NotThere):
            support(pan, case, "answer")
    with pytest.raises(Mistyped):
        support(pan, plan, "x" * 4001)

    kept = support(pan, plan, "answer within an hour")

    assert support(shop.staff(cast, "dee"), plan, "answer within a day").id == kept.id
    with pytest.raises(NotYours):
        attachments.store("supportplan", kept.id, "support", "plan.png", io.BytesIO(shop.picture()), cast.ann)
