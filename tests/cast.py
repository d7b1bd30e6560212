"""The people every test knows: Ann asks, Mei approves, Sam keeps the store, Lin is finance, Bo may see nothing."""

from __future__ import annotations

from datetime import UTC, date, datetime

from portal.persons import Department, Grant, Person

DEPARTMENTS = {  # English name: Chinese name, mark
    "Marketing": ("市场部", None),
    "Finance": ("财务部", "finance"),
    "Office": ("办公室", "office"),
    "E-commerce": ("电商部", "ecommerce"),
    "IT": ("信息部", "it"),
}
PEOPLE = {  # user: English name, Chinese name, department, level, role held
    "ann": ("Ann", "安妮", "Marketing", "ordinary", None),
    "mei": ("Mei", "梅", "Office", "back_office", "gm"),
    "sam": ("Sam", "山姆", "Office", "back_office", "office_clerk"),
    "lin": ("Lin", "林", "Finance", "back_office", "chief_accountant"),
    "cai": ("Cai", "蔡", "Finance", "back_office", "cashier"),
    "hao": ("Hao", "郝", "Marketing", "back_office", "dept_manager"),
    "bo": ("Bo", "波", "IT", "ordinary", None),
}
OF_A_DEPARTMENT = {"dept_manager"}
LONG_AGO = date(2020, 1, 1)
NEVER_OLD = datetime(2100, 1, 1, tzinfo=UTC)  # a password set so late is never past its age


class Cast:
    """`cast.ann` is the person Ann and `cast.department("Office")` her neighbours', read afresh each time."""

    ann: Person
    mei: Person
    sam: Person
    lin: Person
    cai: Person
    hao: Person
    bo: Person

    def __getattr__(self, user: str) -> Person:
        if user not in PEOPLE:
            raise AttributeError(user)
        return Person.get(Person.user == user)

    def department(self, name_en: str) -> Department:
        return Department.get(Department.name_en == name_en)

    @property
    def branch(self) -> Department:
        return self.department("Head office")


def write_cast() -> None:
    branch = Department.create(name="总部", name_en="Head office", kind="branch")
    for name_en, (name, mark) in DEPARTMENTS.items():
        Department.create(name=name, name_en=name_en, parent=branch, mark=mark)
    for user, (name_en, name, department_en, level, role) in PEOPLE.items():
        department = Department.get(Department.name_en == department_en)
        person = Person.create(
            user=user, name=name, name_en=name_en, department=department, level=level, password_set_at=NEVER_OLD
        )
        if role:
            scope = department if role in OF_A_DEPARTMENT else None
            Grant.create(person=person, role=role, department=scope, starts=LONG_AGO, reason="the cast")
