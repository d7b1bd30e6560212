"""The pages where people, departments, roles and company rules are kept: who may open them, and what they do."""

from __future__ import annotations

import io
import re

import pytest

from portal import access, passwords, policies, sessions, steps
from portal.cases import Case, Reader
from portal.history import Event, Refusal
from portal.money import Money
from portal.people.models import Terms
from portal.people.rules_grants import give
from portal.persons import Department, Grant, Person
from portal.steps import longest_note
from tests.administrator import granted, ida


@pytest.fixture
def app(app):
    app.config["WTF_CSRF_ENABLED"] = False
    return app


@pytest.fixture
def browser(client):
    def of(person):
        made = client(person)
        made.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
        return made

    return of


@pytest.fixture
def admin(cast):
    return ida()


# ---- who may ---------------------------------------------------------------------------------------------------------

EVERYBODY = ["/people", "/people?q=a", "/policies", "/me", "/password"]
OVERSEERS = ["/people/{sam}", "/departments", "/grants", "/audit", "/audit?thing=grant", "/audit/refused"]
ADMINISTRATORS = [
    "/people/new",
    "/people/import",
    "/people/import/template",
    "/people/{sam}/edit",
    "/people/{sam}/disable",
    "/departments/new",
    "/departments/{office}",
    "/grants/new?person={sam}",
]


def paths(templates, cast):
    return [each.format(sam=cast.sam.id, office=cast.department("Office").id) for each in templates]


@pytest.mark.parametrize(
    ("user", "may"),
    [("ida", EVERYBODY + OVERSEERS + ADMINISTRATORS), ("mei", EVERYBODY + OVERSEERS), ("it_head", EVERYBODY + OVERSEERS)]
    + [(user, EVERYBODY) for user in ("ann", "sam", "lin", "cai", "hao", "bo")],
)
def test_each_page_opens_to_whom_it_should_and_to_nobody_else(browser, admin, cast, user, may):
    if user == "it_head":
        granted(cast.bo, "it_head")
    person = Person.get(Person.user == ("bo" if user == "it_head" else user))
    mine = browser(person)

    for template in EVERYBODY + OVERSEERS + ADMINISTRATORS:
        (path,) = paths([template], cast)
        assert mine.get(path).status_code == (200 if template in may else 403), path


def test_gen_10_an_attempt_outside_ones_rights_is_kept(browser, admin, cast):
    answer = browser(cast.ann).post(f"/people/{cast.sam.id}/password")

    assert answer.status_code == 403
    kept = Refusal.select().order_by(Refusal.id.desc()).first()
    assert (kept.person.user, kept.attempt) == ("ann", f"POST /people/{cast.sam.id}/password")
    assert "Ann" in browser(cast.mei).get("/audit/refused").text


@pytest.mark.parametrize("user", ["mei", "hao", "lin", "ann"])
def test_dba_08_no_change_is_made_by_anybody_but_an_administrator(browser, admin, cast, user):
    mine = browser(Person.get(Person.user == user))
    grant = Grant.get(Grant.person == cast.cai)
    office, sam, cai = cast.department("Office").id, cast.sam.id, cast.cai.id
    posts = [
        "/people/new", f"/people/{sam}/edit", f"/people/{sam}/level", f"/people/{sam}/disable", f"/people/{cai}/enable",
        f"/people/{sam}/password", "/people/import", "/people/import/confirm", "/departments/new", f"/departments/{office}",
        f"/departments/{office}/close", f"/departments/{office}/reopen", "/grants/new", f"/grants/{grant.id}/revoke",
    ]  # fmt: skip
    before = Event.select().count()

    for path in posts:
        assert mine.post(path, data={"name": "x"}).status_code == 403, path

    assert Event.select().count() == before


