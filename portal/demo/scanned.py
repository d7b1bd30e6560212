"""Scans of the demo company's contracts, drawn: a page with what was agreed, and one with its clauses."""

from __future__ import annotations

import io
from pathlib import Path

from portal import scans
from portal.contracts.models import Contract
from portal.contracts.rules_register import parties_of
from portal.marks import Copy, Sheets
from portal.opening import clean

CLAUSES = (
    ("第一条", "双方本着平等自愿、诚实信用的原则订立本合同,共同遵守。"),
    ("第二条", "乙方应按约定的数量、质量和时间履行义务,甲方验收合格后付款。"),
    ("第三条", "任何一方逾期履行的,每逾期一日按未履行部分的万分之五支付违约金。"),
    ("第四条", "双方对因本合同知悉的商业秘密负有保密义务,合同终止后仍然有效。"),
    ("第五条", "因本合同发生的争议,协商不成的,提交甲方所在地人民法院管辖。"),
    ("第六条", "本合同一式两份,双方各执一份,自双方盖章之日起生效。"),
)
OTHERWISE = (
    ("Article 1", "The parties enter into this agreement on equal terms and in good faith."),
    ("Article 2", "The supplier delivers as ordered; the buyer pays within thirty days of acceptance."),
    ("Article 3", "Each party keeps the other's trade secrets, also after this agreement has ended."),
    ("Article 4", "Disputes are settled by arbitration in Shanghai."),
)


def scan(contract: Contract | None, title: str = "", partner: str = "") -> bytes:
    """The contract as a PDF with a text layer."""
    from pypdf import PdfWriter

    rows = [("合同名称", title), ("乙方", partner)] if contract is None else _rows(contract)
    clauses = OTHERWISE if contract is not None and contract.language == "en" else CLAUSES
    writer = PdfWriter()
    for heading, told in ((rows[0][1], tuple(rows)), (clauses[0][0], clauses)):
        sheet = Copy(heading, "甲方: 云杉  Yunshan", told, "(盖章)", "", False, ())
        Sheets(writer, sheet).cover()
    written = io.BytesIO()
    writer.write(written)
    return scans.vouch(written.getvalue())


def _rows(contract: Contract) -> list[tuple[str, str]]:
    amount = "" if contract.amount is None else f"人民币 {contract.amount} 元"
    parties = [(f"乙方{n}", name) for n, name in enumerate(parties_of(contract.id), 1)]
    days = [("签订日期", str(contract.signed_on)), ("终止日期", str(contract.ends or "不定期"))]
    return [("合同名称", contract.title), ("合同编号", contract.number), *parties, ("合同金额", amount or "按实际结算"), *days]


def read(path: Path) -> scans.Text:
    """What stands on them, without a process of its own: nobody else has drawn them."""
    from pypdf import PdfReader

    pages = PdfReader(path).pages
    return scans.Text(clean(page.extract_text() for page in pages), len(pages))
