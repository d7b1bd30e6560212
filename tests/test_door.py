"""The door: who is let in, how long, and what happens to what was typed."""

from __future__ import annotations

import itertools
import re
import statistics
import time

import pytest
from flask import session as cookie_of
from passlib.hash import argon2

from portal import passwords, policies, sessions
from portal.books.models_accounts import account_of
from portal.people import rules
from portal.persons import Person
from portal.refused import Mistyped
from portal.sessions import Session
from tests.administrator import ida
from tests.signing_in import sign_in

SECRET = "blue lamp 7"


@pytest.fixture
def open_app(app):
    """Forged forms are another test's matter."""
    app.config["WTF_CSRF_ENABLED"] = False
    return app


@pytest.fixture
def client(client):
    """Browsers that ask for English."""

    def speaking(person=None):
        browser = client(person)
        browser.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
        return browser

    return speaking


@pytest.fixture
def ann(cast):
    return with_password(cast.ann)


def with_password(person, password=SECRET):
    Person.update(password_hash=passwords.hashed(password)).where(Person.id == person.id).execute()
    return Person.get_by_id(person.id)


def knock(browser, user="ann", password=SECRET, address="127.0.0.1", **more):
    return browser.post("/sign-in", data={"user": user, "password": password} | more, environ_base={"REMOTE_ADDR": address})


def token_on(answer):
    return re.search(r'name="csrf_token" value="([^"]+)"', answer.text).group(1)


def test_somebody_signed_in_sees_the_first_page(client, cast):
    browser = client(cast.ann)

    answer = browser.get("/")

    assert answer.status_code == 200, answer.text
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


def test_nobody_is_led_to_the_door(client):
    answer = client().get("/?x=1")

    assert answer.status_code == 303
    assert answer.location == "/sign-in?next=/?x%3D1"


def test_the_right_password_opens_the_door(client, ann, open_app):
    browser = client()

    wrong = knock(browser, password="green lamp 7")
    right = knock(browser, next="/new")

    assert (wrong.status_code, right.status_code, right.location) == (422, 303, "/new")
    assert browser.get("/new").status_code == 200


@pytest.mark.parametrize("user", [" ann ", "ANN", "Ann"])
def test_the_user_name_is_read_generously(client, ann, open_app, user):
    assert knock(client(), user).status_code == 303


def test_the_door_says_whom_to_ask(client, cast):
    ida()

    answer = client().get("/sign-in")

    assert "Ask the system administrator" in answer.text and "Ida" in answer.text


def test_accounts_are_listed_only_in_the_demo_company(client, cast):
    before = client().get("/sign-in").text

    policies.change(None, rules.is_demo, True)
    policies.change(None, rules.demo_password, "Spruce-1")
    after = client().get("/sign-in").text

    assert "mei" not in before
    assert "mei" in after and "Spruce-1" in after


# ---- no telling who is there ----------------------------------------------------------------------------------------


def test_unknown_wrong_and_disabled_are_answered_alike(client, cast, ann, open_app):
    with_password(cast.bo)
    Person.update(active=False).where(Person.user == "bo").execute()
    browser = client()

    answers = [knock(browser, user, secret) for user, secret in (("nobody", SECRET), ("ann", "green lamp 7"), ("bo", SECRET))]

    assert {answer.status_code for answer in answers} == {422}
    plain = {re.sub(r'value="(nobody|ann|bo|[\w.-]{40,})"', "", answer.text) for answer in answers}
    assert len(plain) == 1
    assert "User name or password is wrong." in plain.pop()


def test_unknown_and_wrong_take_about_the_same_time(cast, ann):
    addresses = itertools.count()

    def took(user):
        begun = time.perf_counter()
        with pytest.raises(Mistyped):
            sessions.sign_in(user, "green lamp 7", f"10.0.{next(addresses)}.1")
        return time.perf_counter() - begun

    passwords.matches(None, "the first one makes the decoy")
    pairs = [(took("ann"), took("nobody")) for _round in range(7)]

    wrong, unknown = (statistics.median(column) for column in zip(*pairs, strict=True))
    assert 0.5 < wrong / unknown < 2


# ---- limits ---------------------------------------------------------------------------------------------------------


def test_ten_wrong_tries_on_one_account_from_one_address_are_enough(client, ann, open_app, clock):
    clock.set("2026-03-02 09:00")
    browser = client()
    for _try in range(10):
        assert knock(browser, password="green lamp 7").status_code == 422

    assert knock(browser).status_code == 429
    assert knock(browser, address="10.0.0.2").status_code == 303

    clock.set("2026-03-02 09:16")
    assert knock(browser).status_code == 303


