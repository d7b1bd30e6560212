"""The copy that goes out: cover sheet and mark on each page, for the borrower while it is lent, each opening written down."""

from __future__ import annotations

import io

import pytest
from pypdf import PdfReader

from portal import attachments, languages, modules, scans
from portal import clock as portal_clock
from portal.cases import Case
from portal.contents import create
from portal.contracts.models import Contract, Loan
from portal.contracts.models_papers import HandOut, TakeBack, loan_content
from portal.contracts.rules_copies import copy_of, cover_of
from portal.contracts.rules_loans import LOAN
from portal.contracts.rules_register import change
from portal.history import Event
from portal.marks import Copy, balanced
from portal.opening import PDF
from portal.refused import NotThere, NotYours, Refused
from portal.steps import take
from tests.archive import archivist, contract
from tests.pdfs import pdf_of, picture

PURPOSE = "向杭州展会主办方说明场地条款"


@pytest.fixture(autouse=True)
def keep_files(tmp_path):
    modules.load()
    attachments.keep_in(tmp_path / "data")


@pytest.fixture
def scanned(cast):
    """A contract with a scan of two pages and a picture of a third."""
    made = contract(cast, "会议室装修合同", "金装有限公司")
    for name, content in (("scan.pdf", pdf_of("first page 第一页", "second page 第二页")), ("third.jpg", picture(kind="JPEG"))):
        attachments.store("contract", made.id, "scan", name, io.BytesIO(content), archivist(cast))
    return made


def asked(cast, made, form="copy", purpose=PURPOSE):
    content = loan_content(made, form, purpose, "The court asks for it" if form == "original" else "")
    case = create(LOAN, cast.ann, content, f"loan {Case.select().count()} of {made.id}")
    take(cast.ann, case.id, "submit")
    return take(cast.hao, case.id, "approve")


def lent(cast, made, **more):
    case = asked(cast, made, **more)
    if case.state == "special":
        take(cast.mei, case.id, "approve")
    return take(archivist(cast), case.id, "hand_out", given=HandOut(pages=made.pages))


def changed(cast, made, **values):
    return change(archivist(cast), made.id, Contract.get_by_id(made.id).events, **values)


def pages_of(answer):
    return [" ".join(page.extract_text().split()) for page in PdfReader(answer).pages]


def joined(text):
    return text.replace(" ", "")


# ---- what stands on it ----------------------------------------------------------------------------------------------


def test_con_11_cover_and_every_page_say_what_for_for_whom_and_which_copy(cast, scanned):
    case = lent(cast, scanned)
    loan = Loan.get_by_id(case.id)

    _contract, made = copy_of(cast.ann, case.id)
    pages = pages_of(made)

    assert len(pages) == 4
    sentence = f"此件仅供于{PURPOSE}使用"
    assert [sentence in joined(page) for page in pages] == [True] * 4
    assert [scanned.number in page and "安妮" in page for page in pages] == [True] * 4
    day = languages.day(portal_clock.local(loan.lent_at).date(), "zh-Hans")
    assert [joined(f"影印件第1号 · {day}") in joined(page) for page in pages[1:]] == [True] * 3
    assert joined(day) in joined(pages[0]) and "影印件编号1" in joined(pages[0])
    assert "first page" in pages[1]
    assert "第二页" in pages[2]
    for told in ("会议室装修合同", "金装有限公司", "市场部"):
        assert told in pages[0]


@pytest.mark.parametrize(
    ("language", "sentence", "font"),
    [
        ("zh-Hans", "此件仅供", "STSong-Light"),
        ("zh-Hant", "此件僅供", "MSung-Light"),
        ("en", "This copy is only for", "STSong-Light"),
    ],
)
def test_con_11_it_speaks_the_contracts_language_whoever_prints_it(cast, scanned, client, language, sentence, font):
    case = lent(cast, changed(cast, scanned, language=language))

    reader = client(cast.ann)
    reader.set_cookie("language", "en")
    answer = reader.get(f"/contracts/loans/{case.id}/copy.pdf")

    assert answer.mimetype == "application/pdf"
    assert answer.headers["Cache-Control"] == "no-store"
    assert all(sentence in page for page in pages_of(io.BytesIO(answer.data)))
    assert font.encode() in answer.data


def test_con_11_a_long_purpose_stands_whole_on_the_cover_and_in_part_on_the_pages(cast, scanned):
    case = lent(cast, scanned, purpose="杭州展会" * 125)

    pages = pages_of(copy_of(cast.ann, case.id)[1])

    assert joined(pages[0]).count("杭州展会") >= 125
    assert all("此件仅供" in joined(page) for page in pages)


@pytest.mark.parametrize("turned", [0, 90, 180, 270])
def test_con_11_a_turned_page_is_marked_as_it_is_looked_at(tmp_path, turned):
    (tmp_path / "scan.pdf").write_bytes(pdf_of("across", rotate=turned))
    copy = Copy("Copy", "Only for this", (), "", "Ann", False, ((str(tmp_path / "scan.pdf"), PDF),))

    page = PdfReader(scans.marked(copy)).pages[1]

    assert page.rotation == 0
    assert (round(page.mediabox.width), round(page.mediabox.height)) == ((600, 400) if turned in (90, 270) else (400, 600))
    assert "Only for this" in page.extract_text()