def test_no_link_leads_to_a_refusal(browser, admin, cast):
    for person in (cast.ann, cast.mei, admin):
        mine = browser(person)
        for path in paths(EVERYBODY + OVERSEERS, cast):
            page = mine.get(path)
            if page.status_code != 200:
                continue
            for link in set(re.findall(r'<a [^>]*href="(/(?:people|departments|grants|audit|policies|me)[^"]*)"', page.text)):
                assert mine.get(link.replace("&amp;", "&")).status_code == 200, (person.user, path, link)


def test_the_directory_shows_everybody_names_and_heads_but_no_accounts(browser, admin, cast):
    page = browser(cast.ann).get("/people").text

    assert "Hao" in page and "Marketing" in page
    for secret in ("back_office", "Back-office user", "chief_accountant", "Chief accountant", ">cai<"):
        assert secret not in page


@pytest.mark.parametrize("language", ["en", "zh-Hans", "zh-Hant"])
def test_pages_open_in_every_language(browser, admin, cast, language):
    Person.update(language=language).where(Person.user == "ida").execute()
    give(admin, cast.sam, Terms("cashier"))
    mine = browser(Person.get(Person.user == "ida"))

    for path in paths(EVERYBODY + OVERSEERS + ADMINISTRATORS, cast):
        assert mine.get(path).status_code == 200, path


# ---- accounts -------------------------------------------------------------------------------------------------------


def test_a_new_account_shows_its_password_once(browser, admin, cast):
    mine = browser(admin)
    told = {"user": "neu", "name": "新人", "department": cast.ann.department.id, "level": "ordinary"}

    answer = mine.post("/people/new", data=told)

    secret = re.search(r"<bdi>([a-z2-9]{5}-[a-z2-9]{4}-[a-z2-9]{4})</bdi>", answer.text).group(1)
    neu = Person.get(Person.user == "neu")
    assert passwords.matches(neu, secret) and "no-store" in answer.headers["Cache-Control"]
    assert secret not in mine.get(f"/people/{neu.id}").text


def test_what_was_typed_stays_beside_what_is_wrong(browser, admin, cast):
    answer = browser(admin).post(
        "/people/new", data={"user": "ann", "name": "<b>新", "department": cast.branch.id, "level": "ordinary"}
    )

    assert answer.status_code == 422
    assert (
        "This user name is taken." in answer.text
        and 'value="&lt;b&gt;新"' in answer.text
        and 'aria-invalid="true"' in answer.text
    )


def test_the_level_never_comes_from_another_form(browser, admin, cast):
    told = {"name": "山姆", "department": cast.branch.id, "level": "db_admin", "active": "", "user": "root", "id": 1}

    answer = browser(admin).post(f"/people/{cast.sam.id}/edit", data=told)

    assert answer.status_code == 303
    assert (cast.sam.level, cast.sam.active) == ("back_office", True)


def test_disabling_shows_first_what_the_person_leaves(browser, admin, cast):
    case = give(admin, cast.sam, Terms("cashier"))
    mine = browser(admin)

    page = mine.get(f"/people/{cast.sam.id}/disable")
    assert case.number in page.text and "Office clerk" in page.text and "Nobody else holds" in page.text
    assert mine.post(f"/people/{cast.sam.id}/disable", data={"reason": "left"}).status_code == 303

    assert not cast.sam.active
    assert "disabled" in mine.get("/audit?thing=person").text


def test_a_refusal_of_the_rules_stands_in_the_form(browser, admin, cast):
    answer = browser(admin).post(f"/people/{cast.mei.id}/disable", data={"reason": ""})

    assert answer.status_code == 422 and "is the only" in answer.text
    assert cast.mei.active