def test_a_hundred_wrong_tries_from_one_address_are_enough(cast, ann):
    for n in range(100):
        sessions._note_wrong(f"user{n}", "10.0.0.9")

    with pytest.raises(sessions.TooMany):
        sessions.sign_in("ann", SECRET, "10.0.0.9")
    assert sessions.sign_in("ann", SECRET, "10.0.0.10").user == "ann"


def test_others_do_not_lock_somebody_out_of_where_they_sign_in(cast, ann):
    sessions.end(ann, sessions.find(sessions.begin(ann, "10.0.0.1", "home")).id)
    for n in range(50):
        sessions._note_wrong("ann", f"10.9.0.{n}")

    with pytest.raises(sessions.TooMany):
        sessions.sign_in("ann", SECRET, "10.7.0.1")
    assert sessions.sign_in("ann", SECRET, "10.0.0.1").user == "ann"


def test_the_right_password_forgets_the_wrong_tries_before(cast, ann):
    for _try in range(9):
        sessions._note_wrong("ann", "10.0.0.1")

    sessions.sign_in("ann", SECRET, "10.0.0.1")

    for _try in range(9):
        sessions._note_wrong("ann", "10.0.0.1")
    assert sessions.sign_in("ann", SECRET, "10.0.0.1").user == "ann"


# ---- passwords ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("1abcdefgh", "must not start with a digit"),
        ("ab12", "at least 8"),
        ("abcdefgh", "at least two of letters, digits and signs"),
        ("my-ann-77", "must not contain your name"),
        ("安妮-secret", "must not contain your name"),
        ("password1", "everybody tries first"),
        ("x-" * 65, "at most 128"),
    ],
)
def test_dba_10_a_password_that_is_easily_guessed_is_refused(cast, password, why):
    with pytest.raises(Mistyped, match=why):
        passwords.check(password, cast.ann)


@pytest.mark.parametrize("password", ["blue lamp 7", "龙年-新春快乐吉祥", "a-very-long-sentence", "¿señor?9"])
def test_dba_10_a_good_password_is_taken(cast, password):
    passwords.check(password, cast.ann)


def test_dba_10_never_fewer_than_six_whatever_the_rule_says(cast):
    with pytest.raises(Mistyped):
        policies.change(None, passwords.min_length, 5)

    policies.change(None, passwords.min_length, 6)
    passwords.check("ab-cd1", cast.ann)
    with pytest.raises(Mistyped, match="at least 6"):
        passwords.check("ab12-", cast.ann)


def test_dba_11_an_old_password_must_be_changed_first(client, open_app, cast, clock):
    clock.set("2026-03-02 09:00")
    with_password(cast.ann)
    rules.change_password(cast.ann, "green lamp 8")
    clock.set("2026-05-30 09:00")
    assert client(cast.ann).get("/").status_code == 200

    clock.set("2026-05-31 09:01")
    answer = client(cast.ann).get("/new")

    assert (answer.status_code, answer.location) == (303, "/password?next=/new")


def test_a_one_time_password_is_changed_at_the_first_sign_in(client, open_app, cast):
    secret = rules.reset_password(ida(), cast.ann)
    browser = client()
    assert knock(browser, password=secret).status_code == 303

    assert browser.get("/me").location == "/password?next=/me"
    same = browser.post("/password", data={"old": secret, "new": secret, "again": secret})
    other = browser.post("/password", data={"old": secret, "new": SECRET, "again": SECRET, "next": "/me"})

    assert (same.status_code, other.status_code, other.location) == (422, 303, "/me")
    assert browser.get("/me").status_code == 200


def test_the_password_now_is_asked_for_when_changing_it(client, open_app, ann):
    answer = client(ann).post("/password", data={"old": "green lamp 7", "new": "red lamp 9", "again": "red lamp 9"})

    assert answer.status_code == 422 and "This is not your password." in answer.text
    assert passwords.matches(Person.get_by_id(ann.id), SECRET)


def test_hashes_of_an_older_kind_are_made_anew_on_sign_in(cast):
    weak = argon2.using(type="ID", memory_cost=1024, rounds=1, parallelism=1).hash(SECRET)
    Person.update(password_hash=weak).where(Person.user == "ann").execute()

    sessions.sign_in("ann", SECRET, "10.0.0.1")

    assert cast.ann.password_hash.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert passwords.matches(cast.ann, SECRET)


# ---- sessions -------------------------------------------------------------------------------------------------------


