"""Nothing is published unapproved; whom a manuscript needs follows from what it is (INF-01 to INF-19, PRO-07)."""

from __future__ import annotations

import io
from datetime import date, timedelta

import pytest

from portal import access, attachments, checks, contents, db, jobs, policies, search, steps
from portal import clock as now
from portal.cases import Case, open_tasks
from portal.listings.models import Product, TakeDown
from portal.listings.rules_files import upload_image_bytes
from portal.notices import Notice
from portal.publishing import rules_manuscripts
from portal.publishing.models import Manuscript, Publication, Upkeep
from portal.publishing.models_desk import Wanted, listed, versions, weeks
from portal.publishing.models_papers import PROHIBITED, Classified, Confirmed, Down, Marks
from portal.publishing.models_shown import published, published_file, published_one
from portal.publishing.rules import take_down_product, write_upkeep
from portal.refused import Mistyped, NotYours, Refused, SomebodyWasFirst
from portal.words import data_from_json
from tests import manuscripts, posts, promoting, shop
from tests.at_once import at_once
from tests.manuscripts import approved, compiled, content, down, draft, go, submitted, who
from tests.manuscripts import published as made_public
from tests.test_attachments import _picture


def seen(channel: str = "news") -> list[int]:
    return [each.case for each in published(channel)]


def readers(case: Case) -> set[str]:
    return {post for (post,) in db.rows("SELECT post FROM readers WHERE case_id = ?", case.id)}


# ---- collected, classified, compiled --------------------------------------------------------------------------------


def test_inf_07_what_is_collected_is_classified_by_the_desk_and_handled_by_who_did_it(cast):
    posts.grant(cast.ann, "marketing_staff")
    case = go(cast, draft(cast, "company", by="ann", topic="", channel="department", source="周会"), ("ann", "hand_in"))

    case = go(cast, case, ("cui", "classify"), given=Classified("affairs"))

    paper = Manuscript.get_by_id(case.id)
    assert (case.state, case.preparer, paper.topic, paper.channel) == ("classified", who(cast, "cui"), "affairs", "department")


def test_what_a_copywriter_classified_already_is_not_classified_again(cast):
    assert go(cast, draft(cast), ("cui", "hand_in")).state == "classified"


@pytest.mark.parametrize(
    ("kind", "user"), [("product", "ann"), ("article", "ann"), ("news", "yao"), ("company", "pan"), ("news", "bo")]
)
def test_nobody_writes_a_sort_that_is_not_theirs(cast, kind, user):
    posts.grant(cast.ann, "marketing_staff")

    with pytest.raises(NotYours):
        draft(cast, kind, by=user)


@pytest.mark.parametrize(
    ("detail", "missing"),
    [
        ({"body": ""}, "Write the text"),
        ({"confidential": True, "body": ""}, "Write the text"),
        ({"confidential": True, "topic": ""}, "Classify it"),
        ({"on_news": False, "on_home": False}, "where it appears"),
        ({"channel": "media"}, "where the material comes from"),
        ({"copyrighted": True}, "by what licence"),
        ({"kind": "company"}, "the department that supplies it"),
        ({"kind": "product"}, "the product"),
        ({"kind": "slot", "place": ""}, "the place"),
        ({"kind": "slot", "starts_on": None}, "from which day"),
        ({"kind": "slot", "place": "banner"}, "needs a picture"),
    ],
)
def test_inf_02_inf_06_what_is_missing_is_said_before_the_director_sees_it(cast, detail, missing):
    kind = detail.pop("kind", "news")
    case = go(cast, draft(cast, kind, **detail), ("cui", "hand_in"))

    with pytest.raises(Refused, match=missing):
        case = case if case.state == "compiled" else go(cast, case, ("cui", "compile"))
        go(cast, case, ("cui", "submit"))


def test_inf_06_facts_and_rights_are_vouched_for_with_name_and_time(cast):
    case = compiled(cast)
    with pytest.raises(Mistyped):
        go(cast, case, ("cui", "submit"), given=manuscripts.Vouched(True, False))

    go(cast, case, ("cui", "submit"))

    paper = Manuscript.get_by_id(case.id)
    assert paper.vouched_by == who(cast, "cui")
    assert paper.vouched_at is not None


