"""Who works at the demo company 云杉: its departments, its people, and the roles they hold."""

from __future__ import annotations

from dataclasses import dataclass

PASSWORD = "Spruce-2468"  # noqa: S105  one for all, printed at every start: only the demo company has it


@dataclass(frozen=True)
class Unit:
    """A branch or department; `parent` and `mark` are as in the tree of departments."""

    name: str
    name_en: str
    kind: str = "department"
    parent: str = "总部"
    mark: str | None = None


@dataclass(frozen=True)
class Employee:
    """`roles` are keys of the rulebook; those of one department carry it behind an @ (@ alone: the own one)."""

    user: str
    name: str
    name_en: str
    unit: str
    roles: str = ""
    level: str = "ordinary"

    def held(self) -> list[tuple[str, str | None]]:
        """(role, name of its department or None for the whole company)."""
        found = []
        for text in self.roles.split():
            role, at, unit = text.partition("@")
            found.append((role, (unit or self.unit) if at else None))
        return found


HEAD_OFFICE = Unit("总部", "Head office", "branch", "")
UNITS = (
    Unit("办公室", "Office", mark="office"),
    Unit("财务部", "Finance", mark="finance"),
    Unit("电子商务部", "E-commerce", mark="ecommerce"),
    Unit("设计部", "Design", mark="design"),
    Unit("仓储部", "Warehouse", mark="warehouse"),
    Unit("信息技术部", "IT", mark="it"),
    Unit("市场部", "Marketing"),
    Unit("采购部", "Purchasing"),
    Unit("客户服务部", "Customer service"),
    Unit("上海分公司", "Shanghai branch", "branch"),
    Unit("上海业务部", "Shanghai sales", parent="上海分公司"),
    Unit("广州分公司", "Guangzhou branch", "branch"),
    Unit("广州业务部", "Guangzhou sales", parent="广州分公司"),
)

BACK, ADMIN = "back_office", "db_admin"
GENERAL_MANAGER = Employee("zhoumin", "周敏", "Zhou Min", "办公室", "gm", BACK)
ADMINISTRATOR = Employee("tiantian", "田甜", "Tian Tian", "信息技术部", "it_admin", ADMIN)
EMPLOYEES = (
    GENERAL_MANAGER,
    ADMINISTRATOR,
    Employee("hanxuemei", "韩雪梅", "Han Xuemei", "办公室", "exec_in_charge@总部", BACK),
    Employee("wangli", "王丽", "Wang Li", "办公室", "dept_manager@", BACK),
    Employee("zhaoting", "赵婷", "Zhao Ting", "办公室", "dept_manager@", BACK),
    Employee("sunxiaoyan", "孙晓燕", "Sun Xiaoyan", "办公室", "office_clerk supervisor@", BACK),
    Employee("wujia", "吴佳", "Wu Jia", "办公室", "office_clerk", BACK),
    Employee("zhengfang", "郑芳", "Zheng Fang", "办公室", "contract_archivist supplies_custodian@", BACK),
    Employee("fengjing", "冯静", "Feng Jing", "办公室", "contract_archivist", BACK),
    Employee("linguodong", "林国栋", "Lin Guodong", "财务部", "chief_accountant dept_manager@", BACK),
    Employee("chenmeiling", "陈美玲", "Chen Meiling", "财务部", "chief_accountant", BACK),
    Employee("caiyu", "蔡玉", "Cai Yu", "财务部", "cashier", BACK),
    Employee("xunuo", "许诺", "Xu Nuo", "财务部", "cashier supplies_custodian@", BACK),
    Employee("shenwentao", "沈文涛", "Shen Wentao", "电子商务部", "ecom_director dept_manager@", BACK),
    Employee("tangyue", "唐悦", "Tang Yue", "电子商务部", "ecom_director", BACK),
    Employee("hechen", "何晨", "He Chen", "电子商务部", "planner", BACK),
    Employee("luoxin", "罗欣", "Luo Xin", "电子商务部", "planner", BACK),
    Employee("xieyu", "谢宇", "Xie Yu", "电子商务部", "section_specialist", BACK),
    Employee("songjiayi", "宋佳怡", "Song Jiayi", "电子商务部", "section_specialist", BACK),
    Employee("dongjie", "董洁", "Dong Jie", "电子商务部", "supervisor@ supplies_custodian@", BACK),
    Employee("majun", "马骏", "Ma Jun", "设计部", "dept_manager@", BACK),
    Employee("zhulin", "朱琳", "Zhu Lin", "设计部", "designer", BACK),
    Employee("huke", "胡可", "Hu Ke", "设计部", "designer supplies_custodian@", BACK),
    Employee("gaoyuan", "高远", "Gao Yuan", "设计部", "copywriter", BACK),
    Employee("bailu", "白露", "Bai Lu", "设计部", "copywriter", BACK),
    Employee("guoqiang", "郭强", "Guo Qiang", "仓储部", "dept_manager@", BACK),
    Employee("yeqing", "叶青", "Ye Qing", "仓储部", "warehouse", BACK),
    Employee("panwei", "潘伟", "Pan Wei", "仓储部", "warehouse supplies_custodian@", BACK),
    Employee("dengkai", "邓凯", "Deng Kai", "信息技术部", "it_head dept_manager@", BACK),
    Employee("yuanye", "袁野", "Yuan Ye", "信息技术部", "it_head supplies_custodian@", BACK),
    Employee("fangzhou", "方舟", "Fang Zhou", "信息技术部", "it_admin", ADMIN),
    Employee("suqing", "苏晴", "Su Qing", "市场部", "dept_manager@", BACK),
    Employee("jiangtao", "江涛", "Jiang Tao", "市场部", "marketing_staff sales_staff", BACK),
    Employee("dingling", "丁玲", "Ding Ling", "市场部", "marketing_staff supplies_custodian@", BACK),
    Employee("qinfeng", "秦风", "Qin Feng", "市场部", "", BACK),
    Employee("yubo", "余波", "Yu Bo", "采购部", "dept_manager@", BACK),
    Employee("xiayu", "夏雨", "Xia Yu", "采购部", "purchaser", BACK),
    Employee("shilei", "石磊", "Shi Lei", "采购部", "purchaser supplies_custodian@", BACK),
    Employee("qiaoan", "乔安", "Qiao An", "客户服务部", "dept_manager@", BACK),
    Employee("mengting", "孟婷", "Meng Ting", "客户服务部", "supplies_custodian@", BACK),
    Employee("lujianguo", "陆建国", "Lu Jianguo", "上海分公司", "exec_in_charge@", BACK),
    Employee("yaomin", "姚敏", "Yao Min", "上海业务部", "dept_manager@", BACK),
    Employee("gupan", "顾盼", "Gu Pan", "上海业务部", "supplies_custodian@ sales_staff", BACK),
    Employee("liangzhiqiang", "梁志强", "Liang Zhiqiang", "广州分公司", "exec_in_charge@", BACK),
    Employee("liming", "黎明", "Li Ming", "广州业务部", "dept_manager@", BACK),
    Employee("maizi", "麦子", "Mai Zi", "广州业务部"),
)
LEAVER = Employee("wanli", "万里", "Wan Li", "仓储部")
