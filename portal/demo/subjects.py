"""What the demo company spends money on, and the words its people find for it."""

from __future__ import annotations

from dataclasses import dataclass

CATEGORIES = {  # code: name, English name, yuan a department gets in a year
    "BG": ("办公费", "Office expenses", 18_000),
    "CL": ("差旅费", "Travel", 45_000),
    "TG": ("推广费", "Promotion", 96_000),
    "PX": ("培训费", "Training", 14_000),
    "SB": ("设备购置", "Equipment", 52_000),
    "WL": ("物流费", "Logistics", 72_000),
    "ZD": ("业务招待费", "Business entertainment", 20_000),
    "RJ": ("软件服务费", "Software services", 36_000),
    "WX": ("维修费", "Repairs", 15_000),
    "YP": ("办公用品", "Office supplies", 7_000),
}
ALL = "BG CL PX ZD"
WANTED = {  # department: categories it has lines for, with a factor on the usual amount
    "办公室": (f"{ALL} SB WX YP", 1.6),
    "财务部": (f"{ALL} RJ YP", 0.8),
    "电子商务部": (f"{ALL} TG RJ SB YP", 1.8),
    "设计部": (f"{ALL} SB RJ YP", 0.9),
    "仓储部": ("BG CL PX WL WX SB YP", 1.0),
    "信息技术部": ("BG CL PX SB RJ WX YP", 1.4),
    "市场部": (f"{ALL} TG YP", 1.5),
    "采购部": (f"{ALL} WL YP", 0.8),
    "客户服务部": ("BG PX RJ YP", 0.6),
    "上海分公司": ("BG CL ZD", 0.7),
    "上海业务部": (f"{ALL} TG WL YP", 0.9),
    "广州分公司": ("BG CL ZD", 0.7),
    "广州业务部": (f"{ALL} TG WL YP", 0.8),
}


@dataclass(frozen=True)
class Subject:
    """One thing to ask money for; a line is what it is for and about how many yuan."""

    code: str
    title: str
    purpose: str
    lines: tuple[tuple[str, int], ...]
    business: str = ""  # the kind of business expense
    who: str = ""
    where: str = ""  # departments that ask for it; empty: any with such a line

    def suits(self, department: str) -> bool:
        return not self.where or department in self.where.split()