# ---- approved -------------------------------------------------------------------------------------------------------


def test_inf_09_the_director_approves_and_never_the_author(cast):
    posts.grant(who(cast, "cui"), "ecom_director")
    case = submitted(cast)

    posts.cannot(who(cast, "cui"), case, "approve")
    posts.cannot(who(cast, "shu"), case, "approve")

    assert go(cast, case, ("dee", "approve")).state == "approved_open"


def test_without_a_director_the_general_manager_decides_but_never_twice(cast):
    who(cast, "dee")
    posts.take_away(who(cast, "dee"), "ecom_director")

    assert go(cast, submitted(cast), ("mei", "approve")).state == "approved_open"
    with pytest.raises(Refused, match="signs this one last"):
        go(cast, submitted(cast, confidential=True), ("mei", "approve"))


@pytest.mark.parametrize("mark", [{"confidential": True}, {"copyrighted": True, "licence": "bought from the studio"}])
def test_case_24_inf_05_what_is_guarded_needs_the_general_manager_as_well(cast, mark):
    case = go(cast, submitted(cast, **mark), ("dee", "approve"))

    assert [task.post for task in open_tasks(case)] == ["gm"]
    for user in ("shu", "yao", "dee"):
        with pytest.raises((NotYours, SomebodyWasFirst)):
            go(cast, case, (user, "publish"))
    posts.cannot(who(cast, "dee"), case, "approve")
    assert seen() == []
    assert go(cast, case, ("mei", "approve"), ("shu", "publish")).state == "published"


def test_inf_05_nobody_consents_in_place_of_the_general_manager(cast):
    posts.grant(cast.bo, "exec_in_charge", cast.branch)
    posts.take_away(cast.mei, "gm")
    case = go(cast, submitted(cast, confidential=True), ("dee", "approve"))

    assert posts.waiting(case) == [("gm", "gm", True)]
    posts.cannot(cast.bo, case, "approve")


def test_nobody_below_the_director_takes_a_mark_off(cast):
    case = compiled(cast, confidential=True)

    case = contents.edit(who(cast, "cui"), case.id, content(body="Anders"), case.version)
    assert Manuscript.get_by_id(case.id).confidential
    with pytest.raises(AssertionError):
        contents.edit(who(cast, "cui"), case.id, _unmarked(), case.version)

    case = go(cast, case, ("cui", "submit"))
    case = go(cast, case, ("dee", "mark"), given=Marks(False, False), note="the figures are public since Monday")
    assert (case.mark, go(cast, case, ("dee", "approve")).state) == ("", "approved_open")


def _unmarked():
    made = content()
    made.detail["confidential"] = False
    return made


def test_the_director_may_add_a_mark_and_then_fewer_may_read(cast):
    case = submitted(cast)
    assert "marketing_staff" in readers(case)

    case = go(cast, case, ("dee", "mark"), given=Marks(confidential=True), note="names a customer")

    assert (case.mark, go(cast, case, ("dee", "approve")).state) == ("confidential", "with_gm")
    assert {"marketing_staff", "copywriter", "planner"} & readers(case) == set()


# ---- who may read ---------------------------------------------------------------------------------------------------


def test_a_confidential_manuscript_is_seen_by_author_director_gm_and_publisher_alone(cast):
    posts.grant(cast.ann, "copywriter")
    posts.grant(cast.sam, "marketing_staff")
    case = submitted(cast, confidential=True, title="机密合作", body="秘密")

    may = {user for user in ("cui", "dee", "mei", "shu", "yao", "ann", "sam", "pan") if _reads(who(cast, user), case)}

    assert may == {"cui", "dee", "mei"}
    case = go(cast, case, ("dee", "approve"), ("mei", "approve"))
    assert {user for user in ("shu", "yao", "ann", "sam", "pan") if _reads(who(cast, user), case)} == {"shu", "yao"}


def _reads(person, case) -> bool:
    held = access.posts_of(person)
    found = [access.may_read(held, case), bool(search.find("机密", held)), bool(listed(Wanted("all"), held))]
    assert len(set(found)) == 1, found
    return found[0]


