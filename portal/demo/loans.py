"""Loans at the demo company's contract archive: what is asked for now, and what went out and came back over the year."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from portal import contents, db
from portal.cases import Case
from portal.contracts.models import Contract, Loan
from portal.contracts.models_papers import HandOut, TakeBack, loan_content
from portal.contracts.rules_loans import LOAN
from portal.demo.agreements import LENT, TITLES
from portal.demo.archive import ARCHIVIST, OTHER_ARCHIVIST, contract, decide, halves, worked, worked_before
from portal.demo.budget import take
from portal.demo.company import person
from portal.demo.past import Story, at_work, chances

COPY, ORIGINAL = "copy", "original"


@dataclass(frozen=True)
class Wish:
    """Who asked for which contract, how many days ago and what for; `plot` says how far it has come, or how it went."""

    user: str
    key: str
    ago: int
    plot: str
    purpose: str
    form: str = COPY
    reason: str = ""


WISHES = (
    Wish("xieyu", "boxes", 1, "draft", "核对下单数量"),
    Wish("qinfeng", "live", 1, "submitted", "核对佣金结算条款,准备与达人机构对账。"),
    Wish("bailu", "design", 2, "submitted", "确认包装文案的使用范围。"),
    Wish("linguodong", "loan", 2, "confidential", "贷后检查需要核对提款条件。"),
    Wish("gaoyuan", "brand", 3, "special", "办理商标使用许可备案。", ORIGINAL, "商标局备案须核验原件。"),
    Wish("hechen", "market", 2, "approved", "平台规则变更,核对费率条款。"),
    Wish("liming", "south", 4, "lent", "与经销商商谈返利。"),
    Wish("huke", "fitout", 5, "lent", "质保期内漏水索赔。", ORIGINAL, "法院立案须提交原件核对。"),
    Wish("songjiayi", "parcels", 12, "lent", "核对丢件赔付标准。"),
    Wish("luoxin", "store", 20, "lent", "前置仓选址参考租金条款。"),
    Wish("dingling", "frame", 7, "extending", "采购物料比价。"),
    Wish("shilei", "film", 8, "extending", "海关核查进口包装膜。", ORIGINAL, "海关要求查验合同原件。"),
    Wish("jiangtao", "calls", 9, "extended", "大促客服排班,核对坐席条款。"),
    Wish("zhulin", "survey", 30, "rejected", "了解监理费用。"),
    Wish("maizi", "office", 26, "rejected_special", "办理居住证。", ORIGINAL, "窗口要求看原件。"),
    Wish("panwei", "parcels", 40, "cancelled", "核对运价。"),
    Wish("suqing", "face", 62, "returned", "续约谈判。"),
    Wish("xiayu", "frame", 74, "damaged", "供应商评审。"),
    Wish("mengting", "calls", 104, "pages", "话务质量考核。"),
    Wish("gupan", "shanghai", 128, "lost", "办理分公司地址变更。"),
    Wish("hanxuemei", "office", 290, "returned", "办理营业执照地址核验。", ORIGINAL, "登记机关核验原件。"),
    Wish("dengkai", "erp", 230, "returned_longer", "二期需求评审。"),
)
BORROWERS = (
    "qinfeng", "jiangtao", "dingling", "hechen", "luoxin", "xieyu", "songjiayi", "zhulin", "bailu", "yeqing", "panwei", "yuanye",
    "xiayu", "shilei", "caiyu", "xunuo", "gupan", "maizi",
)  # fmt: skip
CHECKED = Wish("tangyue", "market", 0, "returned_longer", "平台入驻资质复审。", ORIGINAL, "平台要求寄送原件核验。")
PURPOSES = (
    "核对付款节点",
    "续签前了解原条款",
    "供应商对账",
    "处理客户投诉",
    "审计抽查配合",
    "质保期维修联系",
    "制定同类合同参考",
)
OWN = f"NOT confidential AND state = 'in_archive' AND signed_on > ? AND title NOT IN ({db.marks(TITLES)}) AND department_id = ?"


def loans(start: date, today: date) -> Iterator[Story]:
    for each in WISHES:
        yield _loan(each, worked_before(today - timedelta(days=each.ago)))
    chance = chances("loans")
    for n in range(34):
        day = worked(start + timedelta(days=6 + n * (today - start).days // 38))
        plot = "destroyed" if n % 9 == 4 else "returned"
        yield _loan(Wish(chance.choice(BORROWERS), "", n, plot, chance.choice(PURPOSES)), day)
    yield _loan(CHECKED, worked_before(halves(today)[1] - timedelta(days=14)))  # out while the archive is checked
    yield _brought_back(worked(start + timedelta(days=4)))


def _chosen(each: Wish, day: date) -> Contract:
    """The one of that name, or a newer one of the borrower's department."""
    if each.key:
        return contract(each.key)
    department = person(each.user).department
    there = Contract.where(OWN, day - timedelta(days=2000), *TITLES.values(), department.id)
    return chances(f"{each.user} {each.ago}").choice(there) if there else contract("market")


