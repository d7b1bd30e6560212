"""Pictures of what the demo company's shop sells, drawn with light and shadow so that they look like a catalogue's."""

from __future__ import annotations

import io
from functools import cache
from typing import Any

SIDE, FINE, ROUGH = 480, 2, 120  # pixels of a picture; shapes are drawn twice as large, shadows small
Colour = tuple[int, int, int]


@cache
def photograph(shape: str, colour: Colour) -> bytes:
    """A thing of that shape and colour on a table, as JPEG."""
    from PIL import Image, ImageChops, ImageFilter

    picture = _ground(SIDE, colour)
    body, dark, light = (_mask(shape, part) for part in ("body", "dark", "light"))
    shadow = Image.new("L", (ROUGH, ROUGH), 0)
    shadow.paste(130, (round(ROUGH * 0.06), round(ROUGH * 0.05)), body.resize((ROUGH, ROUGH)))
    shadow = ImageChops.multiply(shadow, _below(ROUGH)).filter(ImageFilter.GaussianBlur(ROUGH / 36))
    picture.paste((62, 58, 54), (0, 0), shadow.resize((SIDE, SIDE), Image.Resampling.BICUBIC))
    picture.paste(_shaded(SIDE, colour), (0, 0), body)
    picture.paste(_mixed(colour, (20, 20, 22), 0.45), (0, 0), dark)
    picture.paste(_mixed(colour, (255, 255, 255), 0.55), (0, 0), light.filter(ImageFilter.BoxBlur(2)))
    kept = io.BytesIO()
    picture.save(kept, "JPEG", quality=86)
    return kept.getvalue()


def _ground(whole: int, colour: Colour) -> Any:
    """A wall and a table, both a little of the thing's colour."""
    from PIL import Image

    wall, table = _mixed(colour, (246, 244, 240), 0.88), _mixed(colour, (226, 221, 212), 0.82)
    strip = Image.new("RGB", (1, 64))
    for y in range(64):
        share = y / 63
        shade = _mixed(wall, (255, 255, 255), 0.35 * (1 - share)) if y < 42 else _mixed(table, (255, 255, 255), 0.25 * share)
        strip.putpixel((0, y), shade)
    return strip.resize((whole, whole), Image.Resampling.BICUBIC)


def _below(whole: int) -> Any:
    from PIL import Image

    fade = Image.new("L", (1, 64))
    for y in range(64):
        fade.putpixel((0, y), min(255, max(0, (y - 18) * 7)))
    return fade.resize((whole, whole))


def _shaded(whole: int, colour: Colour) -> Any:
    """Light from the left: brighter there, darker towards the right."""
    from PIL import Image

    strip = Image.new("RGB", (64, 1))
    for x in range(64):
        share = x / 63
        tone = _mixed(colour, (255, 255, 255), 0.34 * max(0.0, 1 - abs(share - 0.34) * 3.2))
        strip.putpixel((x, 0), _mixed(tone, (24, 22, 24), 0.34 * share * share))
    return strip.resize((whole, whole), Image.Resampling.BICUBIC)


def _mixed(one: Colour, other: Colour, share: float) -> Colour:
    red, green, blue = (round(a * (1 - share) + b * share) for a, b in zip(one, other, strict=True))
    return red, green, blue


# ---- shapes: figures of each part, in thousandths of the side -------------------------------------------------------

