"""Publishing in the browser: written with a preview, decided, published, read by everybody, taken down; also in Chinese."""

from __future__ import annotations

import csv
import io
import re

import pytest
from bs4 import BeautifulSoup

from portal.cases import Case
from portal.persons import Person
from portal.publishing.models import Manuscript
from tests import manuscripts, posts
from tests.counting import statements
from tests.crawling import taken_apart
from tests.english_on_chinese_pages import WORD, english_words
from tests.manuscripts import approved, compiled, draft, go, submitted, who
from tests.manuscripts import published as made_public
from tests.test_attachments import _picture
from tests.test_spending_pages import everybody_reads_english, text_of  # noqa: F401

TYPED = {
    "kind": "news", "title": "新店开业", "title_en": "A new shop", "topic": "news", "channel": "own", "body": "周六**开业**。",
    "body_en": "It opens on **Saturday**.", "on_news": "y", "on_home": "y", "token": "a" * 20,
}  # fmt: skip
TICKS = dict.fromkeys(("law", "morals", "unlawful", "true", "image", "secrets"), "y")


@pytest.fixture(autouse=True)
def forms_without_tokens(app):
    app.config["WTF_CSRF_ENABLED"] = False


@pytest.fixture(name="browser")
def browser_of(cast, client):
    """`browser("cui")`, who reads English."""

    def signed_in(user: str):
        person = who(cast, user)
        Person.update(language="en").where(Person.id == person.id).execute()
        return client(Person.get_by_id(person.id))

    return signed_in


def step(browser, case, name, **typed):
    case = Case.get_by_id(case.id)
    return browser.post(f"/papers/{case.id}/steps", data={"step": name, "state": case.state, "version": case.version, **typed})


def test_a_manuscript_goes_from_the_form_to_the_news_and_down_again(cast, browser):
    cui, dee, shu, ann = browser("cui"), browser("dee"), browser("shu"), browser("ann")
    assert cui.get("/papers/new/manuscript").status_code == 200
    assert cui.post("/papers/new/manuscript", data=TYPED | {"do": "submit"}).status_code == 303
    case = Case.get(Case.kind == "manuscript")
    assert step(cui, case, "compile").status_code == 303
    assert step(cui, case, "submit", facts="y").status_code == 422
    assert step(cui, case, "submit", facts="y", rights="y").status_code == 303
    assert step(dee, case, "approve").status_code == 303
    assert "To be published by" in shu.get(f"/papers/{case.id}").text
    assert step(shu, case, "publish", **(TICKS | {"law": ""})).status_code == 422
    assert ann.get(f"/news/{case.id}").status_code == 404
    assert step(shu, case, "publish", **TICKS).status_code == 303

    assert "A new shop" in ann.get("/news").text
    assert "It opens on <strong>Saturday</strong>." in ann.get(f"/news/{case.id}").text
    assert "A new shop" in ann.get(f"/news/{case.id}/print").text
    assert f'href="/news/{case.id}"' in ann.get("/").text
    assert "Nothing in it gives away a secret." in shu.get(f"/papers/{case.id}").text

    posts.grant(cast.bo, "it_admin")
    bo = browser("bo")
    assert f"/publishing/{case.id}/take-down" in bo.get(f"/news/{case.id}").text
    assert f"/publishing/{case.id}/take-down" not in ann.get(f"/news/{case.id}").text
    assert bo.post(f"/publishing/{case.id}/take-down", data={"reason": ""}).status_code == 422
    down = {"reason": "It is false.", "responsible": str(who(cast, "cui").id)}
    assert bo.post(f"/publishing/{case.id}/take-down", data=down).status_code == 303
    assert ann.get(f"/news/{case.id}").status_code == 404
    assert "It is false." in bo.get("/publishing/take-downs/1").text
    assert "取回" not in bo.get("/publishing/take-downs").text
    assert bo.get(f"/publishing/{case.id}/take-down").status_code == 409


HOSTILE = """<script>alert(1)</script> [x](javascript:alert(1)) ![y](http://elsewhere/y.png) [z](//elsewhere)
<img src=x onerror="alert(1)">"""


def test_the_preview_shows_what_will_be_shown_and_nothing_hostile(browser):
    cui = browser("cui")

    live = cui.post("/publishing/preview", data={"body": f"# Head\n\n{HOSTILE}"}, headers={"HX-Request": "true"})
    plain = cui.post("/papers/new/manuscript", data=TYPED | {"body": f"# Head\n\n{HOSTILE}", "do": "look"})

    for answer in (live, plain):
        shown = BeautifulSoup(answer.text, "html.parser").find(id="preview")
        assert answer.status_code == 200
        assert shown.h2.get_text() == "Head"
        assert shown.find(["script", "img"]) is None
        assert shown.find_all(["a", "p"], href=True) == []
        assert {name for each in shown.find_all(True) for name in each.attrs} <= {"class", "id", "aria-live", "lang", "rel"}
    assert Case.select().count() == 0
    assert browser("ann").post("/publishing/preview", data={"body": "x"}).status_code == 403