def test_ticked_later_it_is_hidden_from_those_who_could_read_it(cast):
    case = compiled(cast)
    assert "copywriter" in readers(case)

    case = contents.edit(who(cast, "cui"), case.id, content(confidential=True), case.version)

    assert readers(case) == {f"#{who(cast, 'cui').id}", "ecom_director", "gm"}


# ---- published ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "may"),
    [("product", {"shu"}), ("article", {"shu"}), ("company", {"shu", "yao"}), ("news", {"shu", "yao"}), ("slot", {"yao"})],
)
def test_inf_01_inf_03_inf_19_each_sort_has_its_publisher(cast, kind, may):
    more = {"product": {"product": shop.draft(cast)}, "company": {"source_department": cast.department("Marketing")}}
    case = approved(cast, kind, **more.get(kind, {}))

    able = {user for user in ("shu", "yao", "cui", "pan", "dee", "mei") if _may_publish(who(cast, user), case)}

    assert able == may


def _may_publish(person, case) -> bool:
    return any(offer.step.name == "publish" and not offer.why_not for offer in posts.buttons(person, case))


def test_who_approved_does_not_publish(cast):
    posts.grant(who(cast, "dee"), "section_specialist")
    case = approved(cast)

    posts.cannot(who(cast, "dee"), case, "publish", given=manuscripts.ALL)


@pytest.mark.parametrize("left_out", PROHIBITED)
def test_inf_12_to_14_each_point_of_the_list_is_confirmed(cast, left_out):
    case = approved(cast)

    with pytest.raises(Mistyped) as refused:
        go(cast, case, ("shu", "publish"), given=Confirmed(tuple(name for name in PROHIBITED if name != left_out)))

    assert refused.value.field == left_out
    assert seen() == []


def test_inf_12_what_was_confirmed_is_kept_with_name_and_time(cast, clock):
    moment = clock.set("2026-03-02 09:00")
    case = made_public(cast)

    (kept,) = Publication.select()
    assert (kept.by, kept.at, kept.version) == (who(cast, "shu"), moment, case.version)
    assert kept.confirmed == '["law", "morals", "unlawful", "true", "image", "secrets"]'


def test_inf_11_nothing_appears_before_it_is_published_nor_after_it_is_taken_back(cast):
    case = draft(cast)
    way = [("cui", "hand_in"), ("cui", "compile"), ("cui", "submit"), ("dee", "approve"), ("shu", "publish")]
    for user, name in way:
        assert (seen(), seen("home"), published_one(case.id)) == ([], [], None)
        case = go(cast, case, (user, name))

    assert seen() == seen("home") == [case.id]
    assert seen("shop") == []
    go(cast, case, ("cui", "change"), note="a slip of the pen")
    assert (seen(), published_one(case.id)) == ([], None)


def test_inf_11_any_change_after_approval_returns_it_to_be_compiled(cast):
    case = approved(cast)
    with pytest.raises(Refused, match="no longer be changed"):
        contents.edit(who(cast, "cui"), case.id, content(body="Anders"), case.version)

    case = go(cast, case, ("cui", "change"), note="the date was wrong")
    case = contents.edit(who(cast, "cui"), case.id, content(body="Sonntag"), case.version)

    with pytest.raises(SomebodyWasFirst):
        go(cast, case, ("shu", "publish"))
    case = go(cast, case, ("cui", "submit"), ("dee", "approve"), ("shu", "publish"))
    assert [each.body for each in published("news")] == ["Sonntag"]
    assert list(checks.findings()) == []


def test_what_stands_published_without_its_approvals_is_found(cast):
    case = draft(cast)
    db.run("UPDATE cases SET state = 'published' WHERE id = ?", case.id)
    db.run("UPDATE manuscripts SET published_at = 1, published_version = 1 WHERE case_id = ?", case.id)

    assert any("without its approvals" in fault for fault in checks.findings())


