"""What belongs to a paper besides its steps: versions, comments, files, several at once, and what its flow no longer has."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest

from portal import attachments, db
from portal.cases import Case, open_tasks
from portal.notices import Notice
from portal.refused import SomebodyWasFirst
from tests.counting import statements
from tests.invoices import digital_xml, ofd
from tests.memo_pages import decide, english_browsers, portal_with_memos, steps_on, typed  # noqa: F401
from tests.pdfs import PDF

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
)


def cases() -> int:
    return Case.select().count()


# ---- writing --------------------------------------------------------------------------------------------------------


def test_a_form_sent_twice_makes_one_paper(browser_of, cast):
    browser = browser_of(cast.ann)

    first = browser.post("/papers/new/memo", data=typed())
    again = browser.post("/papers/new/memo", data=typed())
    other = browser.post("/papers/new/memo", data=typed(wish="a moon"))

    assert (first.status_code, again.status_code, again.location) == (303, 303, first.location)
    assert other.status_code == 409
    assert "a moon" in other.text
    assert cases() == 1


def test_a_draft_may_lack_what_a_submitted_paper_must_have(browser_of, cast):
    browser = browser_of(cast.ann)

    draft = browser.post("/papers/new/memo", data={"title": "A lamp", "token": "b" * 20, "do": "save"})
    sent = browser.post("/papers/new/memo", data={"title": "A lamp", "token": "c" * 20, "do": "submit"})

    assert draft.status_code == 303
    assert sent.status_code == 422
    assert cases() == 1
    assert Case.get().state == "draft"


def test_a_submission_that_is_refused_keeps_the_draft_and_what_was_typed(browser_of, memos, cast, monkeypatch):
    here = memos.flow.states["draft"]
    stopped = replace(here.steps[0], unless=(lambda act: memos.Words("Not before spring."),))
    monkeypatch.setitem(memos.flow.states, "draft", replace(here, steps=(stopped, *here.steps[1:])))
    browser = browser_of(cast.ann)

    refused = browser.post("/papers/new/memo", data=typed())

    assert refused.status_code == 409
    assert "Not before spring." in refused.text and 'value="light"' in refused.text
    assert f'action="/papers/{Case.get().id}/edit"' in refused.text
    assert Case.get().state == "draft"


def test_lines_are_added_and_taken_out_without_script(browser_of, cast):
    browser = browser_of(cast.ann)

    more = browser.post("/papers/new/memo", data=typed(add_line="1"))
    less = browser.post("/papers/new/memo", data=typed(**{"lines-1-item": "Shade", "lines-1-price": "3", "remove_line": "0"}))

    assert more.status_code == 200 and 'name="lines-1-item"' in more.text and 'value="Lamp"' in more.text
    assert less.status_code == 200 and 'value="Shade"' in less.text and 'value="Lamp"' not in less.text
    assert cases() == 0


def test_the_history_says_what_a_change_changed(browser_of, memos, cast):
    case = memos.draft(cast.ann)
    browser = browser_of(cast.ann)

    form = browser.get(f"/papers/{case.id}/edit")
    saved = browser.post(f"/papers/{case.id}/edit", data=typed(title="A large lamp", version="1", do="save"))
    late = browser.post(f"/papers/{case.id}/edit", data=typed(title="A small lamp", version="1", do="save"))
    page = browser.get(f"/papers/{case.id}")

    assert 'value="A lamp for the hall"' in form.text and 'value="10.00"' in form.text
    assert (saved.status_code, late.status_code) == (303, 409)
    assert "A small lamp" in late.text
    assert "A lamp for the hall</bdi> → <bdi>A large lamp" in page.text
    assert "¥10.00 → ¥12.50" in page.text


def test_a_paper_is_copied_as_new(browser_of, memos, cast):
    case = memos.go(memos.draft(cast.ann), (cast.ann, "submit"))

    form = browser_of(cast.ann).get(f"/papers/new/memo?copy={case.id}")

    assert form.status_code == 200
    assert 'value="A lamp for the hall"' in form.text and 'value="a lamp"' in form.text


def test_nobody_changes_the_paper_of_another(browser_of, memos, cast):
    draft = memos.draft(cast.ann)
    submitted = memos.go(memos.draft(cast.ann, "t2"), (cast.ann, "submit"))

    assert browser_of(cast.hao).get(f"/papers/{draft.id}/edit").status_code == 404
    assert browser_of(cast.hao).post(f"/papers/{submitted.id}/edit", data=typed(version="1")).status_code == 403
    assert browser_of(cast.ann).get(f"/papers/{submitted.id}/edit").status_code == 409


# ---- comments -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["@hao is it bright?", "请 @郝 看一下", "(@Hao) look", "@郝看一下"])
def test_who_is_mentioned_is_told(browser_of, memos, cast, text):
    case = memos.go(memos.draft(cast.ann), (cast.ann, "submit"))

    answer = browser_of(cast.ann).post(f"/papers/{case.id}/comments", data={"note": text})

    if text == "@郝看一下":  # a name of one sign cannot be told from what goes on behind it
        assert answer.status_code == 422
        return
    assert answer.status_code == 303
    assert [each.person_id for each in Notice.select().where(Notice.topic == "mentioned")] == [cast.hao.id]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("@zebra look", "Nobody here is called"),
        ("@bo look", "may not see this paper"),
        (" ", "Write a comment"),
        ("x" * 2001, "at most"),
    ],
)
def test_a_comment_that_cannot_be_taken_is_kept(browser_of, memos, cast, text, why):
    case = memos.go(memos.draft(cast.ann), (cast.ann, "submit"))

    answer = browser_of(cast.ann).post(f"/papers/{case.id}/comments", data={"note": text})

    assert answer.status_code == 422
    assert why in answer.text and text.strip() in answer.text
    assert Notice.select().where(Notice.topic == "mentioned").count() == 0


# ---- files ----------------------------------------------------------------------------------------------------------


def upload(browser, case, name, content):
    return browser.post(f"/papers/{case.id}/files", data={"files": (io.BytesIO(content), name)})


def test_a_file_is_read_by_who_may_read_its_paper_and_by_nobody_else(browser_of, memos, cast):
    case = memos.go(memos.draft(cast.ann), (cast.ann, "submit"))

    sent = upload(browser_of(cast.ann), case, "lamp.pdf", PDF)
    file = attachments.of("case", case.id)[0]
    read = browser_of(cast.hao).get(f"/files/{file.id}")

    assert sent.status_code == 303
    assert read.data == PDF
    assert read.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in read.headers["Content-Security-Policy"] and read.headers["Cache-Control"] == "no-store"
    assert browser_of(cast.bo).get(f"/files/{file.id}").status_code == 404
    assert browser_of(cast.bo).post(f"/files/{file.id}/remove").status_code == 404


@pytest.mark.parametrize(("name", "content"), [("发票.xml", digital_xml()), ("发票.ofd", ofd())])
def test_the_data_of_an_invoice_is_only_ever_downloaded(browser_of, memos, cast, name, content):
    case = memos.go(memos.draft(cast.ann), (cast.ann, "submit"))
    file = attachments.store("case", case.id, "invoice", name, io.BytesIO(content), cast.ann)

    read = browser_of(cast.hao).get(f"/files/{file.id}")

    assert (read.status_code, read.data, read.mimetype) == (200, content, file.type)
    assert read.headers["Content-Disposition"].startswith("attachment;")
    assert read.headers["X-Content-Type-Options"] == "nosniff" and "sandbox" in read.headers["Content-Security-Policy"]


def test_a_file_is_taken_off_by_who_attached_it(browser_of, memos, cast):
    case = memos.draft(cast.ann)
    browser = browser_of(cast.ann)
    upload(browser, case, "lamp.pdf", PDF)
    file = attachments.of("case", case.id)[0]

    page = browser.get(f"/papers/{case.id}")
    gone = browser.post(f"/files/{file.id}/remove")

    assert f'action="/files/{file.id}/remove"' in page.text
    assert gone.status_code == 303
    assert browser.get(f"/files/{file.id}").status_code == 404
    assert "removed the attachment" in browser.get(f"/papers/{case.id}").text


@pytest.mark.parametrize(
    ("name", "content"),
    [("lamp.pdf", PDF[:20]), ("lamp.png", PNG[:30]), ("lamp.html", b"<script>"), ("lamp.png", PDF), ("empty.pdf", b"")],
)
def test_a_file_that_cannot_be_taken_says_why(browser_of, memos, cast, name, content):
    case = memos.draft(cast.ann)

    answer = upload(browser_of(cast.ann), case, name, content)

    assert answer.status_code == 422
    assert 'id="files-err1"' in answer.text
    assert attachments.of("case", case.id) == []


def test_who_only_reads_a_paper_attaches_nothing(browser_of, memos, cast):
    case = memos.go(memos.draft(cast.ann), (cast.ann, "submit"), (cast.hao, "endorse"))
    browser = browser_of(cast.hao)

    answer = upload(browser, case, "lamp.pdf", PDF)

    assert answer.status_code == 403
    assert 'id="files-form"' not in browser.get(f"/papers/{case.id}").text


# ---- several --------------------------------------------------------------------------------------------------------


def test_several_papers_are_decided_each_by_itself(browser_of, memos, cast):
    good, moved = (memos.go(memos.draft(cast.ann, f"t{n}"), (cast.ann, "submit")) for n in range(2))
    shown = [f"{case.id}:{case.state}:{case.version}" for case in (good, moved)]
    memos.go(moved, (cast.hao, "endorse"))

    answer = browser_of(cast.hao).post("/papers/steps", data={"step": "endorse", "paper": shown, "next": "/inbox"})

    assert answer.status_code == 200
    assert "One" in answer.text or "1 paper was not taken along" in answer.text
    assert Case.get_by_id(good.id).state == "endorsed"


def test_only_steps_without_a_note_are_taken_together_and_on_own_papers_only(browser_of, memos, cast):
    case = memos.go(memos.draft(cast.ann), (cast.ann, "submit"))
    shown = f"{case.id}:{case.state}:{case.version}"

    reject = browser_of(cast.hao).post("/papers/steps", data={"step": "reject", "paper": shown})
    stranger = browser_of(cast.bo).post("/papers/steps", data={"step": "endorse", "paper": shown})
    endless = browser_of(cast.hao).post("/papers/steps", data={"step": "endorse", "paper": [shown] * 101})
    none = browser_of(cast.hao).post("/papers/steps", data={"step": "endorse"})

    assert [each.status_code for each in (reject, stranger, endless, none)] == [409, 404, 422, 422]
    assert Case.get_by_id(case.id).state == "submitted"


# ---- a row taken out ------------------------------------------------------------------------------------------------


def test_a_step_taken_out_of_the_flow_is_gone_everywhere(browser_of, memos, cast, monkeypatch):
    case = memos.go(memos.draft(cast.ann), (cast.ann, "submit"))
    done = memos.go(memos.draft(cast.ann, "t2"), (cast.ann, "submit"), (cast.hao, "endorse"))
    browser = browser_of(cast.hao)
    before = browser.get("/help/memo").text
    here = memos.flow.states["submitted"]
    monkeypatch.setitem(memos.flow.states, "submitted", replace(here, waits_for=(), steps=here.steps[1:]))

    page = browser.get(f"/papers/{case.id}")
    sent = decide(browser, case, "endorse")
    told = browser.get(f"/papers/{done.id}")
    after = browser.get("/help/memo").text
    again = memos.go(memos.draft(cast.ann, "t3"), (cast.ann, "submit"))

    assert "endorse" not in steps_on(page)
    assert sent.status_code == 409
    assert told.status_code == 200  # what was done under it is still told
    assert before.count("Endorse") > after.count("Endorse")
    assert open_tasks(again) == []
    with pytest.raises(SomebodyWasFirst):
        memos.go(again, (cast.hao, "endorse"))


# ---- statements -----------------------------------------------------------------------------------------------------


def count(browser, path):
    with statements() as sent:
        assert browser.get(path).status_code == 200
    return len(sent)


def test_a_page_asks_the_database_little_however_much_it_shows(browser_of, memos, cast):
    many = [memos.go(memos.draft(cast.ann, f"t{n}"), (cast.ann, "submit")) for n in range(12)]
    case = many[0]
    for n in range(5):
        browser_of(cast.ann).post(f"/papers/{case.id}/comments", data={"note": f"{n}"})
        upload(browser_of(cast.ann), case, f"{n}.pdf", PDF)
    hao = browser_of(cast.hao)
    hao.get("/papers")

    assert count(hao, f"/papers/{case.id}") <= 12
    assert count(hao, f"/papers?q=lamp&requester={cast.ann.id}") <= 8
    assert count(hao, "/papers") <= 8
    assert count(hao, f"/papers/{case.id}/print") <= 12
    assert db.row("SELECT COUNT(*) FROM attachments") == (5,)
