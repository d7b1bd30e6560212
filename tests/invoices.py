"""Chinese invoices of every kind, as tax bureaus, sellers and telephones make files of them; all of them invented."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable
from typing import Any

import segno

DIGITAL = "01,32,,26427000000316294884,100.76,20260330,,5F98"
OLDER = "01,10,011002100111,81532753,217.62,20230323,49753264642977383169,0816,"
SPECIAL = "01,01,1200154130,03630024,94339.62,20210621,,9335,"
ROLL = "01,11,012002100106,23456789,88.50,20220101,12345678901234567890,A1B2,"
RAILWAY = "01,51,,26339132621000219582,56.00,20260423,,219a"
SELLER, BUYER = ("杭州湖畔文具有限公司", "91330100TEST00001X"), ("金舟商贸有限公司", "91310000TEST00002Y")


# ---- codes on pictures and pages ------------------------------------------------------------------------------------


def code(text: str, pixels: int = 160) -> Any:
    """The code as a grey picture with the quiet zone round it."""
    from PIL import Image

    drawn = io.BytesIO()
    segno.make(text, error="m", micro=False).save(drawn, kind="png", scale=8, border=4)
    return Image.open(drawn).convert("L").resize((pixels, pixels), Image.Resampling.LANCZOS)


def sheet(*codes: Any, width: int = 1600, height: int = 1100) -> Any:
    """The codes on a white sheet, beside each other and row by row."""
    from PIL import Image

    paper, x, y, lowest = Image.new("L", (width, height), 255), 60, 60, 0
    for each in codes:
        if x + each.width > width:
            x, y, lowest = 60, lowest + 40, 0
        paper.paste(each, (x, y))
        x, lowest = x + each.width + 40, max(lowest, y + each.height)
    return paper


def turned(picture: Any, degrees: float) -> Any:
    from PIL import Image

    return picture.rotate(degrees, expand=True, fillcolor=255, resample=Image.Resampling.BICUBIC)


def slanted(picture: Any, share: float) -> Any:
    """As a telephone sees it that is not held straight above the sheet."""
    from PIL import Image

    width, height = picture.size
    corners = (
        -share * width,
        -share * height / 2,
        0,
        height,
        width,
        height * (1 - share),
        width * (1 + share * 0.7),
        share * height,
    )
    return picture.transform(picture.size, Image.Transform.QUAD, corners, Image.Resampling.BICUBIC, fillcolor=255)


def shaded(picture: Any) -> Any:
    """In light from one side, not quite sharp, with the grain of a small lens."""
    from PIL import Image, ImageChops, ImageFilter

    light = Image.linear_gradient("L").resize(picture.size).point(lambda each: 110 + each // 2)
    grain = Image.effect_noise(picture.size, 18).point(lambda each: each - 128 if each > 128 else 0)
    return ImageChops.subtract(ImageChops.multiply(picture, light).filter(ImageFilter.GaussianBlur(1)), grain)


def photo(picture: Any, kind: str = "JPEG") -> bytes:
    written = io.BytesIO()
    picture.convert("RGB").save(written, kind, quality=70)
    return written.getvalue()


def printed(*pages: Any) -> bytes:
    """Pictures as the pages of a PDF."""
    written = io.BytesIO()
    pages[0].save(written, "PDF", save_all=True, append_images=pages[1:], resolution=150)
    return written.getvalue()


def drawn(text: str, side: float = 57, page: tuple[float, float] = (595, 397)) -> bytes:
    """A page with the code as small black squares, as tax bureaus draw it; sizes in points."""
    modules = segno.make(text, error="m", micro=False).matrix
    dot = side / len(modules)
    squares = [
        b"%.3f %.3f %.3f %.3f re" % (30 + x * dot, page[1] - 30 - (y + 1) * dot, dot, dot)
        for y, row in enumerate(modules)
        for x, dark in enumerate(row)
        if dark
    ]
    content = b"0 g\n" + b"\n".join(squares) + b"\nf"
    parts = (
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 %g %g]/Contents 4 0 R>>" % page,
        b"<</Length %d>>stream\n%s\nendstream" % (len(content), content),
    )
    written, places = b"%PDF-1.7\n", []
    for n, part in enumerate(parts, 1):
        places.append(len(written))
        written += b"%d 0 obj%s\nendobj\n" % (n, part)
    table = b"xref\n0 5\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % place for place in places)
    return written + table + b"trailer<</Size 5/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % len(written)


# ---- data -----------------------------------------------------------------------------------------------------------


def digital_xml(**more: str) -> bytes:
    """A fully digital invoice as the tax bureau's platform hands it out."""
    said = {
        "number": "26427000000316294884",
        "day": "2026-03-30",
        "without": "95.06",
        "tax": "5.70",
        "with": "100.76",
        "label": "02",
    }
    said |= {"eiid": more.get("number", said["number"])} | more
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<EInvoice>
  <Header><EIid>{said["eiid"]}</EIid><EInvoiceTag>SWEI3200</EInvoiceTag><Version>0.31</Version>
    <InherentLabel><InIssuType><LabelCode>Y</LabelCode></InIssuType>
      <EInvoiceType><LabelCode>01</LabelCode></EInvoiceType>
      <GeneralOrSpecialVAT><LabelCode>{said["label"]}</LabelCode></GeneralOrSpecialVAT></InherentLabel></Header>
  <EInvoiceData>
    <SellerInformation><SellerIdNum>{SELLER[1]}</SellerIdNum><SellerName>{SELLER[0]}</SellerName></SellerInformation>
    <BuyerInformation><BuyerIdNum>{BUYER[1]}</BuyerIdNum><BuyerName>{BUYER[0]}</BuyerName></BuyerInformation>
    <BasicInformation><TotalAmWithoutTax>{said["without"]}</TotalAmWithoutTax><TotalTaxAm>{said["tax"]}</TotalTaxAm>
      <TotalTax-includedAmount>{said["with"]}</TotalTax-includedAmount></BasicInformation>
    <IssuItemInformation><ItemName>*纸制品*复印纸</ItemName><Amount>95.06</Amount><TaxRate>0.06</TaxRate></IssuItemInformation>
  </EInvoiceData>
  <TaxSupervisionInfo><InvoiceNumber>{said["number"]}</InvoiceNumber><IssueTime>{said["day"]}</IssueTime></TaxSupervisionInfo>
