"""What lies on the shelves of the demo company: its catalogue of office supplies, and who sells them."""

from __future__ import annotations

from dataclasses import dataclass

CATEGORIES = {  # key: name, English name, place, who it is usually bought from
    "W": ("书写用具", "Writing", "A-1", "晨阳文具批发"),
    "P": ("纸品", "Paper", "A-2", "华东纸业"),
    "F": ("文件收纳", "Filing", "A-3", "晨阳文具批发"),
    "D": ("桌面用品", "Desk", "B-1", "晨阳文具批发"),
    "T": ("打印耗材", "Printing", "B-2", "蓝海办公设备"),
    "E": ("电子配件", "Electronics", "B-3", "蓝海办公设备"),
    "C": ("清洁用品", "Cleaning", "C-1", "净美日用"),
    "K": ("茶水间", "Pantry", "C-2", "净美日用"),
}
SUPPLIERS = {  # name: contact, phone, email, address
    "晨阳文具批发": ("钱经理", "0571-8800 1234", "sales@chenyang.example", "杭州市上城区秋涛路 18 号"),
    "华东纸业": ("俞小姐", "021-6400 5678", "order@huadong-paper.example", "上海市闵行区虹梅路 900 号"),
    "蓝海办公设备": ("章工", "0571-8700 2468", "service@lanhai.example", "杭州市西湖区文三路 77 号"),
    "净美日用": ("毛师傅", "138 0000 3579", "", "杭州市拱墅区湖州街 5 号"),
    "诚达办公": ("罗小姐", "0571-8811 7700", "service@chengda.example", "杭州市滨江区江陵路 66 号"),
    "锦程数码": ("汪经理", "0571-8722 9090", "sales@jincheng.example", "杭州市西湖区教工路 23 号"),
    "万家日杂": ("赖老板", "139 0000 8642", "", "杭州市余杭区良渚街 40 号"),
}

OTHERS = {  # key: who else offers it, at how many per cent of the usual supplier's price
    "W": (("诚达办公", 104), ("华东纸业", 112)),
    "P": (("诚达办公", 103), ("晨阳文具批发", 109)),
    "F": (("诚达办公", 97),),
    "D": (("诚达办公", 106), ("万家日杂", 111)),
    "T": (("锦程数码", 105),),
    "E": (("锦程数码", 96), ("诚达办公", 115)),
    "C": (("万家日杂", 103),),
    "K": (("万家日杂", 98), ("晨阳文具批发", 113)),
}