def test_lists_go_on_by_key_and_keep_their_filters(browser, admin, cast):
    department = cast.department("Marketing")
    for n in range(60):
        Person.create(user=f"p{n:02}", name=f"人{n:02}", name_en="", department=department, password_set_at=None)
    mine = browser(admin)

    first = mine.get(f"/people?department={department.id}&sort=user").text
    onward = re.search(r'rel="next" href="([^"]+)"', first).group(1).replace("&amp;", "&")
    second = mine.get(onward).text

    users = [re.findall(r"<bdi>(p\d\d)</bdi>", page) for page in (first, second)]
    assert len(users[0]) == 48 and len(users[1]) == 12 and not set(users[0]) & set(users[1])
    assert f"department={department.id}" in onward and "sort=user" in onward


@pytest.mark.parametrize("words", ["%", "_", "100%_", "\\", "' OR 1=1 --"])
def test_signs_of_the_database_are_only_letters_in_a_search(browser, admin, cast, words):
    page = browser(admin).get("/people", query_string={"q": words})

    assert page.status_code == 200 and "Nobody fits" in page.text


def test_people_are_taken_away_as_a_table_and_it_is_kept(browser, admin, cast):
    Person.update(name="=1+1").where(Person.user == "ann").execute()

    answer = browser(admin).post("/people/export?sort=user", data={"kind": "csv"})

    lines = answer.data.decode("utf-8-sig").splitlines()
    assert len(lines) == 9 and lines[1].startswith("ann,'=1+1,")
    assert Event.select().order_by(Event.id.desc()).first().action == "export"


# ---- importing ------------------------------------------------------------------------------------------------------


def upload(mine, text):
    return mine.post(
        "/people/import", data={"file": (io.BytesIO(text.encode()), "people.csv")}, content_type="multipart/form-data"
    )


def test_an_import_is_shown_before_it_is_done(browser, admin, cast):
    mine = browser(admin)

    shown = upload(mine, "User name,Name,Department,User level\nneu,新人,Marketing,Back-office user\nann,安妮,Office,\n")
    assert shown.status_code == 200 and Person.get_or_none(Person.user == "neu") is None
    rows = re.search(r'name="rows" value="([^"]+)"', shown.text).group(1).replace("&#34;", '"')
    done = mine.post("/people/import/confirm", data={"rows": rows})

    assert "neu" in done.text and re.search(r"<bdi>[a-z2-9]{5}-[a-z2-9]{4}-[a-z2-9]{4}</bdi>", done.text)
    assert (Person.get(Person.user == "neu").level, cast.ann.department.name_en) == ("back_office", "Office")


@pytest.mark.parametrize(
    "headings", ["账号,姓名,英文名,所属部门,级别", "用户名,姓名,英文名称,部门,级别", "帳號,姓名,英文名,所屬部門,級別"]
)
def test_a_table_may_be_headed_as_people_head_their_own(browser, admin, cast, headings):
    shown = upload(browser(admin), f"{headings}\nneu,新人,New,市场部,后台管理用户\n")

    assert shown.status_code == 200 and 'name="rows"' in shown.text
    assert "新人" in shown.text and "neu" in shown.text


def test_every_wrong_row_is_named_and_nothing_written(browser, admin, cast):
    shown = upload(browser(admin), "User name,Name,Department\nneu,新,Marketing\nx y,错,Marketing\ngut,好,Nowhere\n")

    assert shown.status_code == 422
    assert "There is no department" in shown.text and "Correct row" in shown.text and 'name="rows"' not in shown.text
    assert Person.get_or_none(Person.user == "neu") is None


@pytest.mark.parametrize(
    "rows", ["", "x", "[[1]]", "[1]", "{}", '[["a", {}]]', "[[1, [2]]]", "[" * 2000, '[[1, {"user": 7}]]', "[]", "null"]
)
def test_rows_that_were_tampered_with_are_refused(browser, admin, rows):
    answer = browser(admin).post("/people/import/confirm", data={"rows": rows})

    assert answer.status_code in (409, 422)


def test_a_file_that_is_no_table_is_refused(browser, admin):
    assert upload(browser(admin), "\x00\x01\x02").status_code == 422
    assert browser(admin).post("/people/import").status_code == 422


# ---- departments and roles ------------------------------------------------------------------------------------------