Figure = tuple[str, tuple[int, ...]]
SHAPES: dict[str, dict[str, tuple[Figure, ...]]] = {
    "mug": {
        "body": (("round", (280, 330, 640, 760, 60)), ("ring", (590, 410, 790, 650, 46))),
        "dark": (("ellipse", (300, 318, 620, 372)),), "light": (("round", (330, 400, 356, 690, 13)),),
    },
    "bowl": {
        "body": (("pie", (220, 180, 780, 760, 0, 180)), ("round", (420, 730, 580, 780, 14))),
        "dark": (("ellipse", (222, 430, 778, 512)),), "light": (("ellipse", (300, 540, 340, 640)),),
    },
    "pot": {
        "body": (
            ("ellipse", (280, 360, 700, 770)), ("round", (400, 320, 580, 380, 24)), ("ellipse", (462, 270, 518, 326)),
            ("ring", (640, 420, 830, 650, 38)), ("poly", (300, 560, 150, 420, 190, 400, 340, 500)),
        ),
        "dark": (("round", (390, 372, 590, 386, 7)),), "light": (("ellipse", (360, 450, 410, 620)),),
    },
    "plate": {
        "body": (("ellipse", (180, 480, 820, 740)),),
        "dark": (("arc", (280, 525, 720, 690, 6)),), "light": (("ellipse", (300, 560, 420, 600)),),
    },
    "towel": {
        "body": (("round", (240, 640, 760, 760, 46)), ("round", (250, 530, 750, 650, 46)), ("round", (262, 430, 738, 540, 44))),
        "dark": (("round", (262, 640, 738, 648, 4)), ("round", (272, 530, 728, 538, 4))),
        "light": (("round", (300, 466, 520, 482, 8)),),
    },
    "cushion": {
        "body": (("poly", (260, 330, 500, 360, 740, 330, 715, 545, 740, 770, 500, 745, 260, 770, 285, 545)),),
        "dark": (("poly", (492, 540, 508, 540, 508, 556, 492, 556)),), "light": (("ellipse", (330, 420, 450, 560)),),
    },
    "vase": {
        "body": (("ellipse", (350, 420, 650, 780)), ("round", (440, 270, 560, 480, 30)), ("round", (414, 250, 586, 290, 18))),
        "dark": (("ellipse", (424, 252, 576, 280)),), "light": (("ellipse", (402, 500, 440, 680)),),
    },
    "lamp": {
        "body": (
            ("poly", (390, 240, 610, 240, 720, 500, 280, 500)), ("round", (482, 500, 518, 730, 8)),
            ("round", (370, 720, 630, 766, 22)),
        ),
        "dark": (("round", (282, 492, 718, 502, 4)),), "light": (("poly", (420, 270, 470, 270, 430, 470, 350, 470)),),
    },
    "candle": {
        "body": (("round", (350, 400, 650, 770, 36)),),
        "dark": (("ellipse", (364, 392, 636, 440)), ("round", (494, 340, 506, 410, 4))),
        "light": (("ellipse", (484, 282, 516, 350)),),
    },
    "tote": {
        "body": (("poly", (270, 430, 730, 430, 760, 780, 240, 780)), ("arch", (370, 250, 630, 620, 24))),
        "dark": (("round", (272, 430, 728, 440, 4)),), "light": (("poly", (310, 480, 350, 480, 330, 740, 285, 740)),),
    },
    "case": {
        "body": (("round", (230, 480, 770, 770, 22)), ("round", (212, 410, 788, 500, 18))),
        "dark": (("round", (232, 498, 768, 506, 3)), ("round", (440, 590, 560, 622, 14))),
        "light": (("round", (250, 426, 520, 440, 6)),),
    },
}  # fmt: skip


@cache
def _mask(shape: str, part: str) -> Any:
    from PIL import Image, ImageDraw

    whole = SIDE * FINE
    mask = Image.new("L", (whole, whole), 0)
    pen = ImageDraw.Draw(mask)
    for figure, told in SHAPES[shape][part]:
        _draw(pen, figure, [number * whole / 1000 for number in told], told)
    return mask.resize((SIDE, SIDE), Image.Resampling.BOX)


def _draw(pen: Any, figure: str, at: list[float], told: tuple[int, ...]) -> None:
    box = at[:4]
    match figure:
        case "round":
            pen.rounded_rectangle(box, radius=at[4], fill=255)
        case "ellipse":
            pen.ellipse(box, fill=255)
        case "ring" | "arc":
            pen.ellipse(box, outline=255, width=round(at[4]))
        case "arch":
            pen.arc(box, 180, 360, fill=255, width=round(at[4]))
        case "pie":
            pen.pieslice(box, told[4], told[5], fill=255)
        case "poly":
            pen.polygon(at, fill=255)