def test_two_publishers_at_once_publish_it_once(cast, database):
    case = approved(cast)
    shown = (case.state, case.version)
    people = [who(cast, "shu"), who(cast, "yao")]

    answers = at_once(*[lambda who=each: steps.take(who, case.id, "publish", shown, manuscripts.ALL) for each in people])

    assert sorted(type(each).__name__ for each in answers) == ["Case", "SomebodyWasFirst"]
    assert Publication.select().count() == 1


def test_inf_16_what_is_out_of_date_is_taken_off_by_whoever_publishes_its_kind(cast):
    news, slot = made_public(cast), made_public(cast, "slot")
    posts.cannot(who(cast, "yao"), news, "retire")
    posts.cannot(who(cast, "shu"), slot, "retire")

    assert go(cast, news, ("shu", "retire")).state == go(cast, slot, ("yao", "retire")).state == "retired"
    assert seen("home") == []


def test_inf_07_what_somebody_does_not_get_through_with_is_put_back_for_another(cast):
    posts.grant(cast.ann, "copywriter")
    case = go(cast, compiled(cast), ("shu", "put_back"), note="Cui is away")

    case = go(cast, case, ("ann", "classify"), given=Classified("news"))

    assert (case.state, case.preparer) == ("classified", cast.ann)
    with pytest.raises(NotYours):
        go(cast, case, ("cui", "compile"))
    posts.cannot(who(cast, "yao"), case, "put_back", note="me")


# ---- in time --------------------------------------------------------------------------------------------------------


def test_case_25_inf_10_after_48_hours_it_is_overdue_is_told_once_and_may_still_be_published(cast, clock):
    clock.set("2026-03-06 17:00")
    case = approved(cast)
    posts_of_shu = access.posts_of(who(cast, "shu"))
    assert now.local(open_tasks(case)[0].due).strftime("%Y-%m-%d %H:%M") == "2026-03-08 17:00"

    clock.set("2026-03-08 06:00")
    (row,) = listed(Wanted("publish"), posts_of_shu)
    assert row.tone == "soon"
    clock.set("2026-03-08 17:01")
    jobs.run("publish_clock")
    jobs.run("publish_clock")

    (row,) = listed(Wanted("late"), posts_of_shu)
    assert (row.tone, row.published) == ("late", None)
    told = [notice.person.user for notice in Notice.select().where(Notice.topic == "late")]
    assert sorted(told) == ["dee", "shu", "yao"]
    clock.forward(hours=3)
    go(cast, case, ("shu", "publish"))
    (row,) = listed(Wanted("late"), posts_of_shu)
    assert row.hours_late == 3


def test_inf_10_the_clock_begins_with_the_last_approval(cast, clock):
    clock.set("2026-03-06 09:00")
    case = go(cast, submitted(cast, confidential=True), ("dee", "approve"))
    clock.set("2026-03-07 09:00")

    case = go(cast, case, ("mei", "approve"))

    assert open_tasks(case)[0].due == now.now() + timedelta(hours=48)


# ---- files and versions ---------------------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path):
    attachments.keep_in(tmp_path)


def attach(cast, case: Case, user: str = "cui"):
    return attachments.store("case", case.id, "product_picture", "shop.png", io.BytesIO(_picture()), who(cast, user))


@pytest.mark.usefixtures("folder")
def test_a_picture_is_part_of_what_is_agreed_to(cast):
    case = compiled(cast)
    stale = (case.state, case.version)
    file = attach(cast, case)
    with pytest.raises(SomebodyWasFirst):
        steps.take(who(cast, "cui"), case.id, "submit", stale, manuscripts.Vouched(True, True))

    case = go(cast, Case.get_by_id(case.id), ("cui", "submit"))
    with pytest.raises(NotYours):
        attach(cast, case)
    with pytest.raises(NotYours):
        attachments.remove(file, who(cast, "cui"))

    go(cast, case, ("dee", "approve"), ("shu", "publish"))
    assert published_file(case.id, file.id) is not None
    assert [each.files for each in versions(case.id)] == [str(file.id), ""]


