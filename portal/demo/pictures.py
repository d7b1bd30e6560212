"""The files people of the demo company attach: a quotation on one page, a picture."""

from __future__ import annotations

import io
from random import Random

from portal import scans
from portal.money import Money, split

SELLERS = ("Hengda Packaging Co., Ltd.", "Jinxiu Home Textiles", "Lanhai Office Supply", "Xinghe Media", "Delta Instruments")


def file(name: str, chance: Random, amount: Money) -> io.BytesIO:
    return io.BytesIO(_quotation(chance, amount) if name.endswith(".pdf") else _picture(chance))


def bill(seller: str, number: str, amount: Money) -> io.BytesIO:
    """What a supplier bills, on one page."""
    net, tax = split(amount, [100, 13])
    said = [
        (20, f"{seller} Co., Ltd."), (14, f"Invoice {number}"), (11, ""), (11, f"Office supplies          CNY {net}"),
        (11, f"Value added tax 13 %          CNY {tax}"), (11, f"Total          CNY {amount}"),
    ]  # fmt: skip
    return io.BytesIO(_page(said))


def _quotation(chance: Random, amount: Money) -> bytes:
    net, tax = split(amount, [100, 13])
    said = [
        (20, chance.choice(SELLERS)), (14, f"Quotation Q-{chance.randint(1000, 9999)}"), (11, ""),
        (11, f"Goods and services as discussed          CNY {net}"), (11, f"Value added tax 13 %          CNY {tax}"),
        (11, f"Total          CNY {amount}"), (11, ""), (11, "Valid for 30 days. Delivery within 10 days of the order."),
    ]  # fmt: skip
    return _page(said)


def _page(said: list[tuple[int, str]]) -> bytes:
    lines = " ".join(f"/F1 {size} Tf ({text.replace('(', '').replace(')', '')}) Tj T*" for size, text in said)
    return _pdf(f"BT 72 760 Td 28 TL {lines} ET".encode())


def _pdf(page: bytes) -> bytes:
    parts = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(page), page),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    written, places = b"%PDF-1.4\n", []
    for n, part in enumerate(parts, 1):
        places.append(len(written))
        written += b"%d 0 obj\n%s\nendobj\n" % (n, part)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    end = b"trailer\n<< /Size 6 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % len(written)
    return scans.vouch(written + b"xref\n0 6\n0000000000 65535 f \n" + table + end)


def _picture(chance: Random) -> bytes:
    """Shelves with boxes on them."""
    from PIL import Image, ImageDraw

    picture = Image.new("RGB", (480, 320), (238, 236, 230))
    pen = ImageDraw.Draw(picture)
    for shelf in (90, 180, 270):
        pen.rectangle((20, shelf, 460, shelf + 8), fill=(120, 96, 72))
        left = 30
        while left < 410:
            width, height = chance.randint(28, 60), chance.randint(30, 66)
            colour = chance.choice([(196, 154, 108), (176, 132, 88), (92, 128, 112), (208, 188, 150)])
            pen.rectangle((left, shelf - height, left + width, shelf - 1), fill=colour, outline=(90, 70, 50))
            left += width + chance.randint(3, 18)
    kept = io.BytesIO()
    picture.save(kept, "PNG")
    return kept.getvalue()


# ---- things of the catalogue ----------------------------------------------------------------------------------------

PAPER_COLOUR, LINE = (247, 246, 242), (96, 98, 102)
_DRAWN = {  # what a picture is made of: shape, its corners, filled with the colour of the thing, white, or grey
    "pen": (("polygon", (60, 220, 215, 65, 240, 90, 85, 245), "own"), ("polygon", (60, 220, 85, 245, 48, 256), "grey")),
    "marker": (("rectangle", (110, 110, 190, 250), "own"), ("rectangle", (124, 60, 176, 110), "grey")),
    "ream": (("rectangle", (60, 100, 240, 230), "white"), ("rectangle", (60, 140, 240, 190), "own")),
    "note": (("rectangle", (70, 70, 230, 230), "own"), ("polygon", (180, 230, 230, 180, 230, 230), "white")),
    "book": (("rectangle", (80, 55, 220, 245), "own"), ("rectangle", (110, 90, 190, 125), "white")),
    "box": (("rectangle", (60, 110, 240, 235), "own"), ("rectangle", (60, 80, 240, 110), "grey")),
    "roll": (("ellipse", (65, 65, 235, 235), "own"), ("ellipse", (120, 120, 180, 180), "white")),
    "scissors": (
        ("polygon", (90, 50, 110, 50, 190, 200, 175, 208), "grey"), ("polygon", (210, 50, 190, 50, 110, 200, 125, 208), "grey"),
        ("ellipse", (80, 190, 140, 250), "own"), ("ellipse", (160, 190, 220, 250), "own"),
    ),
    "battery": (("rectangle", (115, 80, 185, 245), "own"), ("rectangle", (135, 60, 165, 80), "grey")),
    "bottle": (("rectangle", (105, 110, 195, 250), "own"), ("rectangle", (130, 60, 170, 110), "grey")),
    "cup": (("polygon", (85, 80, 215, 80, 190, 240, 110, 240), "own"), ("rectangle", (78, 66, 222, 84), "white")),
}  # fmt: skip


def thing(shape: str, colour: str) -> io.BytesIO:
    """A drawing of something that is kept on a shelf."""
    from PIL import Image, ImageDraw

    picture = Image.new("RGB", (300, 300), PAPER_COLOUR)
    pen = ImageDraw.Draw(picture)
    for figure, corners, filled in _DRAWN[shape]:
        fill = {"own": colour, "white": "#ffffff", "grey": "#a9adb3"}[filled]
        getattr(pen, figure)(corners, fill=fill, outline=LINE)
    kept = io.BytesIO()
    picture.save(kept, "PNG")
    kept.seek(0)
    return kept
