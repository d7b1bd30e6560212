"""The invoice in a file that somebody attaches: its data, or the code printed on it, compared with what was typed (FIN-12)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

from portal import contained, facts, scans
from portal.elements import Element
from portal.facts import Read
from portal.money import Money
from portal.words import Words, _

MOST_READ_BYTES = 3 * 1024 * 1024  # of all parts of an OFD that may tell something
HIGHEST_TAX = 17  # per cent, of what is still claimed


@dataclass(frozen=True)
class Typed:
    """What somebody typed of an invoice; the amount is what was paid, with tax."""

    code: str
    number: str
    day: date
    amount: Money


def read(label: str, content: bytes) -> Read | None:
    """The invoice that the file carries, the first if there are several; None where none can be read. Raises Mistyped (field
    "file") where it lies or means harm, Refused while others wait."""
    return next(iter(all_in(label, content)), None)


def all_in(label: str, content: bytes) -> tuple[Read, ...]:
    """Every invoice of the file, for two may lie on one photo. Raises as `read` does."""
    source = _SOURCES.get("." + label.lower().rpartition(".")[2])
    found = source(label, content) if source else ()
    return tuple({(each.code, each.number): each for each in found}.values())


def differences(typed: Typed, read: Read) -> list[Words]:
    """Where what was typed is not what the file says, a sentence for each."""
    found = (_in_code(typed, read), _in_number(typed, read), _in_day(typed, read), _in_amount(typed, read))
    return [each for each in found if each]


def _in_code(typed: Typed, read: Read) -> Words | None:
    if typed.code == read.code:
        return None
    if not read.code:
        return _("The invoice code %(typed)s was typed; the file says that the invoice has none.", typed=typed.code)
    if not typed.code:
        return _("No invoice code was typed; the file says %(read)s.", read=read.code)
    return _("The invoice code typed is %(typed)s; the file says %(read)s.", typed=typed.code, read=read.code)


def _in_number(typed: Typed, read: Read) -> Words | None:
    if typed.number == read.number:
        return None
    return _("The invoice number typed is %(typed)s; the file says %(read)s.", typed=typed.number, read=read.number)


def _in_day(typed: Typed, read: Read) -> Words | None:
    if read.day in (None, typed.day):
        return None
    return _("The day typed is %(typed)s; the file says %(read)s.", typed=typed.day, read=read.day)


def _in_amount(typed: Typed, read: Read) -> Words | None:
    """What the file says without tax cannot be compared to the fen: anything up to the highest tax on it agrees."""
    if read.amount is None:
        return None
    least = read.amount if read.unclear is None else int(read.amount) * 100 // (100 + HIGHEST_TAX)
    most = read.amount if read.with_tax is not None else -(-int(read.amount) * (100 + HIGHEST_TAX) // 100)
    if least <= typed.amount <= most:
        return None
    values = {"typed": typed.amount, "read": read.amount}
    if read.with_tax is not None:
        return _("The amount typed is %(typed)s; the file says %(read)s with tax.", **values)
    if read.without_tax is not None:
        return _("The amount typed is %(typed)s; the file says %(read)s without tax.", **values)
    return _("The amount typed is %(typed)s; the file says %(read)s, with or without tax.", **values)


# ---- codes ----------------------------------------------------------------------------------------------------------

_CODE = re.compile(r"01,(\d\d),(\d*),(\d{8}|\d{20}),([^,]*),([^,]*)(?:,([^,]*))?(?:,.*)?", re.DOTALL)
_WITHOUT_TAX = ("01", "04", "08", "10", "14")  # older kinds, whose codes say the amount before tax


def _in_codes(label: str, content: bytes) -> Iterator[Read]:
    try:
        texts = scans.read_codes(content)
    except scans.Unreadable as end:
        raise contained.unread(label, end) from None
    yield from filter(None, (of_code(label, text) for text in texts))


def of_code(label: str, text: str) -> Read | None:
    """What the text of a QR code says, None where it is not that of an invoice. Raises Mistyped where no invoice says that."""
    found = _CODE.fullmatch(text.strip())
    if not found:
        return None
    kind, code, number, amount, day, check_code = found.groups(default="")
    meant = "with_tax" if not code else "without_tax" if kind in _WITHOUT_TAX else "unclear"
    said = {"kind": kind, "code": code, "number": number, meant: amount, "day": day, "check_code": check_code}
    made = facts.made(label, "qr", said, needed=(meant, "day"))
    return facts.believed(label, made) if made else None


# ---- data -----------------------------------------------------------------------------------------------------------

_FULLY_DIGITAL = {
    "EInvoice/Header/EIid": "number",
    "EInvoice/TaxSupervisionInfo/InvoiceNumber": "number",
    "EInvoice/TaxSupervisionInfo/IssueTime": "day",
    "EInvoice/Header/InherentLabel/GeneralOrSpecialVAT/LabelCode": "kind",
    "EInvoice/EInvoiceData/SellerInformation/SellerName": "seller",
    "EInvoice/EInvoiceData/SellerInformation/SellerIdNum": "seller_tax_number",
    "EInvoice/EInvoiceData/BuyerInformation/BuyerName": "buyer",
    "EInvoice/EInvoiceData/BuyerInformation/BuyerIdNum": "buyer_tax_number",
    "EInvoice/EInvoiceData/BasicInformation/TotalAmWithoutTax": "without_tax",
    "EInvoice/EInvoiceData/BasicInformation/TotalTaxAm": "tax",
    "EInvoice/EInvoiceData/BasicInformation/TotalTax-includedAmount": "with_tax",
}
_LABELS = {"01": "31", "02": "32"}  # special and ordinary, as that data numbers them
_TAGS = {
    "InvoiceNo": "number",
    "InvoiceCode": "code",
    "IssueDate": "day",
    "InvoiceCheckCode": "check_code",
    "SellerName": "seller",
    "SellerTaxID": "seller_tax_number",
    "BuyerName": "buyer",
    "BuyerTaxID": "buyer_tax_number",
    "TaxExclusiveTotalAmount": "without_tax",
    "TaxTotalAmount": "tax",
    "TaxInclusiveTotalAmount": "with_tax",
}
_OLDER = {f"eInvoice/{above}{name}": field for name, field in _TAGS.items() for above in ("", "Seller/", "Buyer/")}
_RAILWAY = {
    "xbrl/ElectronicInvoiceRailwayETicketNumber": "number",
    "xbrl/DateOfIssue": "day",
    "xbrl/TotalAmountExcludingTax": "without_tax",
    "xbrl/TaxAmount": "tax",
    "xbrl/Fare": "with_tax",
    "xbrl/NameOfPurchaser": "buyer",
    "xbrl/UnifiedSocialCreditCodeOfPurchaser": "buyer_tax_number",
}
_PATHS = _FULLY_DIGITAL | _OLDER | _RAILWAY
_PROPERTIES = {
    "发票代码": "code",
    "发票号码": "number",
    "开票日期": "day",
    "合计金额": "without_tax",
    "合计税额": "tax",
    "校验码": "check_code",
    "购买方纳税人识别号": "buyer_tax_number",
    "销售方纳税人识别号": "seller_tax_number",
}
_TOLD_BY = re.compile(r"OFD\.xml|.*/(attachs/[^/]+|tags/customtag|(pages|tpls)/[^/]+/content)\.xml", re.IGNORECASE)


def _in_xml(label: str, content: bytes) -> Iterator[Read]:
    made = _of_data(label, "xml", contained.elements_of(label, content))
    yield from [facts.believed(label, made)] if made else []


def _of_data(label: str, source: str, found: list[Element]) -> Read | None:
    said = facts.gathered(label, ((_PATHS[each.path], each.text) for each in found if each.path in _PATHS))
    if found[-1].name == "EInvoice":
        said["kind"] = _LABELS.get(said.get("kind", ""), "")
    elif found[-1].name == "xbrl":
        said["kind"] = "51"
    return facts.made(label, source, said)


def _in_ofd(label: str, content: bytes) -> Iterator[Read]:
    """Its data may be attached, drawn on its pages where tags point to, and told among its properties."""
    parts = {name: text for name, text in contained.parts_of(label, content).items() if _TOLD_BY.fullmatch(name)}
    if sum(map(len, parts.values())) > MOST_READ_BYTES:
        raise contained.too_much(label)
    known = {name: contained.elements_of(label, text) for name, text in parts.items()}
    attached = [found for name, found in known.items() if "/attachs/" in name.lower()]
    told = [_of_data(label, "ofd", found) for found in attached if found[-1].name in contained.INVOICES]
    told += [facts.made(label, "ofd", facts.gathered(label, each)) for each in (_tagged(known), _properties(known["OFD.xml"]))]
    if found := [each for each in told if each]:
        yield facts.believed(label, facts.agreed(label, found))


def _tagged(known: dict[str, list[Element]]) -> Iterator[tuple[str, str]]:
    drawn: dict[str, str] = {}
    for name, found in known.items():
        if name.lower().endswith("/content.xml"):
            drawn |= _drawn(found)
    for name, found in known.items():
        if name.lower().endswith("/tags/customtag.xml"):
            for field, numbers in _pointers(found).items():
                yield field, "".join(drawn.get(number, "") for number in numbers)


def _drawn(found: list[Element]) -> dict[str, str]:
    """What each text on a page says, by its number."""
    texts, written = {}, ""
    for each in found:
        if each.name == "TextCode":
            written += each.text
        elif each.name == "TextObject":
            texts[each.attributes.get("ID", "")], written = written, ""
    return texts


def _pointers(found: list[Element]) -> dict[str, list[str]]:
    """The numbers of the texts that say it, by field."""
    pointers: dict[str, list[str]] = {}
    for each in found:
        above = each.path.split("/")[-2:][0]
        if each.name == "ObjectRef" and above in _TAGS:
            pointers.setdefault(_TAGS[above], []).append(each.text)
    return pointers


def _properties(found: list[Element]) -> Iterator[tuple[str, str]]:
    for each in found:
        if each.name == "CustomData" and each.attributes.get("Name") in _PROPERTIES:
            yield _PROPERTIES[each.attributes["Name"]], each.text


_SOURCES: dict[str, Callable[[str, bytes], Iterator[Read]]] = {
    ".xml": _in_xml,
    ".ofd": _in_ofd,
    **dict.fromkeys((".pdf", ".jpg", ".jpeg", ".png", ".webp"), _in_codes),
}
