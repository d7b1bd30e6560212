"""What is read from the files of invoices, from whichever of them, and that nothing is believed that no invoice says (FIN-12)."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal import attachments, codes, scans
from portal.attachments import Attachment
from portal.facts import KINDS, Read
from portal.invoices import Typed, all_in, differences, of_code, read
from portal.money import Money
from portal.refused import Mistyped
from tests.invoices import (
    BUYER,
    DIGITAL,
    OLDER,
    RAILWAY,
    RAILWAY_XML,
    ROLL,
    SELLER,
    SPECIAL,
    code,
    digital_xml,
    drawn,
    ofd,
    older_xml,
    packed,
    photo,
    printed,
    shaded,
    sheet,
    slanted,
    tagged_ofd,
    turned,
)
from tests.pdfs import pdf_of

no_database = pytest.mark.no_database
SHOP = "https://shop.example/coupon?to=01,32,,26427000000316294884"


@pytest.fixture(autouse=True)
def limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """As the policies have them."""
    monkeypatch.setattr(scans, "scan_pages", lambda: 500)
    monkeypatch.setattr(scans, "scan_seconds", lambda: 60)


# ---- codes: the text ------------------------------------------------------------------------------------------------


@no_database
def test_the_code_of_a_fully_digital_invoice_says_its_amount_with_tax() -> None:
    found = of_code("a.pdf", DIGITAL)

    assert found == Read("qr", "26427000000316294884", "", "32", date(2026, 3, 30), with_tax=Money(10076))
    assert (found.amount, str(found.amount_means)) == (10076, "with tax")


@no_database
def test_the_code_of_an_older_invoice_says_its_amount_without_tax() -> None:
    found = of_code("a.pdf", OLDER)

    check = "49753264642977383169"
    assert found == Read("qr", "81532753", "011002100111", "10", date(2023, 3, 23), without_tax=Money(21762), check_code=check)
    assert (found.amount, str(found.amount_means)) == (21762, "without tax")


@no_database
def test_where_a_kind_does_not_tell_what_its_amount_means_it_is_said() -> None:
    found = of_code("a.pdf", ROLL)

    assert found and (found.unclear, found.without_tax, found.with_tax) == (8850, None, None)
    assert str(found.amount_means) == "with or without tax: this kind of invoice does not say"


@no_database
@pytest.mark.parametrize(
    "text", [SPECIAL, RAILWAY, "01,32,,25442000000069606292,112,20250208,,", "01,32,,25442000000069606292,9.5,20250208\n"]
)
def test_codes_are_read_with_and_without_what_may_be_missing(text: str) -> None:
    found = of_code("a.pdf", text)

    assert found and found.number == text.split(",")[3]


@no_database
@pytest.mark.parametrize(
    "text",
    [
        "",
        SHOP,
        "hello",
        "01,32",
        "02,32,,26427000000316294884,100.76,20260330,,5F98",
        "01,06,31060122,0012345678,a1b2c3,20200101,560.00,",  # a receipt of the treasury
        "https://bcfp.example/verify/scan?hash=1&bill_num=01234567",
        DIGITAL.replace(",", "，"),
        "０１" + DIGITAL[2:],
        "x" + DIGITAL,
    ],
)
def test_the_codes_of_others_are_no_invoices(text: str) -> None:
    assert of_code("a.pdf", text) is None


WRONG_NUMBER = "The invoice in a.pdf has a number or code that no invoice has."
LIES = {
    "01,32,,26427000000316294884,100.76,20260231,,": "The invoice in a.pdf has a day that does not exist.",
    "01,32,,26427000000316294884,100.76,20261301,,": "The invoice in a.pdf has a day that does not exist.",
    "01,32,,26427000000316294884,100.76,19991231,,": "The invoice in a.pdf has a day that does not exist.",
    "01,32,,26427000000316294884,100.76,,,": "The invoice in a.pdf has a day that does not exist.",
    "01,32,,26427000000316294884,100.76,２０２６０３３０,,": "The invoice in a.pdf has a day that does not exist.",
    "01,32,,26427000000316294884,１００.76,20260330,,": "The invoice in a.pdf has an amount that no invoice has.",
    "01,32,,26427000000316294884,1e5,20260330,,": "The invoice in a.pdf has an amount that no invoice has.",
    "01,32,,26427000000316294884,1_000,20260330,,": "The invoice in a.pdf has an amount that no invoice has.",
    "01,32,,26427000000316294884,NaN,20260330,,": "The invoice in a.pdf has an amount that no invoice has.",
    "01,32,,26427000000316294884,,20260330,,": "The invoice in a.pdf has an amount that no invoice has.",
    "01,32,,26427000000316294884,0.00,20260330,,": "The invoice in a.pdf has an amount that no invoice has.",
    "01,32,,26427000000316294884,1.234,20260330,,": "The invoice in a.pdf has an amount that no invoice has.",
    "01,32,,26427000000316294884,10000000000,20260330,,": "The invoice in a.pdf has an amount that no invoice has.",
    "01,32,,26427000000316294884,10000000000000.00,20260330,,": "The invoice in a.pdf has an amount that no invoice has.",
    "01,32,,26427000000316294884,-100.76,20260330,,": (
        "The invoice in a.pdf takes back another one: its amount is below zero. It cannot be claimed."
    ),
    "01,32,,２６４２７００００００３１６２９４８８４,100.76,20260330,,": WRONG_NUMBER,
    "01,３２,,26427000000316294884,100.76,20260330,,": WRONG_NUMBER,
    "01,10,,81532753,100.76,20260330,,": WRONG_NUMBER,
    "01,10,123,81532753,100.76,20260330,,": WRONG_NUMBER,
    "01,10,０１１００２１００１１１,81532753,100.76,20260330,,": WRONG_NUMBER,
}


@no_database
@pytest.mark.parametrize("text", LIES)
def test_a_code_that_says_what_no_invoice_says_is_refused(text: str) -> None:
    with pytest.raises(Mistyped) as refusal:
        of_code("a.pdf", text)

    assert (str(refusal.value), refusal.value.field) == (LIES[text], "file")


DAYS = st.dates(date(2000, 1, 1), date(2099, 12, 31))
AMOUNTS = st.integers(1, 10**12 - 1)


@no_database
@given(DAYS, AMOUNTS, st.integers(0, 10**20 - 1), st.sampled_from(["31", "32", "51", "61"]))
def test_every_fully_digital_code_is_read_to_the_fen(day: date, fen: int, n: int, kind: str) -> None:
    number = f"{n:020}"

    found = of_code("a.pdf", f"01,{kind},,{number},{Money(fen)},{day:%Y%m%d},,ABCD")

    assert found == Read("qr", number, "", kind, day, with_tax=Money(fen))


@no_database
@given(
    st.text(max_size=60) | st.lists(st.text(max_size=22) | st.from_regex(r"\d{1,20}", fullmatch=True), max_size=9).map(",".join)
)
def test_no_text_of_a_code_breaks_the_reading(text: str) -> None:
    for each in (text, f"01,32,,26427000000316294884,{text}", f"01,10,{text}"):
        try:
            found = of_code("a.pdf", each)
        except Mistyped:
            continue
        assert found is None or (0 < (found.amount or 0) < 10**12 and found.number.isascii() and found.number.isdigit())


@no_database
@given(st.integers(0, len(DIGITAL) - 1), st.characters(codec="utf-8"))
def test_a_code_changed_in_one_sign_is_another_invoice_or_none(place: int, sign: str) -> None:
    text = DIGITAL[:place] + sign + DIGITAL[place + 1 :]

    try:
        found = of_code("a.pdf", text)
    except Mistyped:
        return
    assert found is None or found != of_code("a.pdf", DIGITAL) or text.split(",")[:6] == DIGITAL.split(",")[:6]


# ---- codes: on pictures and pages -----------------------------------------------------------------------------------


def seen(content: bytes) -> list[Read | None]:
    """What is read without a process of its own, which takes its time to start."""
    return [of_code("", text) for text in codes.on(content)]


@no_database
def test_a_code_is_read_from_a_photo() -> None:
    found = [read("photo.JPG", photo(sheet(code(DIGITAL)))), *seen(photo(sheet(code(DIGITAL)), "PNG"))]

    assert [*found, *seen(photo(sheet(code(DIGITAL)), "WEBP"))] == [of_code("", DIGITAL)] * 3


@no_database
def test_a_code_is_read_from_a_picture_without_ground() -> None:
    from PIL import Image, ImageOps

    signs, written = sheet(code(DIGITAL)), io.BytesIO()
    Image.merge("LA", (Image.new("L", signs.size), ImageOps.invert(signs))).save(written, "PNG")

    assert seen(written.getvalue()) == [of_code("", DIGITAL)]


@no_database
def test_codes_are_read_at_any_angle() -> None:
    """Many invoices on one sheet, each turned further than the last."""
    texts = [f"01,32,,264270000003162948{n:02},100.76,20260330,," for n in range(24)]
    turns = [turned(code(text, 140), 15 * n + 4) for n, text in enumerate(texts)]

    found = seen(photo(sheet(*turns, width=1900, height=1400), "PNG"))

    assert {each.number for each in found if each} == {text.split(",")[3] for text in texts}


CROOKED = {
    "turned": lambda each: turned(each, 33),
    "slanted": lambda each: slanted(each, 0.08),
    "turned and slanted": lambda each: slanted(turned(each, 90), 0.15),
}


@no_database
@pytest.mark.parametrize("how", CROOKED)
def test_codes_are_read_from_a_photo_that_is_crooked_and_badly_lit(how: str) -> None:
    content = photo(shaded(CROOKED[how](sheet(code(DIGITAL, 200), width=900, height=600))))

    assert seen(content) == [of_code("", DIGITAL)]


@no_database
@pytest.mark.parametrize("pixels", [60, 90, 500])
def test_codes_are_read_small_and_large(pixels: int) -> None:
    assert seen(photo(sheet(code(DIGITAL, pixels), width=800, height=600), "PNG")) == [of_code("", DIGITAL)]


@no_database
@pytest.mark.parametrize("side", [20, 57, 200])
def test_a_code_drawn_on_a_page_is_read(side: float) -> None:
    assert seen(drawn(OLDER, side)) == [of_code("", OLDER)]


@no_database
def test_a_code_too_fine_for_a_first_look_is_read_at_the_second() -> None:
    page = drawn(OLDER, 14)

    assert codes.FINE < codes.FINER and seen(page) == [of_code("", OLDER)]


@no_database
def test_every_invoice_of_the_file_is_read_once_and_other_codes_are_passed_over() -> None:
    first, second = sheet(code(SHOP), code(DIGITAL), code(OLDER)), sheet(turned(code(RAILWAY), 180), code(DIGITAL))

    found = all_in("scan.pdf", printed(first, second))

    assert len(found) == 3 and set(found[:2]) == {of_code("", DIGITAL), of_code("", OLDER)}
    assert found[2] == of_code("", RAILWAY)


@no_database
def test_a_page_without_the_code_of_an_invoice_tells_of_none() -> None:
    assert read("menu.pdf", printed(sheet(code(SHOP)))) is None
    assert seen(pdf_of("an invoice on paper")) == []
    assert read("lines.csv", b"a,b\n") is None


@no_database
def test_a_lie_beside_a_good_code_is_refused_all_the_same() -> None:
    lie = "01,32,,26427000000316294884,-100.76,20260330,,"

    with pytest.raises(Mistyped, match="takes back another one"):
        read("photo.png", photo(sheet(code(DIGITAL), code(lie)), "PNG"))


@no_database
@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.pdf", b"%PDF-1.7\n" + b"junk " * 50 + b"\nstartxref\n9\n%%EOF"),
        ("a.pdf", b"nothing"),
        ("a.png", photo(sheet(code(DIGITAL)), "PNG")[:900]),
    ],
)
def test_what_cannot_be_opened_says_so(name: str, content: bytes) -> None:
    with pytest.raises(Mistyped) as refusal:
        read(name, content)

    assert str(refusal.value) == f"{name} is damaged and cannot be opened. Scan or save it again and attach it anew."


@no_database
@pytest.mark.parametrize("page", [(14_400, 14_400), (14_400, 300)])
def test_a_huge_page_is_drawn_no_larger_than_others(page: tuple[float, float]) -> None:
    import pypdfium2

    picture = codes._drawn(pypdfium2.PdfDocument(drawn(DIGITAL, 57, page)), 0, codes.FINER)

    assert 1_000_000 < picture.width * picture.height < codes.MOST_PIXELS * 1.01
    assert max(picture.size) <= codes.LONGEST_SIDE


@no_database
def test_a_picture_of_too_many_dots_is_not_drawn() -> None:
    from PIL import Image

    written = io.BytesIO()
    Image.new("1", (5_000, 4_001)).save(written, "PNG")

    with pytest.raises(Mistyped, match=r"a\.png takes more time or memory to open than a file may"):
        read("a.png", written.getvalue())


@no_database
def test_a_page_that_never_ends_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scans, "scan_seconds", lambda: 1)

    with pytest.raises(Mistyped, match=r"a\.pdf takes more time or memory to open than a file may"):
        read("a.pdf", pdf_of("x", loops=True))


# ---- data: XML ------------------------------------------------------------------------------------------------------

WHOLE = Read(
    "xml", "26427000000316294884", "", "32", date(2026, 3, 30), without_tax=Money(9506), tax=Money(570), with_tax=Money(10076),
    seller=SELLER[0], seller_tax_number=SELLER[1], buyer=BUYER[0], buyer_tax_number=BUYER[1],
)  # fmt: skip


@no_database
def test_the_data_of_a_fully_digital_invoice_is_read() -> None:
    assert read("invoice.xml", digital_xml()) == WHOLE
    assert read("invoice.XML", digital_xml(label="01", day="2026-03-30 09:15:00")) == replace(WHOLE, kind="31")
    assert read("invoice.xml", b"\xef\xbb\xbf" + digital_xml()) == WHOLE
    assert read("invoice.xml", digital_xml().replace(b"UTF-8", b"GBK").decode().encode("gbk")) == WHOLE


@no_database
def test_the_data_of_a_railway_ticket_is_read() -> None:
    found = read("ticket.xml", RAILWAY_XML)

    assert found and (found.kind, found.number, found.day) == ("51", "26339132621000219582", date(2026, 4, 23))
    assert (found.without_tax, found.tax, found.with_tax, found.buyer) == (5138, 462, 5600, BUYER[0])


@no_database
def test_untaxed_invoices_have_no_tax() -> None:
    found = read("invoice.xml", digital_xml(tax="***", without="100.76"))

    assert found and (found.without_tax, found.tax, found.with_tax) == (10076, None, 10076)


@no_database
@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"eiid": "26427000000316294885"}, "a.xml says two different things of its invoice. Attach it as the seller sent it."),
        ({"with": "1000.76"}, "The amounts of the invoice in a.xml do not add up. Attach it as the seller sent it."),
        ({"with": "-100.76"}, "The invoice in a.xml takes back another one: its amount is below zero. It cannot be claimed."),
        ({"with": "１００.76"}, "The invoice in a.xml has an amount that no invoice has."),
        ({"day": "2026-02-30"}, "The invoice in a.xml has a day that does not exist."),
        ({"number": "2642700000031629488"}, "The invoice in a.xml has a number or code that no invoice has."),
        ({"number": "81532753"}, "The invoice in a.xml has a number or code that no invoice has."),
    ],
)
def test_data_that_cannot_be_true_is_refused(more: dict[str, str], why: str) -> None:
    with pytest.raises(Mistyped) as refusal:
        read("a.xml", digital_xml(**more))

    assert (str(refusal.value), refusal.value.field) == (why, "file")


POINTS = "%s holds what could point to other files. Attach the invoice as the seller sent it."
CUT = "%s cannot be read to its end. Save it again and attach it anew."
LARGE = "%s holds more than the data of an invoice."
LAUGHS = b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>'
HOSTILE_XML = {
    "entities": (digital_xml().replace(b"<EInvoice>", LAUGHS + b"<EInvoice>&b;"), POINTS),
    "another file": (b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><EInvoice>&a;</EInvoice>', POINTS),
    "a document type": (b'<!DOCTYPE EInvoice SYSTEM "http://127.0.0.1/x.dtd">' + b"<EInvoice/>", POINTS),
    "depth": (b"<EInvoice>" * 50_000, LARGE),
    "numbers": (b"<EInvoice>" + b"<a/>" * 60_000 + b"</EInvoice>", LARGE),
    "size": (b"<EInvoice>" + b"a" * 6_000_000 + b"</EInvoice>", LARGE),
    "no end": (digital_xml()[:-20], CUT),
    "no encoding": (b'<?xml version="1.0" encoding="nix"?><EInvoice/>', CUT),
}


@no_database
@pytest.mark.parametrize("name", HOSTILE_XML)
def test_xml_that_means_harm_is_refused(name: str) -> None:
    content, why = HOSTILE_XML[name]

    with pytest.raises(Mistyped) as refusal:
        read("a.xml", content)

    assert str(refusal.value) == why % "a.xml"


@no_database
@given(st.binary(max_size=80) | st.text(max_size=80).map(lambda text: f"<EInvoice>{text}</EInvoice>".encode("utf-8", "replace")))
def test_no_bytes_break_the_reading_of_data(content: bytes) -> None:
    for name in ("a.xml", "a.ofd"):
        try:
            assert read(name, content) is None
        except Mistyped:
            continue


# ---- data: OFD ------------------------------------------------------------------------------------------------------

DRAWN = {
    "InvoiceNo": "26427000000316294884", "IssueDate": "2026年03月30日", "BuyerName": BUYER[0], "BuyerTaxID": BUYER[1],
    "SellerName": SELLER[0], "SellerTaxID": SELLER[1], "TaxExclusiveTotalAmount": "¥95.06", "TaxTotalAmount": "￥5.70",
    "TaxInclusiveTotalAmount": "¥100.76",
}  # fmt: skip
PROPERTIES = [
    ("发票代码", "011002100111"),
    ("发票号码", "81532753"),
    ("合计税额", "28.29"),
    ("合计金额", "217.62"),
    ("开票日期", "2023年03月23日"),
]


@no_database
def test_the_data_attached_to_an_ofd_is_read() -> None:
    found = read("invoice.ofd", ofd({"Doc_0/Attachs/original_invoice.xml": older_xml()}, PROPERTIES))

    assert found == Read(
        "ofd", "81532753", "011002100111", "10", date(2023, 3, 23), Money(21762), Money(2829), Money(24591), None,
        "49753264642977383169", *SELLER, *BUYER,
    )  # fmt: skip


@no_database
def test_what_tags_point_to_on_the_page_of_an_ofd_is_read() -> None:
    assert read("invoice.ofd", tagged_ofd(DRAWN)) == replace(WHOLE, source="ofd", kind="")


@no_database
def test_the_properties_of_an_ofd_are_read_where_there_is_nothing_else() -> None:
    found = read("invoice.ofd", ofd(properties=PROPERTIES))

    assert found and (found.code, found.number, found.kind, found.with_tax) == ("011002100111", "81532753", "10", 24591)
    assert read("paper.ofd", ofd()) is None


@no_database
def test_fully_digital_data_attached_to_an_ofd_is_read() -> None:
    assert read("a.ofd", ofd({"Doc_0/Attachs/26427.xml": digital_xml()})) == replace(WHOLE, source="ofd")


@no_database
@pytest.mark.parametrize(("field", "text"), [("发票号码", "81532754"), ("合计金额", "317.62"), ("开票日期", "2023年03月24日")])
def test_an_ofd_whose_parts_contradict_each_other_is_refused(field: str, text: str) -> None:
    content = ofd({"Doc_0/Attachs/original_invoice.xml": older_xml()}, (dict(PROPERTIES) | {field: text}).items())

    with pytest.raises(Mistyped) as refusal:
        read("a.ofd", content)

    assert str(refusal.value) == "a.ofd says two different things of its invoice. Attach it as the seller sent it."


FOREIGN = "%s contains files that no invoice has. Attach it as the seller sent it."
UNPACKS = "%s unpacks to more than an invoice may."
OTHER = "%s does not contain what its name says."
HOSTILE_OFD = {
    "a bomb": (ofd({"Doc_0/Res/image.png": b"\0" * 101 * 1024 * 1024}), UNPACKS),
    "a bomb of XML": (ofd({"Doc_0/Attachs/a.xml": b" " * 21 * 1024 * 1024}), UNPACKS),
    "too many parts": (ofd({f"Doc_0/Res/{n}.png": b"" for n in range(2001)}), UNPACKS),
    "a way up": (ofd({"Doc_0/../../etc/cron.d/x.xml": b"<a/>"}), FOREIGN),
    "a way from the root": (ofd({"/etc/x.xml": b"<a/>"}), FOREIGN),
    "a drive": (ofd({"C:x.xml": b"<a/>"}), FOREIGN),
    "a program": (ofd({"Doc_0/Attachs/invoice.EXE": b"MZ"}), FOREIGN),
    "another archive": (ofd({"Doc_0/Attachs/more.zip": b"PK"}), FOREIGN),
    "entities": (ofd({"Doc_0/Attachs/original_invoice.xml": LAUGHS + b"<eInvoice>&b;</eInvoice>"}), POINTS),
    "entities in another encoding": (ofd({"Doc_0/Annots/a.xml": (LAUGHS + b"<a/>").decode().encode("utf-16")}), POINTS),
    "depth": (ofd({"Doc_0/Attachs/original_invoice.xml": b"<a>" * 50_000}), LARGE),
    "much to read": (ofd({f"Doc_0/Attachs/{n}.xml": b"<a>" + b" " * 400_000 + b"</a>" for n in range(9)}), LARGE),
    "broken data": (ofd({"Doc_0/Attachs/original_invoice.xml": older_xml()[:-9]}), CUT),
    "no first part": (packed({"Doc_0/Document.xml": b"<a/>"}), OTHER),
    "no end": (ofd()[:-30], CUT),
}


@no_database
@pytest.mark.parametrize("name", HOSTILE_OFD)
def test_an_ofd_that_means_harm_is_refused(name: str) -> None:
    content, why = HOSTILE_OFD[name]

    with pytest.raises(Mistyped) as refusal:
        read("a.ofd", content)

    assert (str(refusal.value), refusal.value.field) == (why % "a.ofd", "file")


@no_database
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_an_ofd_with_two_parts_of_one_name_is_refused() -> None:
    import zipfile

    written = io.BytesIO(ofd({"Doc_0/Attachs/original_invoice.xml": older_xml()}))
    with zipfile.ZipFile(written, "a") as package:
        package.writestr("Doc_0/Attachs/original_invoice.xml", older_xml(total="1.00"))

    with pytest.raises(Mistyped, match=r"a\.ofd contains files that no invoice has"):
        read("a.ofd", written.getvalue())


# ---- what was typed -------------------------------------------------------------------------------------------------

DIGITAL_TYPED = Typed("", "26427000000316294884", date(2026, 3, 30), Money(10076))
OLDER_TYPED = Typed("011002100111", "81532753", date(2023, 3, 23), Money(24591))


@no_database
@pytest.mark.parametrize(
    ("typed", "text", "said"),
    [
        (DIGITAL_TYPED, DIGITAL, []),
        (OLDER_TYPED, OLDER, []),
        (replace(OLDER_TYPED, amount=Money(21762)), OLDER, []),
        (replace(OLDER_TYPED, amount=Money(25462)), OLDER, []),
        (
            replace(OLDER_TYPED, amount=Money(25463)),
            OLDER,
            ["The amount typed is 254.63; the file says 217.62 without tax."],
        ),
        (
            replace(OLDER_TYPED, amount=Money(21761)),
            OLDER,
            ["The amount typed is 217.61; the file says 217.62 without tax."],
        ),
        (replace(DIGITAL_TYPED, amount=Money(10077)), DIGITAL, ["The amount typed is 100.77; the file says 100.76 with tax."]),
        (replace(DIGITAL_TYPED, day=date(2026, 3, 31)), DIGITAL, ["The day typed is 2026-03-31; the file says 2026-03-30."]),
        (replace(OLDER_TYPED, code=""), OLDER, ["No invoice code was typed; the file says 011002100111."]),
        (
            replace(OLDER_TYPED, code="011002100112"),
            OLDER,
            ["The invoice code typed is 011002100112; the file says 011002100111."],
        ),
        (
            OLDER_TYPED,
            DIGITAL,
            [
                "The invoice code 011002100111 was typed; the file says that the invoice has none.",
                "The invoice number typed is 81532753; the file says 26427000000316294884.",
                "The day typed is 2023-03-23; the file says 2026-03-30.",
                "The amount typed is 245.91; the file says 100.76 with tax.",
            ],
        ),
        (Typed("012002100106", "23456789", date(2022, 1, 1), Money(8000)), ROLL, []),
        (
            Typed("012002100106", "23456789", date(2022, 1, 1), Money(7000)),
            ROLL,
            ["The amount typed is 70.00; the file says 88.50, with or without tax."],
        ),
    ],
)
def test_each_difference_between_typed_and_read_has_its_sentence(typed: Typed, text: str, said: list[str]) -> None:
    found = of_code("a.pdf", text)

    assert found and [str(each) for each in differences(typed, found)] == said


@no_database
@given(AMOUNTS, DAYS)
def test_who_types_what_the_file_says_reads_of_no_difference(fen: int, day: date) -> None:
    for kind, numbers in (("32", ",26427000000316294884"), ("10", "011002100111,81532753"), ("11", "012002100106,23456789")):
        found = of_code("a.pdf", f"01,{kind},{numbers},{Money(fen)},{day:%Y%m%d},,")

        assert found and differences(Typed(found.code, found.number, day, Money(fen)), found) == []


@no_database
def test_every_kind_that_is_derived_has_a_name() -> None:
    kinds = {found.kind for text in (DIGITAL, OLDER, SPECIAL, ROLL, RAILWAY) if (found := of_code("a.pdf", text))}

    assert kinds <= set(KINDS)


# ---- kept for a claim -----------------------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    attachments.keep_in(tmp_path)
    return tmp_path / "files"


@pytest.fixture
def paper(cast: Any) -> Any:
    from tests.test_attachments import _paper

    return _paper(cast.ann)


def attach(paper: Any, cast: Any, name: str, content: bytes, purpose: str = "invoice") -> Attachment:
    return attachments.store("case", paper.id, purpose, name, io.BytesIO(content), cast.ann)


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("a.pdf", drawn(DIGITAL), "application/pdf"),
        ("a.jpg", photo(sheet(code(DIGITAL))), "image/jpeg"),
        ("a.xml", digital_xml(), "application/xml"),
        ("a.ofd", ofd({"Doc_0/Attachs/original_invoice.xml": older_xml()}), "application/ofd"),
    ],
)
def test_the_files_of_invoices_are_kept(name: str, content: bytes, kind: str, paper: Any, cast: Any, folder: Path) -> None:
    kept = attach(paper, cast, name, content)

    assert kept.type == kind
    assert read(kept.name, attachments.path_of(kept).read_bytes()) == read(name, content) is not None


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("a.xml", HOSTILE_XML["another file"][0], POINTS),
        (
            "a.xml",
            b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
            "%s does not hold the data of an invoice.",
        ),
        ("a.xml", b"<html><EInvoice/></html>", "%s does not hold the data of an invoice."),
        ("a.xml", b"a,b\n", OTHER),
        ("a.xml", ofd(), OTHER),
        ("a.ofd", digital_xml(), OTHER),
        ("a.ofd", packed({"[Content_Types].xml": b"<Types/>", "xl/workbook.xml": b"<workbook/>"}), OTHER),
        ("a.ofd", packed({"OFD.xml": b"<other/>"}), OTHER),
        ("a.ofd", HOSTILE_OFD["a bomb"][0], UNPACKS),
        ("a.ofd", HOSTILE_OFD["a way up"][0], FOREIGN),
        ("a.ofd", HOSTILE_OFD["entities"][0], POINTS),
        ("a.png", digital_xml(), OTHER),
    ],
)
def test_of_what_means_harm_nothing_is_kept(name: str, content: bytes, why: str, paper: Any, cast: Any, folder: Path) -> None:
    with pytest.raises(Mistyped) as refusal:
        attach(paper, cast, name, content)

    assert (str(refusal.value), refusal.value.field) == (why % name, "file")
    assert not attachments.of("case", paper.id) and not list(folder.rglob("*"))


@pytest.mark.parametrize("name", ["a.xml", "a.ofd"])
def test_other_papers_take_no_data_of_invoices(name: str, paper: Any, cast: Any, folder: Path) -> None:
    with pytest.raises(Mistyped, match="is not a kind of file that can be attached"):
        attach(paper, cast, name, digital_xml(), "paper")


def test_an_ofd_is_no_workbook(paper: Any, cast: Any, folder: Path) -> None:
    with pytest.raises(Mistyped) as refusal:
        attach(paper, cast, "lines.xlsx", ofd(), "paper")

    assert str(refusal.value) == CUT % "lines.xlsx"
