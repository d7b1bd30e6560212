"""Whatever is typed into a paper: a clear answer, never a fault of ours, what was typed is kept, nothing is half written."""

from __future__ import annotations

import io
import re

import pytest

from portal.cases import Case
from portal.history import Event
from tests.memo_pages import english_browsers, portal_with_memos, typed  # noqa: F401

FINE, MISTYPED = 303, 422
RTL = "\u202eevil\u202c שלום"


def written() -> tuple[int, int]:
    return Case.select().count(), Event.select().where(Event.thing == "case").count()


@pytest.mark.parametrize(
    ("field", "value", "status"),
    [
        ("title", "\0", MISTYPED),
        ("title", "a\0b", FINE),
        ("title", "x" * 1_000_000, MISTYPED),
        ("title", "\u200b\u200b", MISTYPED),
        ("title", RTL, FINE),
        ("title", "💡🏮👩‍🔧", FINE),
        ("title", "<script>alert(1)</script>", FINE),
        ("wish", "x" * 1_000_000, MISTYPED),
        ("lines-0-price", "1e309", MISTYPED),
        ("lines-0-price", "NaN", MISTYPED),
        ("lines-0-price", "-1", MISTYPED),
        ("lines-0-price", "0", MISTYPED),
        ("lines-0-price", "1.005", MISTYPED),
        ("lines-0-price", "１２", MISTYPED),
        ("lines-0-price", "1_000", MISTYPED),
        ("lines-0-price", "99999999999", MISTYPED),
        ("lines-0-price", "\0", MISTYPED),
        ("lines-999999999-price", "1", MISTYPED),
        ("lines--price", "1", FINE),
        ("token", "\0" * 50, FINE),
        ("token", "x" * 1_000_000, FINE),
        ("version", "1e309", FINE),
        ("state", "closed", FINE),
        ("requester", "2", FINE),
        ("number", "ME-2026-9999", FINE),
    ],
)
def test_what_is_typed_is_taken_or_refused_with_a_sentence(browser_of, cast, field, value, status):
    answer = browser_of(cast.ann).post("/papers/new/memo", data=typed(**{field: value}))

    assert answer.status_code == status, answer.text
    assert written() == ((1, 2) if status == FINE else (0, 0))
    if status == MISTYPED:
        assert 'id="wrong"' in answer.text
        assert field == "wish" or 'value="light"' in answer.text
    else:
        case = Case.get()
        assert (case.state, case.requester_id, case.number[:2]) == ("submitted", cast.ann.id, "ME")


def test_too_many_lines_are_refused(browser_of, cast):
    lines = {f"lines-{n}-{name}": value for n in range(150) for name, value in (("item", "Lamp"), ("price", "1"))}

    answer = browser_of(cast.ann).post("/papers/new/memo", data=typed(**lines))

    assert answer.status_code == MISTYPED
    assert "at most 100 lines" in answer.text


@pytest.mark.parametrize("key", ["0", "-1", "999999", "2147483648", "99999999999999999999", "abc", "1.5", "%00", "１"])
@pytest.mark.parametrize("path", ["/papers/{}", "/papers/{}/edit", "/papers/{}/print", "/papers/new/memo?copy={}", "/files/{}"])
def test_a_number_that_is_no_papers_is_not_there(browser_of, cast, path, key):
    assert browser_of(cast.ann).get(path.format(key)).status_code == 404


def test_a_paper_one_may_not_read_is_not_there(browser_of, memos, cast):
    case = memos.go(memos.draft(cast.ann), (cast.ann, "submit"))
    browser = browser_of(cast.bo)
    shown = {"step": "endorse", "state": case.state, "version": case.version, "note": "hello"}

    read = [
        browser.get(path).status_code for path in (f"/papers/{case.id}", f"/papers/{case.id}/edit", f"/papers/{case.id}/print")
    ]
    sent = [browser.post(f"/papers/{case.id}/{what}", data=shown).status_code for what in ("steps", "comments", "files", "edit")]

    assert set(read + sent) == {404}
    assert browser.get(f"/papers/new/memo?copy={case.id}").status_code == 404


@pytest.mark.parametrize(
    "changed",
    [
        {"state": ""},
        {"state": "\0"},
        {"version": "NaN"},
        {"version": ""},
        {"step": ""},
        {"step": "\0"},
        {"step": "lapse"},
        {"step": "x" * 99999},
    ],
)
def test_a_step_that_was_never_shown_is_refused(browser_of, memos, cast, changed):
    case = memos.go(memos.draft(cast.ann), (cast.ann, "submit"))
    before = written()

    answer = browser_of(cast.hao).post(
        f"/papers/{case.id}/steps", data={"step": "endorse", "state": case.state, "version": case.version} | changed
    )

    assert answer.status_code == 409
    assert written() == before


