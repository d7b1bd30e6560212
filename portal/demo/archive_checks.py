"""Half-yearly checks of the demo company's contract archive: two closed, one going on; and what was lost or damaged."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from functools import partial

from portal import contents
from portal.cases import Case
from portal.contracts.models import CheckLine, Contract, Incident, Place
from portal.contracts.models_checks import Line, differing, every_line
from portal.contracts.models_papers import Findings, check_content, incident_content
from portal.contracts.rules_checks import CHECK, Result, confirm_lent, scan, write_down_list
from portal.contracts.rules_differences import settle
from portal.contracts.rules_incidents import INCIDENT
from portal.demo.agreements import TITLES
from portal.demo.archive import ARCHIVIST, OTHER_ARCHIVIST, contract, decide, halves, worked, worked_before
from portal.demo.budget import submit, take
from portal.demo.company import person, unit
from portal.demo.past import Story, at_work

FIRST = {
    23: Result("missing", note="盒内无此件"), 131: Result("damaged", note="受潮,第三页字迹模糊"),
    260: Result("wrong_place", Place("档案室乙", "乙-02", "19-2")),
}  # fmt: skip
SECOND = {
    58: Result("missing", note="借阅登记无记录"), 207: Result("wrong_place", Place("档案室乙", "乙-06", "24-1")),
    315: Result("wrong_place", Place("档案室甲", "甲-03", "20-1")), 420: Result("damaged", damp_proof=False, note="封皮破损"),
}  # fmt: skip
NOW = {1: Result("missing"), 5: Result("wrong_place", Place("档案室乙", "乙-01", "18-2"))}
UNLOCKED = Result("present", fire_proof=False, note="防火柜门锁损坏,暂存普通柜")
SETTLED = {  # how what was missing or damaged was dealt with
    "missing": Findings(
        cause="整理时误装入相邻年度的盒中。", handling="全室清查后在同柜相邻盒内找到,已归位并重贴标签。",
        decision="归位,今后双人复核装盒。",
    ),
    "damaged": Findings(
        cause="空调滴水,柜内受潮。", handling="晾干并逐页扫描,更换防潮袋。", decision="保留原件,以扫描件备用。",
        replacement="扫描件已存档",
    ),
    "pages": Findings(
        cause="借用人复印时漏装。", handling="借用人已补还两页。", decision="提醒借用人,借出时当面点页。",
    ),
    "lost": Findings(
        cause="借用人外出办事时遗失复印件。", handling="联系出租车公司未果,原件仍在档案室。",
        decision="书面检讨,复印件编号作废。", replacement="重新复印并编号",
    ),
}  # fmt: skip
OLDEST = "state = 'in_archive' AND NOT confidential AND department_id = ? ORDER BY id LIMIT 1"


def archive_checks(today: date) -> Iterator[Story]:
    first, second = halves(today)
    yield _checked(worked_before(first - timedelta(days=11)), FIRST, is_settled=True)
    yield _checked(worked_before(second - timedelta(days=12)), SECOND, is_settled=False)
    yield _being_checked(worked_before(today - timedelta(days=3)))
    yield from _incidents(today)


def _begin(user: str, token: str) -> Case:
    return take(user, contents.create(CHECK, person(user), check_content(), token), "begin")


def _well(line: Line) -> Result:
    """There, and protected as the register says."""
    return Result("present", fire_proof=line.says_fire, damp_proof=line.says_damp)


def _troubled(lines: list[Line], told: dict[int, Result]) -> dict[int, Result]:
    """What was found at which place of the list, nothing that other stories tell of; and one in a cabinet with a broken lock."""
    usual = [each for each in lines if each.title not in TITLES.values() and each.expected == "here"]
    guarded = [each for each in usual if each.says_fire and each not in [usual[n] for n in told]]
    return {usual[n].contract: result for n, result in told.items()} | {guarded[-1].contract: UNLOCKED}


def _checked(day: date, told: dict[int, Result], is_settled: bool) -> Story:
    """Shelf by shelf, in four days; then what is missing or damaged is looked into."""
    at = partial(at_work, day)
    yield at(15, 0)
    case = _begin(ARCHIVIST, f"demo-check-{day}")
    lines = list(every_line(case.id))
    found = {each.contract: _well(each) for each in lines if each.expected == "here"} | _troubled(lines, told)
    for n in range(4):
        yield at_work(worked(day + timedelta(days=n)), 16, 10)
        some = list(found.items())[n * len(found) // 4 : (n + 1) * len(found) // 4]
        write_down_list(person((ARCHIVIST, OTHER_ARCHIVIST)[n % 2]), case.id, dict(some))
    last = worked(day + timedelta(days=4))
    yield at_work(last, 16, 20)
    _the_rest(case)
    case = take(ARCHIVIST, case, "open_incidents")
    _dealt_with(case)
    yield at_work(last, 16, 45)
    take(ARCHIVIST, case, "close")
    yield from _settled(case, last, is_settled)


def _the_rest(case: Case) -> None:
    """What was on loan when the list was frozen: still out, or on its shelf again."""
    confirm_lent(person(ARCHIVIST), case.id)
    for line in every_line(case.id, "left"):
        scan(person(ARCHIVIST), case.id, line.number, line.says_fire, line.says_damp)


def _dealt_with(case: Case) -> None:
    """The first stays where it was found, the next went back to its place; what else differs was still so at the end."""
    for line, how in zip(differing(case.id), ("taken_over", "put_back"), strict=False):
        settle(person(ARCHIVIST), case.id, how, line.seen_as, line.id)


def _settled(case: Case, day: date, is_settled: bool) -> Story:
    """All incidents are closed, or the first waits for the head."""
    found = [line.incident_id for line in CheckLine.where("case_id = ? AND incident_id IS NOT NULL ORDER BY id", case.id)]
    for n, key in enumerate(found):
        yield at_work(worked(day + timedelta(days=6 + n)), 15, 20)
        incident = _looked_into(key)
        if is_settled or n:
            yield at_work(worked(day + timedelta(days=8 + n)), 17, 5)
            decide(incident, "close")


def _looked_into(key: int) -> Case:
    return take(OTHER_ARCHIVIST, Case.get_by_id(key), "hand_in", given=SETTLED[Incident.get_by_id(key).kind])


def _being_checked(day: date) -> Story:
    """Begun, and not far yet."""
    yield at_work(day, 15, 10)
    case = _begin(OTHER_ARCHIVIST, "demo-check-now")
    lines = list(every_line(case.id))
    yield at_work(day, 16, 30)
    for line in lines[:24]:
        if line.expected == "here":
            scan(person(OTHER_ARCHIVIST), case.id, line.number, line.says_fire, line.says_damp)
    scan(person(OTHER_ARCHIVIST), case.id, "2019-CG-9999")
    write_down_list(person(OTHER_ARCHIVIST), case.id, _troubled(lines[24:], NOW))


# ---- what else was lost or damaged ----------------------------------------------------------------------------------


def _incidents(today: date) -> Iterator[Story]:
    """What loans brought to light is closed; what was found lately is looked into."""
    for plot, ago in (("lost", 112), ("pages", 88), ("damaged", 60)):
        yield _after_loan(plot, worked(today - timedelta(days=ago)))
    yield _found(worked_before(today - timedelta(days=2)))
    yield _lost_for_good(worked(today - timedelta(days=50)))


def _after_loan(kind: str, day: date) -> Story:
    yield at_work(day, 15, 35)
    sql = "kind = ? AND source_id IN (SELECT id FROM cases WHERE kind = 'loan') ORDER BY case_id"
    incident = _looked_into(Incident.where(sql, kind)[0].get_id())
    yield at_work(worked(day + timedelta(days=2)), 17, 10)
    incident = decide(incident, "return", "请补充是否已提醒借用人。")
    yield at_work(worked(day + timedelta(days=3)), 15, 35)
    incident = _looked_into(incident.id)
    yield at_work(worked(day + timedelta(days=4)), 17, 10)
    decide(incident, "close")


def _found(day: date) -> Story:
    yield at_work(day, 15, 50)
    content = incident_content(contract("store"), "damaged", unit("办公室"), "取用时发现附图两页撕裂。")
    submit(INCIDENT, person(ARCHIVIST), content, "demo-incident-found")


def _lost_for_good(day: date) -> Story:
    """An old contract is not found again: it is withdrawn when the head closes the incident."""
    yield at_work(day, 15, 55)
    lost = Contract.where(
        "state = 'in_archive' AND NOT confidential AND department_id = ? ORDER BY id LIMIT 1", unit("设计部").id
    )
    content = incident_content(lost[0], "lost", unit("办公室"), "搬迁档案柜后未见。")
    case = submit(INCIDENT, person(ARCHIVIST), content, "demo-incident-lost")
    yield at_work(worked(day + timedelta(days=5)), 15, 25)
    findings = Findings(
        "搬迁时混入报废资料。",
        "清查全室及报废清单,未找到。",
        person("bailu"),
        "调离装箱岗位,合同以扫描件代替。",
        "扫描件",
        "gone",
    )
    case = take(ARCHIVIST, case, "hand_in", given=findings)
    yield at_work(worked(day + timedelta(days=6)), 17, 15)
    decide(case, "close")