def test_signing_in_gives_a_new_session_and_ends_the_one_before(client, open_app, ann):
    browser = client(ann)
    with browser.session_transaction() as cookie:
        before = cookie["_user_id"]

    knock(browser)

    with browser.session_transaction() as cookie:
        assert cookie["_user_id"] != before
    assert sessions.find(before) is None


def test_the_token_is_kept_only_as_its_hash(cast):
    token = sessions.begin(cast.ann, "10.0.0.1", "test")

    assert len(token) >= 43
    assert Session.select().where(Session.token_hash == token).count() == 0


def test_a_session_ends_when_idle(client, cast, clock):
    clock.set("2026-03-02 09:00")
    browser = client(cast.ann)
    clock.set("2026-03-02 09:29")
    assert browser.get("/").status_code == 200

    clock.set("2026-03-02 09:58")
    assert browser.get("/").status_code == 200
    clock.set("2026-03-02 10:29")
    assert browser.get("/").status_code == 303


def test_a_session_lasts_twelve_hours_at_most(client, cast, clock):
    clock.set("2026-03-02 08:00")
    browser = client(cast.ann)
    for minutes in range(25, 12 * 60, 25):
        clock.set(f"2026-03-02 {8 + minutes // 60:02}:{minutes % 60:02}")
        browser.get("/")

    clock.set("2026-03-02 19:59")
    assert browser.get("/").status_code == 200
    clock.set("2026-03-02 20:00")
    assert browser.get("/").status_code == 303


def test_signing_out_ends_the_session_on_the_server(client, open_app, cast):
    browser = client(cast.ann)
    with browser.session_transaction() as cookie:
        token = cookie["_user_id"]

    browser.post("/sign-out")

    assert sessions.find(token) is None


def test_disabling_and_lost_roles_count_with_the_next_request(client, cast):
    browser = client(cast.ann)
    assert browser.get("/").status_code == 200

    rules.disable(ida(), cast.ann)

    assert browser.get("/").status_code == 303


def test_a_new_password_ends_the_other_sessions(client, open_app, ann):
    here, there = client(ann), client(ann)

    here.post("/password", data={"old": SECRET, "new": "green lamp 8", "again": "green lamp 8"})

    assert (here.get("/").status_code, there.get("/").status_code) == (200, 303)


def test_people_see_and_end_their_own_sessions_and_no_others(client, open_app, cast):
    here, there, of_bo = client(cast.ann), client(cast.ann), client(cast.bo)
    mine = [each.id for each in sessions.of(cast.ann)]
    of_others = sessions.of(cast.bo)[0].id

    for number in (*mine, of_others):
        if number != mine[0]:
            here.post(f"/me/sessions/{number}/end")

    alive = [browser.get("/me").status_code for browser in (here, there, of_bo)]
    assert alive.count(200) == 2 and alive[2] == 200


# ---- onward ---------------------------------------------------------------------------------------------------------

HOSTILE = [
    "https://evil.example", "//evil.example", "/\\evil.example", "\\\\evil.example", "javascript:alert(1)", "data:text/html,x",
    "http:evil.example", "/\t/evil.example", "/\n/evil.example", " //evil.example", "///evil.example", "evil.example", "/x y", "",
    "https:/evil.example", "/" + "a" * 3000, "\x00//evil",
]  # fmt: skip


@pytest.mark.parametrize("hostile", HOSTILE)
def test_after_signing_in_one_stays_on_this_site(client, open_app, ann, hostile):
    answer = knock(client(), next=hostile)

    assert (answer.status_code, answer.location) == (303, "/")


@pytest.mark.parametrize("path", ["/new", "/papers/7?tab=files", "/people?q=%E5%AE%89&department=2"])
def test_after_signing_in_one_goes_on(client, open_app, ann, path):
    assert knock(client(), next=path).location == path


def test_what_was_typed_after_the_session_ended_is_carried_through_the_door(client, open_app, ann):
    browser = client()

    asked = browser.post("/me/account", data={"number": "6222 0000", "holder": "Ann", "again": "<b>"})
    assert asked.status_code == 401
    kept = dict(reversed(re.findall(r'name="([^"]+)" value="([^"]*)"', asked.text)))
    assert (kept["number"], kept["again"], kept["next"]) == ("6222 0000", "&lt;b&gt;", "/me/account")
    onward = knock(browser, number="6222 0000", holder="Ann", next="/me/account")
    assert onward.status_code == 200 and 'action="/me/account"' in onward.text
    assert 'name="number" value="6222 0000"' in onward.text and SECRET not in onward.text

    assert browser.post("/me/account", data={"number": "6222 0000", "holder": "Ann"}).status_code == 303
    assert account_of(ann.id).number == "6222 0000"