def test_a_department_is_added_changed_and_closed(browser, admin, cast):
    mine = browser(admin)
    told = {"name": "设计部", "name_en": "Design", "kind": "department", "parent": cast.branch.id, "mark": "design"}

    assert mine.post("/departments/new", data=told).status_code == 303
    made = Department.get(Department.mark == "design")
    assert mine.post(f"/departments/{made.id}", data=told | {"parent": made.id}).status_code == 422
    assert mine.post(f"/departments/{made.id}", data=told | {"name": "美术部"}).status_code == 303
    assert mine.post(f"/departments/{made.id}/close").status_code == 303

    after = Department.get_by_id(made.id)
    assert (after.name, after.active, after.mark) == ("美术部", False, None)
    assert mine.post(f"/departments/{cast.department('Marketing').id}/close").status_code == 409


def test_a_weighty_role_goes_from_the_administrator_to_the_general_manager(browser, admin, cast):
    mine = browser(admin)
    answer = mine.post("/grants/new", data={"person": cast.sam.id, "role": "cashier", "token": "a-token", "reason": "new"})
    case = Case.get(Case.kind == "grant")
    assert answer.status_code == 303 and case.number in mine.get("/grants").text

    gm = browser(cast.mei)
    page = gm.get(f"/papers/{case.id}")
    assert page.status_code == 200 and "Cashier" in page.text and "Confirm the role" in page.text
    assert browser(cast.ann).get(f"/papers/{case.id}").status_code == 404
    taken = gm.post(f"/papers/{case.id}/steps", data={"step": "grant", "state": case.state, "version": case.version})

    assert taken.status_code == 303
    assert "cashier" in access.posts_of(cast.sam)
    assert gm.get(f"/papers/{case.id}/print").status_code == 200
    assert browser(admin).get("/papers/new/grant").status_code in (403, 404)


def test_stand_ins_are_seen_wherever_roles_are(browser, admin, cast):
    office = cast.department("Office")
    until = "2099-12-31"
    told = {
        "person": cast.sam.id,
        "role": "supervisor",
        "department": office.id,
        "ends": until,
        "acting": "y",
        "reason": "Leave of Wang",
    }
    mine = browser(admin)

    assert mine.post("/grants/new", data=told | {"reason": ""}).status_code == 422
    assert mine.post("/grants/new", data=told).status_code == 303

    for path in ("/grants", "/grants?acting=1", f"/people/{cast.sam.id}", "/people?q=sam"):
        assert "Stands in" in mine.get(path).text, path
    assert "Leave of Wang" in mine.get("/grants").text
    assert "Stands in" in browser(cast.sam).get("/me").text


def test_a_role_is_taken_back_on_the_page_of_the_person(browser, admin, cast):
    grant = Grant.get(Grant.person == cast.cai)

    answer = browser(admin).post(f"/grants/{grant.id}/revoke", data={"reason": "moves on"})

    assert answer.status_code == 303
    assert access.holder_ids("cashier") == []


def test_role_changes_ask_the_password_again(browser, admin, cast, clock):
    clock.set("2026-03-02 09:00")
    mine = browser(admin)
    clock.set("2026-03-02 09:20")
    grant = Grant.get(Grant.person == cast.cai)
    posts = [
        (f"/grants/{grant.id}/revoke", {}),
        ("/grants/new", {"person": cast.sam.id, "role": "purchaser", "token": "t"}),
        (f"/people/{cast.sam.id}/level", {"level": "ordinary"}),
        (f"/people/{cast.sam.id}/password", {}),
        (f"/people/{cast.sam.id}/disable", {"reason": "x"}),
        ("/people/export", {"kind": "csv"}),
        ("/policies/longest_note", {"value": "3000"}),
    ]

    for path, data in posts:
        assert mine.post(path, data=data).status_code == 401, path

    assert access.holder_ids("cashier") == [cast.cai.id]