@dataclass(frozen=True)
class Goods:
    """An item of the catalogue. A department draws about `usual` in a month; `level` is where it is ordered anew, or empty;
    `shape` and `colour` are those of its picture, where it has one."""

    code: str
    name: str
    name_en: str
    specification: str
    unit: str
    usual: int
    pack: str = ""
    per_pack: int = 1
    level: int | None = None
    shape: str = ""
    colour: str = ""

    @property
    def key(self) -> str:
        return self.code[0]

    @property
    def opening(self) -> int:
        draw_it = sum(self.code in codes.split() for codes in WANTED.values())
        return self.whole_packs(self.usual * max(4, draw_it * 3 // 2))

    def whole_packs(self, quantity: int) -> int:
        return -(-quantity // self.per_pack) * self.per_pack


GOODS = (
    Goods("W-101", "签字笔(黑)", "Gel pen, black", "0.5 mm,黑色", "支", 10, "盒", 12, 52, "pen", "#22252b"),
    Goods("W-102", "签字笔(红)", "Gel pen, red", "0.5 mm,红色", "支", 3, "盒", 12, None, "pen", "#c0392b"),
    Goods("W-103", "签字笔(蓝)", "Gel pen, blue", "0.5 mm,蓝色", "支", 4, "盒", 12, None, "pen", "#2c5fb3"),
    Goods("W-104", "铅笔", "Pencil", "HB,带橡皮", "支", 4, "盒", 10),
    Goods("W-105", "荧光笔", "Highlighter", "黄色,斜头", "支", 4, "盒", 10, 10, "marker", "#e6d21f"),
    Goods("W-106", "白板笔", "Whiteboard marker", "黑色,可加墨", "支", 4, "盒", 10, 6, "marker", "#33373d"),
    Goods("W-107", "修正带", "Correction tape", "5 mm × 8 m", "个", 2),
    Goods("P-201", "A4 复印纸", "Copy paper A4", "80 g,500 张", "包", 8, "箱", 5, 40, "ream", "#3f7f5f"),
    Goods("P-202", "A3 复印纸", "Copy paper A3", "80 g,500 张", "包", 2, "箱", 5),
    Goods("P-203", "便利贴", "Sticky notes", "76 × 76 mm,黄色", "本", 6, "盒", 12, 24, "note", "#f2d64b"),
    Goods("P-204", "笔记本", "Notebook", "A5,80 页,横线", "本", 4, "包", 10),
    Goods("P-205", "信封", "Envelope", "5 号,牛皮纸", "个", 20, "包", 100),
    Goods("P-206", "标签纸", "Label sheets", "A4,每张 24 枚", "张", 20, "包", 50, 33),
    Goods("P-207", "快递面单", "Waybill labels", "100 × 150 mm 热敏", "卷", 4, "箱", 20, 6, "roll", "#d8d4cb"),
    Goods("F-301", "文件夹", "Folder", "A4,双强力夹", "个", 4, "箱", 24),
    Goods("F-302", "档案盒", "Box file", "A4,55 mm", "个", 4, "箱", 20, 6, "box", "#4d6b8a"),
    Goods("F-303", "文件袋", "Document wallet", "A4,透明,按扣", "个", 10, "包", 20),
    Goods("F-304", "活页夹", "Ring binder", "A4,4 孔", "个", 2),
    Goods("F-305", "抽杆夹", "Report cover", "A4,透明", "个", 10, "包", 20),
    Goods("F-306", "资料架", "Magazine rack", "四联,黑色", "个", 1),
    Goods("D-401", "订书机", "Stapler", "24/6,可订 25 页", "个", 1, "", 1, 2, "box", "#b14a3a"),
    Goods("D-402", "订书钉", "Staples", "24/6,1000 枚", "盒", 2, "条", 10),
    Goods("D-403", "回形针", "Paper clips", "28 mm,100 枚", "盒", 3, "条", 10, 6),
    Goods("D-404", "长尾夹", "Binder clips", "25 mm,48 枚", "盒", 2, "", 1, 2),
    Goods("D-405", "透明胶带", "Clear tape", "18 mm × 30 m", "卷", 3, "筒", 8),
    Goods("D-406", "封箱胶带", "Packing tape", "60 mm × 100 m", "卷", 6, "箱", 30, 10, "roll", "#c99a57"),
    Goods("D-407", "剪刀", "Scissors", "170 mm", "把", 1, "", 1, None, "scissors", "#c0392b"),
    Goods("D-408", "美工刀", "Cutter", "18 mm,自锁", "把", 1),
    Goods("D-409", "固体胶", "Glue stick", "21 g", "支", 3, "盒", 12, None, "marker", "#4f9bd9"),
    Goods("D-410", "计算器", "Calculator", "12 位,双电源", "台", 1),
    Goods("T-501", "黑色硒鼓", "Toner, black", "适用 HL-2260,约 2600 页", "支", 1, "", 1, 2, "box", "#26282c"),
    Goods("T-502", "彩色墨盒套装", "Ink set, colour", "适用 L4268,四色", "套", 1, "", 1, 2),
    Goods("T-503", "碳带", "Thermal ribbon", "110 mm × 300 m", "卷", 2, "", 1, 2),
    Goods("E-601", "5 号电池", "AA battery", "碱性", "节", 6, "盒", 24, 24, "battery", "#b8742a"),
    Goods("E-602", "7 号电池", "AAA battery", "碱性", "节", 6, "盒", 24),
    Goods("E-603", "U 盘", "USB stick", "64 GB,加密", "个", 1, "", 1, 2, "battery", "#55606e"),
    Goods("E-604", "鼠标", "Mouse", "无线,2.4 G", "个", 1, "", 1, 2),
    Goods("E-605", "插线板", "Power strip", "6 位,3 m", "个", 1),
    Goods("E-606", "网线", "Network cable", "六类,3 m", "根", 2),
    Goods("C-701", "抽纸", "Tissues", "3 层 × 120 抽", "包", 10, "箱", 24, 56, "ream", "#d99fb0"),
    Goods("C-702", "垃圾袋", "Bin bags", "45 × 50 cm,30 只", "卷", 4, "箱", 30, 10, "roll", "#3e4247"),
    Goods("C-703", "洗手液", "Hand soap", "500 ml", "瓶", 2, "箱", 12, 4, "bottle", "#6fae9c"),
    Goods("C-704", "玻璃清洁剂", "Glass cleaner", "500 ml,喷雾", "瓶", 1, "箱", 12),
    Goods("K-801", "纸杯", "Paper cups", "250 ml,50 只", "包", 4, "箱", 20, 13, "cup", "#a9825a"),
    Goods("K-802", "茶叶", "Green tea", "龙井,250 g", "罐", 1, "", 1, 2),
    Goods("K-803", "速溶咖啡", "Instant coffee", "30 条", "盒", 2, "箱", 12, 8, "box", "#6b4530"),
)
SCARCE = ("T-501", "D-406", "E-603", "K-803", "P-207")  # nobody could deliver them lately
WITHOUT_LIMIT = ("E-605", "F-306", "D-410")  # the head decides each time
CUSTODIANS = {  # who files for each department; the head where nobody is named
    "办公室": "zhengfang",
    "财务部": "xunuo",
    "电子商务部": "dongjie",
    "设计部": "huke",
    "仓储部": "panwei",
    "信息技术部": "yuanye",
    "市场部": "dingling",
    "采购部": "shilei",
    "客户服务部": "mengting",
    "上海业务部": "gupan",
    "广州业务部": "liming",
}
WANTED = {  # what a department draws more often than others
    "办公室": "W-101 W-106 P-201 P-202 P-205 F-302 F-303 D-402 D-403 D-404 C-701 C-702 C-703 K-801 K-802 T-501",
    "财务部": "W-101 W-102 W-107 P-201 P-206 F-301 F-302 F-303 D-402 D-403 D-409 T-501 E-601 C-701",
    "电子商务部": "W-101 W-103 W-105 P-201 P-203 P-204 F-305 D-405 E-601 E-602 C-701 K-801 K-803 E-604",
    "设计部": "W-104 W-105 P-202 P-203 P-204 D-405 D-407 D-408 D-409 T-502 E-603 C-701 K-803",
    "仓储部": "W-101 W-106 P-201 P-206 P-207 D-405 D-406 D-408 T-503 E-601 C-702 C-701 D-407",
    "信息技术部": "W-101 P-201 P-203 E-601 E-602 E-603 E-604 E-606 D-405 C-701 K-803",
    "市场部": "W-101 W-103 W-105 P-201 P-203 P-204 F-303 F-305 D-405 D-407 E-603 C-701 K-803",
    "采购部": "W-101 W-102 P-201 P-203 F-301 F-302 F-303 D-402 D-403 C-701 K-801 K-802",
    "客户服务部": "W-101 W-103 P-201 P-203 P-204 E-601 E-602 C-701 C-703 K-801 K-803",
    "上海业务部": "W-101 W-105 P-201 P-203 P-204 F-303 F-305 D-405 E-601 C-701 K-801",
    "广州业务部": "W-101 W-103 P-201 P-203 P-204 F-303 D-402 D-405 C-701 C-702 K-802",
}
WISHERS = {  # who of the department asks the custodian for something
    "办公室": ("fengjing", "hanxuemei"),
    "财务部": ("caiyu", "chenmeiling"),
    "电子商务部": ("hechen", "luoxin", "xieyu", "songjiayi"),
    "设计部": ("zhulin", "gaoyuan", "bailu"),
    "仓储部": ("yeqing",),
    "信息技术部": ("fangzhou", "tiantian"),
    "市场部": ("qinfeng", "jiangtao"),
    "采购部": ("xiayu",),
    "客户服务部": ("qiaoan",),
    "上海业务部": ("yaomin",),
    "广州业务部": ("maizi",),
}
NOTES = ("", "", "", "新同事入职", "月底前要用", "大促备货用", "会议室补充")
CUT = ("上月已领较多", "库存紧张,先领一半", "与同事合用")


def sellers(key: str) -> list[tuple[str, int]]:
    """Who offers what is in the category, and at how many per cent of the usual price."""
    return [(CATEGORIES[key][3], 100), *OTHERS[key]]