def test_con_11_nothing_on_a_page_runs_or_leads_away(tmp_path):
    from pypdf import PdfWriter
    from pypdf.annotations import Link
    from pypdf.generic import DictionaryObject, NameObject, TextStringObject

    writer = PdfWriter(clone_from=io.BytesIO(pdf_of("a page")))
    writer.add_annotation(0, Link(rect=(0, 0, 400, 600), url="https://elsewhere.example"))
    action = {NameObject("/S"): NameObject("/JavaScript"), NameObject("/JS"): TextStringObject("app.alert('y')")}
    writer.pages[0][NameObject("/AA")] = DictionaryObject({NameObject("/O"): DictionaryObject(action)})
    writer.root_object[NameObject("/OpenAction")] = DictionaryObject(action)
    writer.write(tmp_path / "scan.pdf")
    copy = Copy("Copy", "Only for this", (), "", "Ann", False, ((str(tmp_path / "scan.pdf"), PDF),))

    made = scans.marked(copy).read()

    assert b"JavaScript" not in made
    assert b"elsewhere" not in made
    assert "a page" in PdfReader(io.BytesIO(made)).pages[1].extract_text()


# ---- who gets it, and when ------------------------------------------------------------------------------------------


def test_con_11_only_borrower_and_archivist_open_it_and_only_while_it_is_lent(cast, scanned, client):
    case = asked(cast, scanned)
    wen = archivist(cast)
    for person in (cast.ann, wen):
        with pytest.raises(Refused, match="only while a photocopy is lent"):
            copy_of(person, case.id)
    take(wen, case.id, "hand_out", given=HandOut(pages=12))

    address = f"/contracts/loans/{case.id}/copy.pdf"
    statuses = {each.user: client(each).get(address).status_code for each in (cast.ann, wen, cast.hao, cast.mei, cast.bo)}
    assert statuses == {"ann": 200, "wen": 200, "hao": 403, "mei": 403, "bo": 404}

    take(wen, case.id, "take_back", given=TakeBack(pages=12, condition="good", fate="returned"))
    assert {each.user: client(each).get(address).status_code for each in (cast.ann, wen)} == {"ann": 409, "wen": 409}


def test_con_11_a_copy_that_is_lost_is_not_opened_any_more(cast, scanned):
    case = take(archivist(cast), lent(cast, scanned).id, "lose", note="Left on a train")

    with pytest.raises(Refused, match="only while a photocopy is lent"):
        copy_of(cast.ann, case.id)


def test_con_12_an_original_that_is_lent_has_no_copy(cast, scanned):
    case = lent(cast, scanned, form="original")

    with pytest.raises(Refused, match="only while a photocopy is lent"):
        copy_of(cast.ann, case.id)


def test_con_11_a_contract_that_became_confidential_is_not_opened_by_the_borrower_any_more(cast, scanned):
    case = lent(cast, scanned)
    changed(cast, scanned, confidential=True)

    with pytest.raises(NotThere):
        copy_of(cast.ann, case.id)


def test_con_11_each_opening_stands_in_the_history_of_the_loan(cast, scanned):
    case = lent(cast, scanned)

    copy_of(cast.ann, case.id)
    cover_of(archivist(cast), case.id)
    with pytest.raises(NotYours):
        copy_of(cast.hao, case.id)

    opened = Event.select().where(Event.thing == "case", Event.thing_id == case.id, Event.action == "open_copy").order_by(Event.n)
    assert [(each.by.user, each.facts()["copy"]) for each in opened] == [("ann", 1), ("wen", 1)]


def test_con_11_without_a_scan_there_is_the_cover_sheet(cast):
    case = lent(cast, contract(cast))

    with pytest.raises(Refused, match="no scan"):
        copy_of(cast.ann, case.id)
    assert len(pages_of(cover_of(cast.ann, case.id)[1])) == 1
    assert Event.select().where(Event.action == "open_copy").count() == 1


# ---- scans that cannot be opened ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"%PDF-1.7\n" + b"junk " * 50 + b"\nstartxref\n9\n%%EOF", "damaged"),
        (pdf_of("x", password="p"), "locked with a password"),
        (pdf_of(*["x"] * 12), "more pages than"),
    ],
    ids=["broken", "locked", "long"],
)
def test_con_11_a_scan_that_cannot_be_opened_is_refused_with_a_sentence(cast, client, monkeypatch, content, why):
    monkeypatch.setattr(scans, "scan_pages", lambda: 10)
    made = contract(cast)
    scan = attachments.store("contract", made.id, "scan", "scan.pdf", io.BytesIO(pdf_of("x")), archivist(cast))
    attachments.path_of(scan).write_bytes(content)  # the disk, or an older portal, kept it so
    case = lent(cast, made)

    with pytest.raises(scans.Unreadable, match=why):
        copy_of(cast.ann, case.id)
    assert client(cast.ann).get(f"/contracts/loans/{case.id}/copy.pdf").status_code == 409
    assert Event.select().where(Event.action == "open_copy").count() == 0


def test_con_11_nothing_of_a_copy_stays_on_the_disk(cast, scanned, tmp_path):
    case = lent(cast, scanned)
    before = {path for path in tmp_path.rglob("*") if path.is_file()}

    copy_of(cast.ann, case.id)

    assert {path for path in tmp_path.rglob("*") if path.is_file()} == before


@pytest.mark.no_database
def test_con_11_no_last_sign_of_the_mark_stands_alone():
    assert balanced("此件仅供于与供应商核对付款节点使用", 42, 680) == ["此件仅供于与供应商", "核对付款节点使用"]
    assert balanced("此件仅供于结算使用", 42, 680) == ["此件仅供于结算使用"]