# ---- company rules --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("user", "status"), [("ida", 303), ("mei", 403), ("lin", 403), ("ann", 403)])
def test_a_company_rule_is_changed_by_the_role_it_belongs_to(browser, admin, user, status):
    assert policies.POLICIES["longest_note"].owner == "it_admin"

    answer = browser(Person.get(Person.user == user)).post("/policies/longest_note", data={"value": "3000"})

    assert answer.status_code == status
    assert longest_note() == (3000 if status == 303 else 2000)


def test_money_rules_belong_to_the_general_manager():
    assert {policy.owner for policy in policies.POLICIES.values() if isinstance(policy.default, Money)} <= {"gm"}


@pytest.mark.parametrize("typed", ["", "1e3", "３０００", "-5", "100", "20001", "3_000", "nan", "9" * 40])
def test_a_value_that_cannot_be_is_said_beside_the_rule(browser, admin, typed):
    answer = browser(admin).post("/policies/longest_note", data={"value": typed})

    assert answer.status_code == 422 and 'id="p-longest_note-err"' in answer.text
    assert longest_note() == 2000


def test_a_change_of_a_rule_is_told_with_before_and_after(browser, admin, cast):
    browser(admin).post("/policies/longest_note", data={"value": "3000"})

    page = re.sub(r"<[^>]+>", "", browser(cast.mei).get("/policies").text)
    assert "Ida changed “Longest note or comment” from 2000 to 3000" in page


@pytest.mark.parametrize("name", ["is_demo", "demo_password", "nothing"])
def test_rules_of_no_role_cannot_be_changed_here(browser, admin, cast, name):
    for person in (admin, cast.mei):
        assert browser(person).post(f"/policies/{name}", data={"value": "yes"}).status_code == 404


# ---- the trail and one's own page -----------------------------------------------------------------------------------


def test_the_trail_shows_no_contents_to_who_may_not_read_the_paper(browser, admin, cast):
    case = give(admin, cast.sam, Terms("cashier"))
    steps.take(cast.mei, case.id, "reject", (case.state, case.version), note="a private word")
    other = Person.create(user="eve", name="伊", department=cast.branch, password_set_at=cast.ann.password_set_at)
    granted(other, "it_head")
    Reader.delete().where(Reader.case == case, Reader.post == "it_head").execute()

    page = browser(other).get("/audit?thing=case").text

    assert case.number in page and "a private word" not in page and f"/papers/{case.id}" not in page


def test_the_trail_is_filtered_and_goes_on_by_key(browser, admin, cast):
    mine = browser(admin)
    for n in range(30):
        mine.post("/policies/longest_note", data={"value": str(2001 + n)})
        mine.post(f"/people/{cast.sam.id}/edit", data={"name": f"山姆{n}", "department": cast.branch.id})

    first = mine.get("/audit").text
    second = mine.get(re.search(r'rel="next" href="([^"]+)"', first).group(1).replace("&amp;", "&")).text
    assert (first.count("<tr>"), second.count("<tr>")) == (51, 11)
    assert mine.get("/audit?thing=policyvalue").text.count("<tr>") == 31
    assert mine.get(f"/audit?person={cast.ann.id}").text.count("<tr>") == 0
    assert mine.get("/audit?since=2001-01-01&until=2001-01-02").text.count("<tr>") == 0


def test_my_page_shows_my_roles_and_sessions_and_leads_to_my_account(browser, cast):
    page = browser(cast.hao).get("/me").text

    assert "Department manager" in page and "this one" in page and 'href="/me/account"' in page
    assert len(sessions.of(cast.hao)) == 1


@pytest.mark.parametrize(
    "path", ["/people/0", "/people/x", "/people/99999999999", "/people/-1", "/people/１", "/departments/99999", "/people?after=x"]
)
def test_numbers_that_are_nobodys_are_not_found(browser, admin, path):
    assert browser(admin).get(path).status_code == 404
