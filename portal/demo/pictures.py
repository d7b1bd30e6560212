"""The files people of the demo company attach: a quotation on one page, a picture."""

from __future__ import annotations

import io
from random import Random

from portal.money import Money, split

SELLERS = ("Hengda Packaging Co., Ltd.", "Jinxiu Home Textiles", "Lanhai Office Supply", "Xinghe Media", "Delta Instruments")


def file(name: str, chance: Random, amount: Money) -> io.BytesIO:
    return io.BytesIO(_quotation(chance, amount) if name.endswith(".pdf") else _picture(chance))


def _quotation(chance: Random, amount: Money) -> bytes:
    net, tax = split(amount, [100, 13])
    said = [
        (20, chance.choice(SELLERS)), (14, f"Quotation Q-{chance.randint(1000, 9999)}"), (11, ""),
        (11, f"Goods and services as discussed          CNY {net}"), (11, f"Value added tax 13 %          CNY {tax}"),
        (11, f"Total          CNY {amount}"), (11, ""), (11, "Valid for 30 days. Delivery within 10 days of the order."),
    ]  # fmt: skip
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
    return written + b"xref\n0 6\n0000000000 65535 f \n" + table + end


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