# ---- forged forms ---------------------------------------------------------------------------------------------------


def test_a_form_without_a_token_or_with_a_foreign_one_does_nothing(client, cast):
    browser, other = client(cast.ann), client(cast.bo)
    foreign = token_on(other.get("/me"))
    own = token_on(browser.get("/me"))

    for data in ({"theme": "dark"}, {"theme": "dark", "csrf_token": foreign}, {"theme": "dark", "csrf_token": "x" * 91}):
        assert browser.post("/theme", data=data).status_code == 400
        assert cast.ann.theme == ""
    assert browser.post("/theme", data={"theme": "dark", "csrf_token": own}).status_code == 303
    assert cast.ann.theme == "dark"


def test_a_token_from_before_signing_in_counts_no_more(client, ann):
    browser = client()
    before = token_on(browser.get("/sign-in"))
    knock(browser, csrf_token=before)

    assert browser.post("/theme", data={"theme": "dark", "csrf_token": before}).status_code == 400


def test_another_site_may_not_send_forms_here(client, open_app, cast):
    browser = client(cast.ann)

    answer = browser.post("/theme", data={"theme": "dark"}, headers={"Sec-Fetch-Site": "cross-site"})

    assert (answer.status_code, cast.ann.theme) == (403, "")


# ---- a signature ----------------------------------------------------------------------------------------------------


def test_a_signature_asks_the_password_again_and_keeps_what_was_typed(client, open_app, ann, clock):
    clock.set("2026-03-02 09:00")
    browser = client(ann)
    clock.set("2026-03-02 09:14")
    assert browser.post("/me/account", data={"holder": "Ann", "number": "first"}).status_code == 303

    clock.set("2026-03-02 09:16")
    asked = browser.post("/me/account", data={"holder": "Ann", "number": "second <i>"})
    assert asked.status_code == 401 and 'value="second &lt;i&gt;"' in asked.text
    wrong = browser.post("/me/account", data={"holder": "Ann", "number": "second <i>", "_password": "green lamp 7"})
    assert wrong.status_code == 422 and 'value="second &lt;i&gt;"' in wrong.text and "green lamp 7" not in wrong.text
    assert account_of(ann.id).number == "first"

    assert browser.post("/me/account", data={"holder": "Ann", "number": "second", "_password": SECRET}).status_code == 303
    assert account_of(ann.id).number == "second"
    assert browser.post("/me/account", data={"holder": "Ann", "number": "third"}).status_code == 303


def test_guessing_the_password_again_is_limited_too(client, open_app, ann, clock):
    clock.set("2026-03-02 09:00")
    browser = client(ann)
    clock.set("2026-03-02 09:16")
    answers = [browser.post("/me/account", data={"account": "x", "_password": f"wrong {n}"}).status_code for n in range(11)]

    assert answers == [422] * 10 + [429]


# ---- what people type -----------------------------------------------------------------------------------------------

ODD = [
    "\x00",
    "a\x00b",
    "\ud7ff\ufffd",
    "😀" * 20,
    "‮txet",
    "מ" * 30,
    "%s%n{0}",
    "<script>alert(1)</script>",
    "'; DROP TABLE persons--",
    "x" * 1_000_000,
]


@pytest.mark.parametrize("odd", ODD, ids=range(len(ODD)))
def test_odd_signs_are_refused_or_kept_but_never_break(client, open_app, ann, odd):
    browser = client(ann)
    posts = [
        ("/sign-in", {"user": odd, "password": "x"}),
        ("/sign-in", {"user": "ann", "password": odd}),
        ("/me/account", {"account": odd}),
        ("/password", {"old": odd, "new": odd, "again": odd}),
        ("/theme", {"theme": odd}),
        ("/language", {"language": odd, "next": odd}),
    ]

    for path, data in posts:
        assert browser.post(path, data=data).status_code < 500, path
    assert browser.get("/people", query_string={"q": odd[:200], "department": odd[:200], "after": odd[:50]}).status_code < 500


def test_the_cookie_cannot_be_read_by_scripts_or_sent_from_elsewhere(client, open_app, ann):
    answer = knock(client())

    cookie = next(value for name, value in answer.headers if name == "Set-Cookie" and value.startswith("portal="))
    assert "HttpOnly" in cookie and "SameSite=Lax" in cookie and "Path=/" in cookie and "Domain" not in cookie


def test_the_sign_in_of_tests_is_a_session_like_any_other(app, cast):
    browser = app.test_client()
    sign_in(app, browser, cast.ann)

    with browser:
        browser.get("/")
        assert sessions.find(cookie_of["_user_id"]).person.user == "ann"
