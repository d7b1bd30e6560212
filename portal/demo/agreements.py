"""What contracts the demo company 云杉 has signed: their natures, with whom, about what, and where each is kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from portal.demo.past import chances
from portal.demo.people import EMPLOYEES, LEAVER

YEARS = 13  # how far back the register goes
FORMER_YEARS = 3  # so many of its first years counted in another way
MANY = 780  # how many contracts the register brought over had


@dataclass(frozen=True)
class Sort:
    """A nature, and what its contracts are usually like; amounts in thousands, terms in months (0: without an end)."""

    code: str
    name: str
    name_en: str
    years_kept: int | None
    weight: int
    title: str
    things: str
    parties: str
    units: str
    amounts: tuple[int, int]
    terms: tuple[int, ...]

    @property
    def cabinet(self) -> str:
        return f"{'甲' if self.code in FIRE_PROOF else '乙'}-{SORTS.index(self) + 1:02d}"


FIRE_PROOF = ("RZ", "ZS", "ZL")  # these stand in the fire-proof room
SORTS = (
    Sort(
        "CG", "采购", "Purchasing", 10, 24, "{year}年{thing}采购合同",
        "货架 包装纸箱 气泡膜 标签打印机 叉车 办公家具 投影设备 监控摄像头 空调机组 条码扫描枪 封箱胶带 工作服 电子秤 打印纸",
        "华东纸业有限公司 蓝海办公设备有限公司 恒力仓储设备有限公司 锦程包装制品有限公司 新维电子有限公司 北辰机电有限公司",
        "采购部 采购部 采购部 仓储部 信息技术部", (8, 600), (3, 6, 12, 12),
    ),
    Sort(
        "XS", "销售", "Sales", 10, 22, "{thing}{year}年度销售合同",
        "家居收纳系列 厨房用品系列 儿童文具系列 户外露营系列 茶具礼盒 香薰蜡烛 棉麻布艺 宠物用品 节日礼品 团购定制",
        "百汇商贸有限公司 乐家连锁超市有限公司 优选生活网络有限公司 金桥贸易有限公司 南粤百货有限公司 滨江礼品有限公司",
        "电子商务部 电子商务部 上海业务部 广州业务部", (20, 1800), (6, 12, 12),
    ),
    Sort(
        "ZL", "租赁", "Leases", 10, 8, "{thing}租赁合同({year})",
        "城北仓库 城南仓库 员工宿舍 摄影棚 展厅 地下车位 复印机 叉车 会议场地 前置仓",
        "云溪置业有限公司 东湖物业管理有限公司 安居房屋租赁有限公司 迅达设备租赁有限公司",
        "办公室 仓储部 上海业务部 广州业务部", (12, 900), (12, 24, 36),
    ),
    Sort(
        "FW", "服务", "Services", 10, 18, "{year}年{thing}服务合同",
        "保洁 绿植养护 网站运维 法律顾问 审计 体检 员工培训 广告投放 市场调研 视频拍摄 客服外包 软件维护 网络专线 招聘",
        "净美保洁服务有限公司 正言律师事务所 天衡会计师事务所 众智企业管理咨询有限公司 星火传媒有限公司 云桥信息技术有限公司",
        "办公室 市场部 信息技术部 客户服务部 财务部", (5, 420), (6, 12, 12, 24),
    ),
    Sort(
        "GC", "工程", "Construction", 15, 6, "{thing}工程施工合同({year})",
        "门店装修 仓库消防改造 机房布线 屋面防水 照明改造 监控安装 货梯维修 外墙翻新",
        "宏图建筑装饰有限公司 安泰消防工程有限公司 鼎信弱电工程有限公司", "办公室 仓储部 信息技术部", (30, 1500), (4, 8, 12),
    ),
    Sort(
        "WL", "物流", "Logistics", 5, 12, "{thing}运输合同({year}年)",
        "华东干线 华南干线 同城配送 冷链 快递 退货逆向 跨境小包 大件送装",
        "顺捷物流有限公司 通达快运有限公司 远航国际货运代理有限公司 捷安仓配有限公司", "仓储部 仓储部 电子商务部", (15, 700),
        (6, 12),
    ),
    Sort(
        "ZS", "知识产权", "Intellectual property", None, 6, "{thing}({year})",
        "商标转让合同 图库使用许可合同 字体授权合同 外观设计专利转让合同 音乐版权许可合同 软件著作权转让合同 形象授权合同",
        "青禾设计工作室 汉韵字库有限公司 声海音乐版权有限公司 明德知识产权代理有限公司",
        "设计部 设计部 市场部 信息技术部", (2, 160), (0, 24, 36, 60),
    ),
    Sort(
        "RZ", "融资担保", "Finance and guarantees", None, 4, "{year}年{thing}",
        "流动资金借款合同 银行承兑协议 保证合同 结算服务协议 保险合同 应收账款保理合同",
        "江城银行股份有限公司 联合农商银行 平江财产保险有限公司 信达商业保理有限公司", "财务部", (50, 6000), (6, 12, 24),
    ),
)  # fmt: skip


@dataclass(frozen=True)
class Named:
    """A contract that stories tell of: signed and ending so many days before and after today."""

    key: str
    code: str
    title: str
    parties: str
    amount: int | None  # thousands
    signed: int
    ends: int | None
    unit: str
    user: str
    pages: int = 12
    confidential: bool = False
    language: str = "zh-Hans"
    keywords: str = ""
    group: str = ""


NAMED = (
    Named(
        "office", "ZL", "总部办公楼租赁合同", "云溪置业有限公司", 2160, 1050, 44, "办公室", "hanxuemei", 36,
        keywords="总部 房租 物业",
    ),
    Named("shanghai", "ZL", "上海分公司办公室租赁合同", "东湖物业管理有限公司", 780, 720, 19, "上海业务部", "yaomin", 22),
    Named(
        "store", "ZL", "城北一号仓库租赁合同", "安居房屋租赁有限公司", 1440, 640, 455, "仓储部", "guoqiang", 28,
        group="仓储租赁",
    ),
    Named("frame", "CG", "包装材料年度框架协议", "锦程包装制品有限公司", 960, 470, 58, "采购部", "yubo", 18, group="包装材料"),
    Named(
        "boxes", "CG", "包装材料框架协议项下纸箱订单", "锦程包装制品有限公司", 180, 455, -90, "采购部", "xiayu", 4,
        group="包装材料",
    ),
    Named(
        "film", "CG", "Supply agreement for packaging film", "Nordlicht Folien GmbH;锦程包装制品有限公司", 320, 610, 120,
        "采购部", "xiayu", 14, language="en", group="包装材料",
    ),
    Named(
        "fitout", "GC", "总部办公区装修工程合同", "宏图建筑装饰有限公司", 860, 700, -120, "办公室", "wangli", 64,
        keywords="装修 保修", group="总部装修",
    ),
    Named(
        "survey", "FW", "总部装修工程监理合同", "安泰消防工程有限公司;宏图建筑装饰有限公司", 60, 690, -110, "办公室",
        "wangli", 12, group="总部装修",
    ),
    Named(
        "erp", "FW", "企业管理软件实施服务合同", "云桥信息技术有限公司", 540, 560, 260, "信息技术部", "dengkai", 48,
        keywords="软件 验收",
    ),
    Named("loan", "RZ", "三年期流动资金借款合同", "江城银行股份有限公司", 8000, 500, 595, "财务部", "linguodong", 42, True),
    Named("surety", "RZ", "最高额保证合同", "江城银行股份有限公司;周敏", 8000, 499, 595, "财务部", "linguodong", 16, True),
    Named("shares", "RZ", "股权投资意向书", "启明创业投资合伙企业", None, 430, 30, "财务部", "linguodong", 9, True),
    Named(
        "south", "XS", "华南区域经销协议", "南粤百货有限公司", 3200, 520, 210, "广州业务部", "liming", 20,
        keywords="经销 返利",
    ),
    Named(
        "live", "XS", "直播带货合作协议", "星火传媒有限公司", 450, 440, 12, "电子商务部", "shenwentao", 15,
        keywords="直播 佣金",
    ),
    Named(
        "market", "XS", "Online marketplace merchant agreement", "Harbour Marketplace Pte. Ltd.", None, 800, None,
        "电子商务部", "tangyue", 31, language="en", keywords="marketplace commission",
    ),
    Named("brand", "ZS", "“云杉”商标使用许可合同", "南粤百货有限公司", 120, 900, 560, "市场部", "suqing", 8, keywords="商标"),
    Named("face", "FW", "品牌代言合同", "林若溪工作室", 1500, 430, 160, "市场部", "suqing", 24, True),
    Named("calls", "FW", "客服热线外包服务合同", "众智企业管理咨询有限公司", 380, 480, 250, "客户服务部", "qiaoan", 26),
    Named(
        "parcels", "WL", "快递服务年度总协议", "通达快运有限公司", 2400, 445, 285, "仓储部", "guoqiang", 19,
        keywords="快递 赔付",
    ),
    Named("design", "FW", "产品包装设计服务合同", "青禾设计工作室", 96, 460, -30, "设计部", "majun", 11),
)  # fmt: skip
TITLES = {each.key: each.title for each in NAMED}
LENT = {  # who had a copy when the register was brought over, and for what
    "erp": ("yuanye", "核对实施范围与验收标准"),
    "calls": ("mengting", "话务结算争议核对"),
}
HANDED_IN = (  # who handed papers over, with whom the contract is, how many days ago, and what became of it
    ("shilei", "新仓封箱设备采购合同", "恒力仓储设备有限公司", 84, "registered"),
    ("qinfeng", "秋季新品发布会场地合同", "东湖物业管理有限公司", 41, "registered"),
    ("hechen", "达人推广合作合同", "星火传媒有限公司", 15, "registered"),
    ("gaoyuan", "包装文案委托创作合同", "青禾设计工作室", 33, "reject"),
    ("yeqing", "叉车年检服务合同", "迅达设备租赁有限公司", 8, "return"),
    ("maizi", "广州前置仓保洁合同", "净美保洁服务有限公司", 6, "withdraw"),
    ("yuanye", "机房空调维保合同", "北辰机电有限公司", 3, "submitted"),
    ("songjiayi", "直播间搭建合同", "宏图建筑装饰有限公司", 1, "submitted"),
    ("xiayu", "年度打印纸采购合同", "华东纸业有限公司", 1, "draft"),
)
STAFF = {name: [each.user for each in (*EMPLOYEES, LEAVER) if each.unit == name] for each in SORTS for name in each.units.split()}


def register(begin: date, today: date) -> Iterator[dict[str, str]]:
    """The rows of the register as it was kept before the portal: numbered in the order in which they were signed."""
    chance = chances("register of contracts")
    usual = (begin - timedelta(days=round(chance.triangular(20, YEARS * 365 - 30, 300))) for _n in range(MANY - len(NAMED)))
    rows = [_named(each, begin, today) for each in NAMED] + [usual_row(chance, signed) for signed in usual]
    rows.sort(key=lambda row: row["signed_on"])
    counted: Counter[tuple[str, str]] = Counter()
    for n, row in enumerate(rows, 1):
        year = row["signed_on"][:4]
        counted[year, row["nature"]] += 1
        earlier = int(year) < begin.year - YEARS + FORMER_YEARS
        row["number"] = f"云合〔{year}〕{n:03d}号" if earlier else f"{year}-{row['nature']}-{counted[year, row['nature']]:04d}"
        row["box"] = f"{year[2:]}-{counted[year, row['nature']] // 9 + 1}"
        yield row


def _named(each: Named, begin: date, today: date) -> dict[str, str]:
    signed = today - timedelta(days=each.signed)
    ends = None if each.ends is None else today + timedelta(days=each.ends)
    return _row(
        each.code, each.title, each.parties, each.amount, signed, ends, each.unit, each.user, each.pages
    ) | {
        "confidential": "是" if each.confidential else "否", "language": each.language, "keywords": each.keywords,
        "group_file": each.group, "originals": "2",
    } | _lent(each.key, begin)  # fmt: skip


def _lent(key: str, begin: date) -> dict[str, str]:
    if key not in LENT:
        return {}
    user, purpose = LENT[key]
    lent, due = begin - timedelta(days=4), begin + timedelta(days=3)
    return {"borrower": user, "lent_on": str(lent), "due_on": str(due), "copy_number": "3", "purpose": purpose}


def usual_row(chance: Random, signed: date) -> dict[str, str]:
    """A contract as it is usual, signed on that day."""
    sort = chance.choices(SORTS, [each.weight for each in SORTS])[0]
    thing, party, unit = (chance.choice(words.split()) for words in (sort.things, sort.parties, sort.units))
    least, most = sort.amounts
    thousands = round(least * (most / least) ** chance.random())
    months = chance.choice(sort.terms)
    ends = signed + timedelta(days=round(months * 30.4) - 1) if months else None
    title = sort.title.format(year=signed.year, thing=thing)
    row = _row(sort.code, title, party, thousands, signed, ends, unit, chance.choice(STAFF[unit]), chance.randint(3, 40))
    return row | {"confidential": "是" if sort.code == "RZ" and chance.random() < 0.4 else "否", "keywords": thing}


def _row(
    code: str, title: str, parties: str, thousands: int | None, signed: date, ends: date | None, unit: str, user: str, pages: int
) -> dict[str, str]:
    sort = next(each for each in SORTS if each.code == code)
    guarded = "是" if code in FIRE_PROOF else "否"
    return {
        "nature": code, "title": title, "parties": parties, "amount": "" if thousands is None else f"{thousands}000.00",
        "signed_on": str(signed), "starts": str(signed) if ends else "", "ends": str(ends) if ends else "", "department": unit,
        "responsible": user, "room": "档案室甲" if code in FIRE_PROOF else "档案室乙", "cabinet": sort.cabinet,
        "fire_proof": guarded, "damp_proof": "是", "pages": str(pages), "originals": "1",
    }  # fmt: skip