@pytest.mark.parametrize("note", ["\0", "x" * 1_000_000, RTL, "💡"])
def test_any_note_is_taken_or_refused_with_a_sentence(browser_of, memos, cast, note):
    case = memos.go(memos.draft(cast.ann), (cast.ann, "submit"))

    answer = browser_of(cast.hao).post(
        f"/papers/{case.id}/steps", data={"step": "reject", "state": case.state, "version": case.version, "note": note}
    )

    assert answer.status_code == (FINE if note in (RTL, "💡") else MISTYPED)


def test_a_wrong_method_is_said(browser_of, memos, cast):
    case = memos.draft(cast.ann)
    browser = browser_of(cast.ann)

    assert browser.get(f"/papers/{case.id}/steps").status_code == 405
    assert browser.post(f"/papers/{case.id}").status_code == 405
    assert browser.delete(f"/papers/{case.id}").status_code == 405


def test_an_upload_that_is_too_large_is_refused(browser_of, memos, cast, pages):
    case = memos.draft(cast.ann)
    pages.config["MAX_CONTENT_LENGTH"] = 100_000

    answer = browser_of(cast.ann).post(f"/papers/{case.id}/files", data={"files": (io.BytesIO(b"x" * 200_000), "lamp.pdf")})

    assert answer.status_code == 413
    assert "too large" in answer.text


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true", "HX-Request-Type": "partial"}], ids=["page", "fragment"])
def test_who_sends_a_file_far_too_large_is_told_how_large_one_may_be(browser_of, memos, cast, headers):
    case = memos.draft(cast.ann)

    answer = browser_of(cast.ann).post(
        f"/papers/{case.id}/files", data={"files": (io.BytesIO(b"%PDF-"), "lamp.pdf")}, headers=headers,
        environ_overrides={"CONTENT_LENGTH": str(300 * 1024 * 1024)},
    )  # fmt: skip

    assert answer.status_code == 413
    assert "You sent 300 MB, but a file may have 50 MB at most" in re.sub("</?bdi>", "", answer.text)
    assert ("</html>" in answer.text) == (not headers)


def test_an_upload_that_breaks_off_is_refused(browser_of, memos, cast):
    case = memos.draft(cast.ann)
    body = b'--x\r\nContent-Disposition: form-data; name="files"; filename="lamp.pdf"\r\n\r\n%PDF-1.4'

    answer = browser_of(cast.ann).post(f"/papers/{case.id}/files", data=body, content_type="multipart/form-data; boundary=x")

    assert answer.status_code in (400, 422)


@pytest.mark.parametrize(
    "path", ["kind=zebra", "state=%00", "department=abc", "requester=99999999999", "year=1e309", "sort=drop", "before=x", "q=%00"]
)
def test_filters_out_of_anywhere_never_break_the_list(browser_of, cast, path):
    assert browser_of(cast.ann).get(f"/papers?{path}").status_code in (200, 404)


# ---- forged forms and long absence ----------------------------------------------------------------------------------


def token_in(answer) -> str:
    return re.search(r'name="csrf_token" value="([^"]+)"', answer.text).group(1)


@pytest.mark.parametrize("which", ["none", "foreign", "broken"])
def test_a_form_without_its_own_token_changes_nothing_and_keeps_what_was_typed(browser_of, cast, pages, which):
    pages.config["WTF_CSRF_ENABLED"] = True
    browser, other = browser_of(cast.ann), browser_of(cast.hao)
    browser.get("/papers/new/memo")
    tokens = {"none": {}, "broken": {"csrf_token": "abc"}, "foreign": {"csrf_token": token_in(other.get("/papers/new/memo"))}}

    answer = browser.post("/papers/new/memo", data=typed(**tokens[which]))

    assert answer.status_code == 400
    assert 'name="wish" value="light"' in answer.text
    assert written() == (0, 0)


def test_a_form_left_open_past_the_end_of_the_session_is_not_lost(browser_of, cast, pages, clock):
    pages.config["WTF_CSRF_ENABLED"] = True
    clock.set("2026-03-02 09:00")
    browser = browser_of(cast.ann)
    data = typed(csrf_token=token_in(browser.get("/papers/new/memo")))
    clock.forward(hours=1)

    answer = browser.post("/papers/new/memo", data=data)

    assert answer.status_code == 401
    assert 'name="wish" value="light"' in answer.text and 'name="lines-0-price" value="12.50"' in answer.text
    assert written() == (0, 0)