SUBJECTS = (
    Subject(
        "BG", "季度办公用纸采购", "各组打印与拣货单用纸,按上季度用量补足。", (("A4复印纸 40箱", 5200), ("热敏纸 10箱", 1280))
    ),
    Subject(
        "BG",
        "更换打印机硒鼓",
        "两台激光打印机碳粉报警,影响面单打印。",
        (("原装硒鼓 4支", 1960),),
        where="仓储部 办公室 客户服务部",
    ),
    Subject(
        "BG",
        "会议室绿植养护",
        "接待区与大会议室绿植到期续养。",
        (("绿植租摆(半年)", 2400),),
        where="办公室 上海分公司 广州分公司",
    ),
    Subject("BG", "新员工工位用品", "本月入职三人,配置桌椅与文具。", (("人体工学椅 3把", 2370), ("文具套装 3份", 240))),
    Subject(
        "BG",
        "Desk lamps for the night shift",
        "Order checking continues until midnight during the sale.",
        (("LED lamp, 6 pieces", 894),),
        where="仓储部 客户服务部 上海业务部",
    ),
    Subject(
        "BG",
        "档案盒与标签采购",
        "年度合同归档,旧档案盒破损严重。",
        (("A4档案盒 120个", 1080), ("不干胶标签 20卷", 260)),
        where="办公室 财务部 采购部",
    ),
    Subject(
        "CL",
        "赴杭州参加平台商家大会",
        "了解平台下半年流量政策,两人两晚。",
        (("高铁票 4张", 1168), ("住宿 2晚", 1380), ("市内交通", 300)),
        where="电子商务部 市场部 上海业务部 广州业务部 办公室",
    ),
    Subject(
        "CL",
        "佛山供应商验厂",
        "新款收纳系列量产前验厂,确认产能与质检流程。",
        (("往返机票 2张", 3260), ("住宿 3晚", 1740), ("餐费", 600)),
        where="采购部 广州业务部 仓储部",
    ),
    Subject(
        "CL",
        "义乌选品出差",
        "春季小商品选品,预计看样120款。",
        (("高铁票 2张", 712), ("住宿 2晚", 860)),
        where="采购部 电子商务部 市场部",
    ),
    Subject(
        "CL",
        "Visit to the Ningbo packaging plant",
        "Audit of the recycled cartons before the yearly order.",
        (("Train tickets", 540), ("Hotel, 1 night", 460)),
        where="采购部 仓储部",
    ),
    Subject(
        "CL",
        "广州分公司业务交流",
        "总部与分公司对接库存共享方案,三人。",
        (("往返机票 3张", 4650), ("住宿 2晚", 2280), ("市内交通", 420)),
        where="办公室 财务部 信息技术部 电子商务部",
    ),
    Subject(
        "CL",
        "展会参展差旅",
        "上海家居展布展与值守,四天。",
        (("高铁票 6张", 3318), ("住宿 4晚", 5280), ("餐费", 1600)),
        where="市场部 上海业务部 设计部 广州业务部",
    ),
    Subject("TG", "双十一站内直通车充值", "大促预热期投放主推款,目标投产比3.5。", (("直通车充值", 30000),)),
    Subject("TG", "短视频达人合作", "春茶礼盒三位达人各一条,含一次二剪授权。", (("达人服务费 3位", 18600), ("样品与寄送", 1240))),
    Subject("TG", "年货节海报与物料", "年货节线下快闪点物料制作。", (("喷绘与展架", 4860), ("易拉宝 8个", 960))),
    Subject("TG", "搜索广告月度投放", "保持品牌词与两个核心品类词排名。", (("品牌词", 6000), ("品类词", 9800))),
    Subject(
        "TG",
        "Sponsored reviews for the new tea set",
        "Ten testers, each with a picture and a short film.",
        (("Testers' fees", 7500), ("Samples", 1980)),
    ),
    Subject("TG", "老客短信召回", "半年未下单老客召回,两轮短信。", (("短信 6万条", 2700),)),
    Subject("TG", "直播间场景搭建", "周三固定直播,需要可拆卸背景与灯光。", (("背景板", 3600), ("补光灯 3套", 2670))),
    Subject("PX", "主图设计进阶课程", "两名设计参加,结课后部门内分享。", (("课程费 2人", 3960),), where="设计部"),
    Subject(
        "PX",
        "数据分析线上训练营",
        "提升运营日报自动化水平。",
        (("报名费 3人", 4470),),
        where="电子商务部 市场部 财务部 采购部 信息技术部 上海业务部",
    ),
    Subject("PX", "消防与叉车安全培训", "仓库年度复训,取证八人。", (("培训与取证", 6400),), where="仓储部"),
    Subject("PX", "会计继续教育", "年度继续教育学时。", (("报名费 4人", 1200),), where="财务部"),
    Subject(
        "PX",
        "Spoken English for support staff",
        "Overseas buyers write and call more often since spring.",
        (("Course, 12 evenings", 5400),),
        where="客户服务部 广州业务部",
    ),
    Subject("SB", "设计部显示器更换", "两台显示器偏色,影响商品图校色。", (("27寸广色域显示器 2台", 7998),), where="设计部"),
    Subject(
        "SB", "仓库手持扫码枪", "大促期间增加两个拣货组。", (("无线扫码枪 6把", 5340), ("充电底座 2个", 560)), where="仓储部"
    ),
    Subject(
        "SB", "更换机房UPS电池", "电池组到期,断电测试只撑四分钟。", (("UPS电池组", 9600), ("更换服务", 1200)), where="信息技术部"
    ),
    Subject("SB", "拍摄用相机镜头", "微距镜头用于首饰类目细节图。", (("100mm微距镜头", 5299),), where="设计部"),
    Subject(
        "SB",
        "Two laptops for new colleagues",
        "They start on the first of next month.",
        (("Laptop 14 inch, 2 pieces", 13600), ("Docking station", 1380)),
    ),
    Subject(
        "SB",
        "会议室投影设备",
        "原投影亮度不足,视频会议看不清。",
        (("激光投影机", 11800), ("幕布与安装", 1650)),
        where="办公室 电子商务部",
    ),
    Subject(
        "WL", "大促临时仓租赁", "主仓周转率已到九成,租用两周临时仓位。", (("仓位租金", 16800), ("搬运装卸", 5200)), where="仓储部"
    ),
    Subject("WL", "快递面单充值", "上月余额不足两日用量。", (("电子面单充值", 12000),), where="仓储部 广州业务部 上海业务部"),
    Subject(
        "WL",
        "加固纸箱与气泡膜",
        "玻璃器皿破损率上升到1.8%,升级包材。",
        (("五层纸箱 3000个", 8700), ("气泡膜 40卷", 2320)),
        where="仓储部 采购部",
    ),
    Subject("WL", "退货集运费", "华南区退货统一回仓。", (("集运 6车", 7800),), where="广州业务部 上海业务部 仓储部"),
    Subject(
        "ZD",
        "接待宁波供应商",
        "洽谈明年纸箱框架价,对方三人。",
        (("工作餐", 1280),),
        "guests",
        "宁波恒达包装",
        where="采购部 办公室",
    ),
    Subject("ZD", "中秋客户礼盒", "二十家重点分销客户中秋慰问。", (("月饼礼盒 20份", 3560),), "gifts", "重点分销客户"),
    Subject(
        "ZD",
        "Dinner with the platform's account manager",
        "Yearly review of the campaign calendar.",
        (("Dinner for four", 960),),
        "guests",
        "Platform account team",
        where="电子商务部 市场部",
    ),
    Subject(
        "ZD",
        "客户考察用车",
        "接送客户往返仓库与样品间。",
        (("商务车 2天", 1800),),
        "fares",
        "苏州锦绣家居",
        where="上海业务部 广州业务部 市场部 上海分公司 广州分公司",
    ),
    Subject("ZD", "银行客户经理茶叙", "对接收款手续费下调方案。", (("茶叙", 420),), "guests", "招商银行客户经理", where="财务部"),
    Subject(
        "ZD",
        "展会客户纪念品",
        "展会意向客户登记礼。",
        (("帆布袋 300个", 4200),),
        "gifts",
        "展会意向客户",
        where="市场部 上海业务部 广州业务部 设计部",
    ),
    Subject(
        "ZD",
        "行业协会活动分摊",
        "协会年会场地费用分摊。",
        (("场地分摊", 3000),),
        "other",
        "市电子商务协会",
        where="办公室 电子商务部 市场部",
    ),
    Subject(
        "RJ",
        "设计素材库年费续订",
        "商用图库授权到期,避免侵权风险。",
        (("图库年费", 6800), ("字体授权", 3200)),
        where="设计部 电子商务部",
    ),
    Subject("RJ", "客服系统坐席扩容", "大促期间增加五个坐席。", (("坐席 5个/季", 4500),), where="客户服务部 电子商务部"),
    Subject("RJ", "进销存系统年度维保", "含两次现场巡检。", (("年度维保", 18000),), where="信息技术部 电子商务部"),
    Subject(
        "RJ",
        "Cloud storage for product pictures",
        "The present 2 TB will be full within a month.",
        (("4 TB, one year", 5280),),
        where="设计部 信息技术部 电子商务部 客户服务部",
    ),
    Subject("RJ", "财务软件税务模块", "电子发票批量查验与归档。", (("税务模块年费", 7600),), where="财务部"),
    Subject("WX", "仓库卷帘门维修", "三号门电机异响,关不到底。", (("电机更换", 2350), ("人工", 600)), where="仓储部"),
    Subject("WX", "空调清洗与加氟", "入夏前例行保养。", (("空调清洗 12台", 2160), ("加氟 4台", 1200)), where="办公室 仓储部"),
    Subject("WX", "网络机柜整理", "标签缺失,排障耗时过长。", (("理线与标签", 1800), ("六类跳线 50根", 750)), where="信息技术部"),
    Subject("WX", "叉车年检与保养", "特种设备年检到期。", (("年检费", 1500), ("保养", 2200)), where="仓储部"),
)