@pytest.mark.usefixtures("folder")
def test_inf_17_a_file_that_is_too_large_stops_it(cast):
    case = compiled(cast)
    attach(cast, case)
    attachments.Attachment.update(size_bytes=600 * 1024).execute()
    case = go(cast, Case.get_by_id(case.id), ("cui", "submit"), ("dee", "approve"))

    with pytest.raises(Refused, match="600 KB; at most 500 KB"):
        go(cast, case, ("shu", "publish"))

    policies.change(None, upload_image_bytes, 700 * 1024)
    go(cast, case, ("shu", "publish"))


def test_inf_08_every_version_is_kept(cast):
    case = compiled(cast, body="one")

    contents.edit(who(cast, "cui"), case.id, content(body="two"), case.version)

    assert [(each.n, each.body) for each in versions(case.id)] == [(2, "two"), (1, "one")]
    assert {each.by and each.by.name_en for each in versions(case.id)} == {"Cui"}


# ---- slots ----------------------------------------------------------------------------------------------------------


def test_inf_18_pro_14_a_slot_shows_by_the_day_and_is_planned_by_the_week(cast, clock):
    clock.set("2026-03-02 09:00")
    today = now.today()
    days = {"starts_on": today + timedelta(days=1), "ends_on": today + timedelta(days=8)}
    case = made_public(cast, "slot", **days)

    found = [clock.set(f"2026-03-{day:02} {time}") and bool(seen("home"))
             for day, time in ((2, "23:59"), (3, "00:00"), (10, "23:59"), (11, "00:00"))]  # fmt: skip

    assert found == [False, True, True, False]
    plan = weeks(today, 3, access.posts_of(who(cast, "yao")))
    assert [[each.case for each in week.by_place.get("headline", [])] for week in plan] == [[case.id], [case.id], []]


def test_a_slot_needs_its_approval_all_the_same(cast):
    case = compiled(cast, "slot")

    with pytest.raises(SomebodyWasFirst):
        go(cast, case, ("yao", "publish"))


# ---- campaigns ------------------------------------------------------------------------------------------------------


def test_pro_07_a_campaign_is_announced_only_after_its_plan_has_passed(cast):
    plan = promoting.plan(cast)
    case = compiled(cast, plan=plan)
    with pytest.raises(Refused, match="not agreed to"):
        go(cast, case, ("cui", "submit"))

    go(cast, plan, ("pan", "submit"), ("dee", "approve"))
    go(cast, case, ("cui", "submit"), ("dee", "approve"), ("shu", "publish"))

    assert seen() == [case.id]
    go(cast, plan, ("dee", "cancel"), note="no stock")
    assert seen() == []


# ---- taken down -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("user", ["shu", "bo"])
def test_case_26_inf_15_it_comes_down_at_once_without_approval_and_stays_on_record(cast, user):
    posts.grant(cast.bo, "it_admin")
    case = made_public(cast, body="Alles **gratis**")

    case = go(cast, case, (user, "take_down"), given=down(cast, "it is false"))

    assert (case.state, seen()) == ("taken_down", [])
    kept = TakeDown.get()
    assert (kept.thing, kept.thing_id, kept.reason, kept.responsible) == ("manuscript", case.id, "it is false", who(cast, "cui"))
    assert data_from_json(kept.snapshot)["body"] == "Alles **gratis**"
    assert Notice.select().where(Notice.topic == "taken down", Notice.person == who(cast, "cui")).count() == 1


def test_inf_15_nobody_else_takes_down_and_a_reason_is_given(cast):
    case = made_public(cast)

    for user in ("cui", "yao", "dee", "mei", "pan", "ann"):
        posts.cannot(who(cast, user), case, "take_down", given=down(cast))
    with pytest.raises(Mistyped):
        go(cast, case, ("shu", "take_down"), given=Down("", who(cast, "cui")))


def test_what_was_taken_down_comes_back_only_by_the_whole_way(cast):
    case = go(cast, made_public(cast), ("shu", "take_down"), given=down(cast))

    case = go(cast, case, ("cui", "rework"), note="the figure is corrected")

    assert case.state == "compiled"
    with pytest.raises(SomebodyWasFirst):
        go(cast, case, ("shu", "publish"))
    go(cast, case, ("cui", "submit"), ("dee", "approve"), ("shu", "publish"))
    assert seen() == [case.id]