def test_a_confidential_manuscript_is_nowhere_for_others(cast, browser):
    posts.grant(cast.sam, "copywriter")
    case = approved(cast, confidential=True, title="密约", body="unter vier Augen")
    ways = ["/papers/{}", "/papers/{}/print", "/publishing/{}/versions", "/news/{}", "/news/{}/files/1"]

    for user in ("ann", "sam", "pan"):
        other = browser(user)
        assert {other.get(way.format(case.id)).status_code for way in ways} == {404}
        assert f"/papers/{case.id}" not in other.get("/papers").text + other.get("/search?q=密约").text
        assert "密约" not in other.get("/papers/export/csv").text
        assert other.post(f"/publishing/preview?paper={case.id}", data={"body": "x"}).status_code in (403, 404)
    assert "密约" not in browser("sam").get("/publishing?tab=all&export=csv", buffered=True).text
    posts.grant(cast.bo, "it_admin")
    assert browser("bo").get(f"/publishing/{case.id}/take-down").status_code == 404
    assert "密约" in browser("shu").get("/publishing?tab=confidential").text
    assert browser("ann").get("/publishing").status_code == 403


def test_inf_17_a_picture_beyond_the_limit_is_refused_with_its_size_and_one_within_it_is_shown(cast, browser):
    cui, case = browser("cui"), draft(cast)
    large = _picture() + b"\0" * 600 * 1024
    refused = cui.post(f"/papers/{case.id}/files", data={"files": (io.BytesIO(large), "large.png")})
    assert refused.status_code == 422
    assert "large.png is 601 KB; at most 500 KB" in text_of(refused)
    assert cui.post(f"/papers/{case.id}/files", data={"files": (io.BytesIO(b"x"), "page.html")}).status_code == 422

    cui.post(f"/papers/{case.id}/files", data={"files": (io.BytesIO(_picture()), "shop.png")})
    case = go(cast, Case.get_by_id(case.id), ("cui", "hand_in"), ("cui", "compile"), ("cui", "submit"), ("dee", "approve"))
    file = re.search(r"/files/(\d+)", cui.get(f"/papers/{case.id}").text).group(1)
    ann = browser("ann")
    assert ann.get(f"/news/{case.id}/files/{file}").status_code == 404
    go(cast, case, ("shu", "publish"))

    answer = ann.get(f"/news/{case.id}/files/{file}")
    assert (answer.status_code, answer.mimetype) == (200, "image/png")
    assert f"/news/{case.id}/files/{file}" in ann.get(f"/news/{case.id}").text
    assert ann.get(f"/files/{file}").status_code == 404


def test_what_is_written_is_compared_version_by_version(cast, browser):
    case = compiled(cast, body="Am Samstag")
    cui = browser("cui")
    version = {"version": str(case.version), "body": "Am Sonntag"}
    assert cui.post(f"/papers/{case.id}/edit", data=TYPED | version | {"do": "save"}).status_code == 303

    page = BeautifulSoup(cui.get(f"/publishing/{case.id}/versions").text, "html.parser")

    assert "Samstag" in "".join(each.get_text() for each in page.find_all("del"))
    assert "Sonntag" in "".join(each.get_text() for each in page.find_all("ins"))
    assert cui.get(f"/publishing/{case.id}/versions?from=9&to=x").status_code == 200


def test_a_mark_that_stands_is_not_unticked_on_the_form(cast, browser):
    case = compiled(cast, confidential=True)
    cui = browser("cui")

    box = BeautifulSoup(cui.get(f"/papers/{case.id}/edit").text, "html.parser").find("input", {"name": "confidential"})
    cui.post(f"/papers/{case.id}/edit", data=TYPED | {"version": str(case.version), "do": "save"})

    assert box.has_attr("disabled")
    assert Manuscript.get_by_id(case.id).confidential


def test_who_decides_follows_from_what_is_typed(browser):
    cui = browser("cui")

    plain, guarded = (
        text_of(cui.post("/papers/rail/manuscript", data=TYPED | more)) for more in ({}, {"copyrighted": "y", "kind": "slot"})
    )

    assert "General manager" not in plain and "Section specialist" in plain
    assert "General manager" in guarded and "Section specialist" not in guarded.split("Who decides")[1]


def test_who_may_not_write_is_told_and_sees_no_button(browser):
    assert browser("ann").get("/papers/new/manuscript").status_code == 403
    yao = BeautifulSoup(browser("yao").get("/papers/new/manuscript").text, "html.parser")
    assert [each["value"] for each in yao.find("select", {"name": "kind"}).find_all("option")] == ["", "slot"]


NOTHING = ("/publishing?tab=x&kind=y&after=z&topic=%00", "/publishing?after=1-99999999999", "/publishing/slots?from=2026-02-30",
           "/publishing/upkeep?part=x", "/publishing?tab=publish&after=5-5", "/news?before=7")  # fmt: skip