def _loan(each: Wish, day: date) -> Story:
    chance = chances(f"loan {each.user} {each.key} {each.ago}")
    yield at_work(day, 9, chance.randint(0, 40))
    token = f"demo-loan-{each.user}-{each.key}-{each.ago}"
    chosen = _chosen(each, day)
    case = contents.create(LOAN, person(each.user), loan_content(chosen, each.form, each.purpose, each.reason), token)
    if each.plot == "draft":
        return
    case = take(each.user, case, "submit")
    if each.plot == case.state:
        return
    yield at_work(day, 9, chance.randint(45, 59))
    if each.plot == "rejected":
        decide(case, "reject", "与本职工作无关,可到档案室查阅。")
        return
    case = decide(case, "approve")
    if each.plot == case.state:
        return
    if case.state == "special":
        yield at_work(day, 10, chance.randint(0, 20))
        if each.plot == "rejected_special":
            decide(case, "reject", "复印件加盖公章即可。")
            return
        case = decide(case, "approve")
    yield at_work(day, 10, chance.randint(25, 59))
    if each.plot == "cancelled":
        take(each.user, case, "cancel", "已在档案室查阅,不再借出。")
        return
    take((ARCHIVIST, OTHER_ARCHIVIST)[chance.random() < 0.4], case, "hand_out", given=HandOut(chosen.pages))
    if each.plot != "lent":
        yield from _afterwards(each, case, day, chosen.pages)


def _afterwards(each: Wish, case: Case, day: date, pages: int) -> Story:
    """More days, or back again."""
    if each.plot in ("extending", "extended", "returned_longer"):
        yield at_work(worked(day + timedelta(days=5)), 9, 10)
        case = take(each.user, case, "ask_longer", "对方尚未答复,还需几天。")
        if each.plot == "extending":
            return
        yield at_work(worked(day + timedelta(days=5)), 11, 5)
        case = decide(case, "extend")
        if each.plot == "extended":
            return
    days = 9 if each.plot == "returned_longer" else chances(f"{each.user} {day}").randint(2, 6)
    yield at_work(worked(day + timedelta(days=days)), 11, 10)
    if each.plot == "lost":
        take(ARCHIVIST, case, "lose", "借用人称在出租车上遗失,已联系出租车公司,未找到。")
        return
    given = {
        "damaged": TakeBack(pages, "damaged"), "pages": TakeBack(pages - 2), "destroyed": TakeBack(pages, fate="destroyed"),
    }.get(each.plot, TakeBack(pages))  # fmt: skip
    take(ARCHIVIST, case, "take_back", "" if each.plot in ("returned", "returned_longer", "destroyed") else "归还时发现。", given)


def _brought_back(day: date) -> Story:
    """What was lent before the register was brought over comes back."""
    yield at_work(day, 15, 20)
    for key in LENT:
        loan = Loan.where("contract_id = ? AND returned_at IS NULL AND lent_at IS NOT NULL", contract(key).id)[0]
        take(ARCHIVIST, Case.get_by_id(loan.get_id()), "take_back", given=TakeBack(loan.pages_out))