</EInvoice>""".encode()


def older_xml(tax: str = "28.29", total: str = "245.91") -> bytes:
    """What an electronic invoice of the older kind carries inside its OFD."""
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<fp:eInvoice xmlns:fp="urn:e-invoice"><fp:DocID>1</fp:DocID><fp:InvoiceCode>011002100111</fp:InvoiceCode>
<fp:InvoiceNo>81532753</fp:InvoiceNo><fp:IssueDate>2023年03月23日</fp:IssueDate>
<fp:InvoiceCheckCode>49753 26464 29773 83169</fp:InvoiceCheckCode>
<fp:Buyer><fp:BuyerName>{BUYER[0]}</fp:BuyerName><fp:BuyerTaxID>{BUYER[1]}</fp:BuyerTaxID></fp:Buyer>
<fp:Seller><fp:SellerName>{SELLER[0]}</fp:SellerName><fp:SellerTaxID>{SELLER[1]}</fp:SellerTaxID></fp:Seller>
<fp:TaxInclusiveTotalAmount>{total}</fp:TaxInclusiveTotalAmount><fp:TaxTotalAmount>{tax}</fp:TaxTotalAmount>
<fp:TaxExclusiveTotalAmount>217.62</fp:TaxExclusiveTotalAmount></fp:eInvoice>""".encode()


RAILWAY_XML = """<?xml version="1.0" encoding="UTF-8"?>
<xbrl xmlns="urn:instance" xmlns:rai="urn:rai">
<rai:ElectronicInvoiceRailwayETicketNumber contextRef="c">26339132621000219582</rai:ElectronicInvoiceRailwayETicketNumber>
<rai:DateOfIssue>2026-04-23</rai:DateOfIssue><rai:TrainNumber>G1281</rai:TrainNumber><rai:Fare decimals="2">56.00</rai:Fare>
<rai:TotalAmountExcludingTax>51.38</rai:TotalAmountExcludingTax><rai:TaxAmount>4.62</rai:TaxAmount>
<rai:NameOfPurchaser>金舟商贸有限公司</rai:NameOfPurchaser>
<rai:UnifiedSocialCreditCodeOfPurchaser>91310000TEST00002Y</rai:UnifiedSocialCreditCodeOfPurchaser></xbrl>""".encode()

OFD = '<ofd:{0} xmlns:ofd="http://www.ofdspec.org/2016">{1}</ofd:{0}>'


def ofd(parts: dict[str, bytes | str] | None = None, properties: Iterable[tuple[str, str]] = ()) -> bytes:
    """A package of pages with these further parts; `properties` stand in its first part."""
    told = "".join(f'<ofd:CustomData Name="{name}">{text}</ofd:CustomData>' for name, text in properties)
    body = f"<ofd:DocBody><ofd:DocInfo><ofd:CustomDatas>{told}</ofd:CustomDatas></ofd:DocInfo></ofd:DocBody>"
    return packed({"OFD.xml": OFD.format("OFD", body), "Doc_0/Document.xml": OFD.format("Document", "")} | (parts or {}))


def packed(parts: dict[str, bytes | str]) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as package:
        for name, content in parts.items():
            package.writestr(name, content)
    return written.getvalue()


def tagged_ofd(texts: dict[str, str]) -> bytes:
    """A fully digital invoice as OFD: nothing attached, but tags that point to what is drawn on its page."""
    tags = "".join(
        f'<ofd:{name}><ofd:ObjectRef PageRef="1">{n}</ofd:ObjectRef></ofd:{name}>' for n, name in enumerate(texts, 100)
    )
    page = "".join(
        f'<ofd:TextObject ID="{n}" Size="3"><ofd:TextCode X="0" Y="1"><![CDATA[{text}]]></ofd:TextCode></ofd:TextObject>'
        for n, text in enumerate(texts.values(), 100)
    )
    return ofd(
        {
            "Doc_0/Tags/CustomTag.xml": OFD.format("CustomTag", tags),
            "Doc_0/Pages/Page_0/Content.xml": OFD.format("Page", f"<ofd:Content><ofd:Layer>{page}</ofd:Layer></ofd:Content>"),
        }
    )