def test_case_26_inf_15_a_product_leaves_the_shelf_at_once_and_comes_back_by_a_request(cast):
    posts.grant(cast.bo, "it_admin")
    product = shop.on_shelf(cast)
    with pytest.raises(NotYours):
        take_down_product(who(cast, "pan"), product.id, down(cast))

    take_down_product(cast.bo, product.id, down(cast, "a forged brand"))

    product = Product.get_by_id(product.id)
    assert (product.up_at, product.off_kind, product.off_reason) == (None, "unlawful", "a forged brand")
    assert data_from_json(TakeDown.get().snapshot)["code"] == "CUP"
    with pytest.raises(Refused, match="does not stand"):
        take_down_product(cast.bo, product.id, down(cast))
    assert shop.on_shelf(cast).up_at is not None


# ---- upkeep ---------------------------------------------------------------------------------------------------------


def test_inf_16_who_keeps_the_site_writes_down_what_was_done(cast):
    entry = write_upkeep(who(cast, "shu"), now.today(), "layout", "New order of the first page", "a" * 20)

    assert write_upkeep(who(cast, "shu"), now.today(), "layout", "New order of the first page", "a" * 20) == entry
    assert Upkeep.select().count() == 1
    with pytest.raises(NotYours):
        write_upkeep(who(cast, "cui"), now.today(), "layout", "Something", "b" * 20)
    with pytest.raises(Mistyped):
        write_upkeep(who(cast, "shu"), now.today() + timedelta(days=1), "layout", "Something", "c" * 20)


# ---- what is refused ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "detail", "field"),
    [
        ("poem", {}, "kind"),
        ("news", {"topic": "gossip"}, "topic"),
        ("news", {"channel": "birds"}, "channel"),
        ("slot", {"place": "ceiling"}, "place"),
        ("news", {"source": "x" * 201}, "source"),
        ("news", {"body": "x" * 20_001}, "body"),
        ("news", {"title_en": "x" * 121}, "title_en"),
        ("slot", {"link": "javascript:alert(1)"}, "link"),
        ("slot", {"link": "//elsewhere.example"}, "link"),
        ("news", {"place": "headline"}, "place"),
        ("slot", {"on_news": True}, "on_news"),
        ("slot", {"ends_on": date(2020, 1, 1)}, "ends_on"),
    ],
)
def test_what_cannot_be_a_manuscript_is_refused_however_it_comes_about(cast, kind, detail, field):
    with pytest.raises(Mistyped) as refused:
        draft(cast, kind, **detail)

    assert refused.value.field == field


def test_nothing_is_collected_by_who_has_no_part_in_it(cast):
    with pytest.raises(NotYours, match="collect"):
        draft(cast, by="kun")


def test_a_slot_whose_last_day_has_passed_is_not_submitted(cast, clock):
    clock.set("2026-03-02 09:00")
    case = compiled(cast, "slot")
    clock.forward(days=7)

    with pytest.raises(Refused, match="last day has passed"):
        go(cast, case, ("cui", "submit"))


def test_nothing_unwritten_is_compiled_nor_classified_by_what_there_is_not(cast):
    posts.grant(cast.ann, "marketing_staff")
    case = go(cast, draft(cast, "company", by="ann", topic="", body=""), ("ann", "hand_in"))
    with pytest.raises(Mistyped):
        go(cast, case, ("cui", "classify"), given=Classified("gossip"))
    case = go(cast, case, ("cui", "classify"), given=Classified("affairs"))

    with pytest.raises(Refused, match="Write the text"):
        go(cast, case, ("cui", "compile"))


def test_the_marks_are_changed_only_to_others_and_only_by_the_director(cast):
    case = submitted(cast)
    with pytest.raises(Mistyped, match="Nothing is changed"):
        go(cast, case, ("dee", "mark"), given=Marks(False, False), note="as it is")

    posts.cannot(who(cast, "cui"), case, "mark", given=Marks(True, False), note="mine")