NOWHERE = ("/news/x", "/news/99999999999", "/publishing/0/versions", "/publishing/7/take-down", "/news/1/files/abc",
           "/publishing/products/9/take-down", "/publishing/take-downs/8")  # fmt: skip


def test_what_an_address_cannot_mean_lets_everything_through_or_is_not_found(browser):
    shu = browser("shu")

    assert {path: shu.get(path).status_code for path in NOTHING} == dict.fromkeys(NOTHING, 200)
    assert {path: shu.get(path).status_code for path in NOWHERE} == dict.fromkeys(NOWHERE, 404)


MISTYPED: tuple[tuple[dict[str, str], str], ...] = (
    ({"kind": "poem"}, "kind"),
    ({"title": ""}, "title"),
    ({"title": "长" * 121}, "title"),
    ({"body": "长" * 20_001}, "body"),
    ({"product": "NONE"}, "product"),
    ({"plan": "PP-2026-0001"}, "plan"),
    ({"kind": "slot", "place": "roof"}, "place"),
    ({"kind": "slot", "starts_on": "2026-02-30"}, "starts_on"),
    ({"kind": "slot", "starts_on": "2026-03-02", "ends_on": "2026-03-01"}, "ends_on"),
    ({"kind": "slot", "link": "javascript:alert(1)"}, "link"),
    ({"kind": "slot", "link": "//elsewhere"}, "link"),
)


def test_what_was_mistyped_is_said_beside_its_field(cast, browser):
    cui = browser("cui")

    for typed, field in MISTYPED:
        answer = cui.post("/papers/new/manuscript", data=TYPED | typed | {"do": "save"})
        found = BeautifulSoup(answer.text, "html.parser").find(attrs={"name": field})
        assert (answer.status_code, found.get("aria-invalid")) == (422, "true"), typed

    assert Case.select().where(Case.kind == "manuscript").count() == 0


def test_lists_and_pages_ask_few_statements_however_many_there_are(cast, browser):
    shu, paths = (
        browser("shu"),
        ["/publishing?tab=all", "/news", "/publishing/slots", "/publishing/take-downs", "/publishing/upkeep"],
    )
    case = made_public(cast)
    few = [_asked(shu, path) for path in paths]
    for kind in ("news", "news", "slot"):
        made_public(cast, kind)
    go(cast, made_public(cast), ("shu", "take_down"), given=manuscripts.down(cast))

    assert [_asked(shu, path) for path in paths] == few
    assert max(few) <= 8
    assert _asked(shu, f"/papers/{case.id}") <= 14  # two of them for a post nobody holds


def _asked(browser, path: str) -> int:
    with statements() as sent:
        assert browser.get(path).status_code == 200
    return len(sent)


def test_the_log_of_the_site_is_written_listed_and_taken_away(cast, browser):
    shu = browser("shu")
    entry = {"done_on": "2026-01-05", "part": "layout", "text": "New first page", "token": "b" * 20}
    assert shu.post("/publishing/upkeep", data=entry | {"part": "moon"}).status_code == 422
    assert shu.post("/publishing/upkeep", data=entry).status_code == 303
    assert shu.post("/publishing/upkeep", data=entry).status_code == 303

    rows = list(csv.reader(io.StringIO(shu.get("/publishing/upkeep?export=csv", buffered=True).text.lstrip("\ufeff"))))
    assert [row[:4] for row in rows[1:]] == [["2026-01-05", "Layout", "New first page", "Shu"]]
    assert browser("dee").post("/publishing/upkeep", data=entry).status_code == 403
    assert browser("cui").get("/publishing/upkeep").status_code == 403


@pytest.mark.parametrize("language", ["zh-Hans", "zh-Hant"])
def test_no_english_word_stands_on_the_pages_of_publishing_read_in_chinese(cast, client, language):
    case, other = made_public(cast), submitted(cast, "slot")
    go(cast, case, ("shu", "take_down"), given=manuscripts.down(cast, "假"))
    shown = made_public(cast)
    for person in Person.select():
        Person.update(language=language, name_en="").where(Person.id == person.id).execute()
    own = frozenset(word for person in Person.select() for word in WORD.findall(person.user))
    paths = {
        "shu": ["/publishing", "/publishing?tab=late", "/publishing/slots", "/publishing/take-downs", "/publishing/take-downs/1",
                "/publishing/upkeep", f"/publishing/{shown.id}/take-down", f"/papers/{case.id}", "/news", f"/news/{shown.id}"],
        "cui": ["/papers/new/manuscript", f"/papers/{case.id}", f"/publishing/{case.id}/versions", "/help/manuscript"],
        "dee": [f"/papers/{other.id}", f"/papers/{other.id}/print", "/help/rules"],
    }  # fmt: skip

    for user, asked in paths.items():
        browser = client(who(cast, user))
        for path in asked:
            answer = browser.get(path)
            assert answer.status_code == 200, path
            assert english_words(taken_apart(answer.text), own) == [], path
