"""What the demo company's shop sells: twelve sorts of things for the home, each in styles and colours."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

CATEGORIES = {
    "kitchen": ("厨房餐具", "Kitchen"), "home": ("家居布艺", "Home textiles"), "light": ("灯具香氛", "Lights and scents"),
    "bag": ("箱包配件", "Bags"),
}  # fmt: skip
COLOURS = {
    "雾蓝": ("Misty blue", (122, 151, 176)), "陶红": ("Terracotta", (186, 98, 76)), "燕麦": ("Oat", (214, 198, 170)),
    "松绿": ("Pine green", (78, 116, 98)), "石墨": ("Graphite", (74, 78, 86)),
}  # fmt: skip
STYLES = {"原野": "Field", "晨光": "Dawn", "山居": "Hill", "小满": "Grain"}


@dataclass(frozen=True)
class Sort:
    """One sort of ware: what it costs in yuan, what it sells for, and the shape of its picture."""

    code: str
    name: str
    name_en: str
    category: str
    cost: int
    price: int
    shape: str
    said: str
    said_en: str


SORTS = (
    Sort("MUG", "马克杯", "mug", "kitchen", 13, 39, "mug", "350 ml，高温瓷，可入微波炉和洗碗机。",
         "350 ml, stoneware, safe in microwave and dishwasher."),
    Sort("BOWL", "汤碗", "soup bowl", "kitchen", 16, 45, "bowl", "直径 18 cm，釉下彩，边缘圆润不割手。",
         "18 cm across, underglaze colours, a smooth round rim."),
    Sort("POT", "茶壶", "teapot", "kitchen", 42, 128, "pot", "600 ml，附滤网，出水顺畅不滴漏。",
         "600 ml, with a strainer; pours without a drip."),
    Sort("PLATE", "餐盘", "dinner plate", "kitchen", 15, 42, "plate", "直径 26 cm，浅盘，家用与聚餐皆宜。",
         "26 cm across, shallow, for every day and for guests."),
    Sort("TOWEL", "毛巾", "towel", "home", 12, 36, "towel", "34 × 76 cm，长绒棉，吸水不掉毛。",
         "34 × 76 cm, long-staple cotton, soft and quick to dry."),
    Sort("CUSH", "抱枕", "cushion", "home", 28, 79, "cushion", "45 × 45 cm，含芯，枕套可拆洗。",
         "45 × 45 cm, filled; the cover comes off for washing."),
    Sort("THROW", "盖毯", "throw", "home", 66, 189, "towel", "130 × 170 cm，四季可用，机洗不变形。",
         "130 × 170 cm, for all seasons, machine washable."),
    Sort("VASE", "花瓶", "vase", "home", 30, 88, "vase", "高 24 cm，哑光釉面，插花干花皆可。",
         "24 cm high, matt glaze, for fresh or dried flowers."),
    Sort("LAMP", "台灯", "table lamp", "light", 85, 239, "lamp", "三档调光，暖白光，USB-C 供电。",
         "Three levels of warm white light, powered by USB-C."),
    Sort("CANDLE", "香薰蜡烛", "scented candle", "light", 24, 69, "candle", "180 g 大豆蜡，燃烧约 40 小时。",
         "180 g of soy wax, burns for about 40 hours."),
    Sort("TOTE", "帆布包", "tote bag", "bag", 25, 75, "tote", "12 安帆布，内袋一个，承重 10 kg。",
         "12 oz canvas, one inner pocket, carries up to 10 kg."),
    Sort("CASE", "收纳盒", "storage box", "bag", 22, 59, "case", "带盖，可叠放，30 × 20 × 15 cm。",
         "With a lid, stackable, 30 × 20 × 15 cm."),
)  # fmt: skip


@dataclass(frozen=True)
class Ware:
    sort: Sort
    style: str
    colour: str
    n: int  # of its sort, from 1

    @property
    def code(self) -> str:
        return f"{self.sort.code}-{self.n:02d}"

    @property
    def name(self) -> str:
        return f"{self.style}系列{self.sort.name} {self.colour}"

    @property
    def name_en(self) -> str:
        return f"{STYLES[self.style]} {self.sort.name_en}, {COLOURS[self.colour][0].lower()}"

    @property
    def price(self) -> int:
        """Yuan; styles differ a little."""
        return self.sort.price + 4 * list(STYLES).index(self.style)

    @property
    def brand(self) -> str:
        return "云杉" if self.style in ("原野", "山居") else "松果"


def wares() -> Iterator[Ware]:
    for sort in SORTS:
        pairs = [(style, colour) for style in STYLES for colour in COLOURS]
        for n, (style, colour) in enumerate(pairs, 1):
            yield Ware(sort, style, colour, n)