def test_pro_07_a_plan_that_was_called_off_meanwhile_is_not_announced(cast):
    plan = go(cast, promoting.plan(cast), ("pan", "submit"), ("dee", "approve"))
    case = approved(cast, plan=plan)
    go(cast, plan, ("dee", "cancel"), note="no stock")

    with pytest.raises(Refused, match="not agreed to"):
        go(cast, case, ("shu", "publish"))


def test_inf_05_who_agreed_as_director_does_not_consent_as_general_manager(cast):
    case = go(cast, submitted(cast, confidential=True), ("dee", "approve"))
    posts.grant(who(cast, "dee"), "gm")

    posts.cannot(who(cast, "dee"), case, "approve")


def test_only_who_handles_it_takes_it_back_and_works_on_it(cast):
    case = submitted(cast)
    posts.cannot(who(cast, "shu"), case, "withdraw")
    case = go(cast, case, ("dee", "approve"))
    posts.cannot(who(cast, "shu"), case, "change", note="mine")

    case = go(cast, case, ("shu", "publish"), ("shu", "take_down"), given=down(cast))

    posts.cannot(who(cast, "shu"), case, "rework", note="mine")


def test_nobody_below_the_section_puts_a_confidential_one_back_for_others(cast):
    case = compiled(cast, confidential=True)

    assert "put_back" not in {offer.step.name for offer in posts.buttons(who(cast, "shu"), case)}
    with pytest.raises(SomebodyWasFirst):
        go(cast, case, ("shu", "put_back"), note="away")


@pytest.mark.parametrize("reason", ["", "x" * 1001])
def test_inf_15_a_take_down_says_why_in_few_words_and_who_answers_for_it(cast, reason):
    product, shu = shop.on_shelf(cast), who(cast, "shu")
    with pytest.raises(Mistyped):
        take_down_product(shu, product.id, Down(reason, shu))
    with pytest.raises(Mistyped):
        take_down_product(shu, product.id, Down("a forged brand", None))
    gone = cast.bo
    gone.active = False
    with pytest.raises(Mistyped):
        take_down_product(shu, product.id, Down("a forged brand", gone))

    assert Product.get_by_id(product.id).up_at is not None


@pytest.mark.parametrize(
    ("part", "text", "field"), [("roof", "x", "part"), ("layout", "", "text"), ("layout", "x" * 1001, "text")]
)
def test_inf_16_the_log_says_what_was_done_and_where(cast, part, text, field):
    with pytest.raises(Mistyped) as refused:
        write_upkeep(who(cast, "shu"), now.today(), part, text, "a" * 20)

    assert refused.value.field == field


@pytest.mark.usefixtures("folder")
def test_files_are_attached_by_who_writes_it(cast):
    case = compiled(cast)

    with pytest.raises(NotYours):
        attach(cast, case, "shu")


@pytest.mark.usefixtures("folder")
def test_a_file_of_the_paper_that_is_no_part_of_the_version_is_not_public(cast):
    case = made_public(cast)

    assert published_file(case.id, shop.attached(case, who(cast, "shu")).id) is None


@pytest.mark.usefixtures("folder")
def test_only_so_many_files_stand_on_a_manuscript(cast, monkeypatch):
    monkeypatch.setattr(rules_manuscripts, "MOST_FILES", 1)
    case = compiled(cast)
    attach(cast, case)

    with pytest.raises(Mistyped):
        attach(cast, Case.get_by_id(case.id))


def test_what_counts_as_published_and_is_not_is_found(cast):
    case = made_public(cast)
    db.run("UPDATE cases SET state = 'retired' WHERE id = ?", case.id)

    assert any("counts as published and is retired" in fault for fault in checks.findings())


def test_what_stands_published_in_another_version_than_was_agreed_to_is_found(cast):
    case = made_public(cast)
    db.run("UPDATE manuscripts SET published_version = 99 WHERE case_id = ?", case.id)

    assert any("without its approvals" in fault for fault in checks.findings())


def test_inf_05_what_is_guarded_and_stands_published_with_one_approval_is_found(cast):
    case = made_public(cast)
    db.run("UPDATE manuscripts SET confidential = TRUE WHERE case_id = ?", case.id)

    assert any("without its approvals" in fault for fault in checks.findings())