RETURNED = (
    "请补充两家以上供应商的报价对比。",
    "数量请按实际人数核减后重报。",
    "用途写得太笼统,请说明与哪一场活动对应。",
    "Please split hotel and travel into lines of their own.",
    "预计日期与活动排期不符,请核对。",
    "请附上供应商报价单。",
)
REJECTED = (
    "仓库尚有库存,先领用,用完再报。",
    "本季度不再新增此类投放。",
    "同类设备上月刚购置,请协调共用。",
    "Use the meeting software we already pay for.",
    "标准超出差旅规定,不予批准。",
)
WITHDRAWN = ("供应商改了报价,重新整理后再提交。", "活动延期,先撤回。", "")
CANCELLED = ("活动取消,不再发生。", "已由总部统一采购,本单取消。", "The fair was postponed to next year.")
BEYOND = (
    "大促流量窗口只有一周,超出部分从活动毛利中消化。",
    "设备故障影响发货,必须立即更换。",
    "平台政策临时调整,不投放将失去活动资格。",
)
COMMENTS = (
    "报价单已上传,麻烦看一下第二页的运费条款。",
    "这个供应商去年合作过,交期很准。",
    "能否先批一半,剩下的下个月再走?",
    "预算口径我核对过,可以从这条线走。",
    "Please check the delivery date once more.",
    "已和对方确认,价格含税含运。",
    "仓库那边同意借用一台,数量可以减一。",
    "发票抬头请用公司全称。",
)
FILES = ("报价单.pdf", "供应商报价对比.pdf", "现场照片.png", "活动排期.pdf", "Quotation.pdf", "样品图.png")
