"""What the archive's tables refuse, whoever writes past the rules."""

from datetime import date

import peewee
import pytest

from portal import contents
from portal.contracts.models import ContractLink, Destruction, DestructionLine, Handover, Loan, SavedSearch
from portal.contracts.models_papers import handover_content
from portal.contracts.rules_custody import HANDOVER
from portal.contracts.rules_finding import keep_search
from portal.contracts.rules_links import link
from portal.contracts.rules_retention import DESTRUCTION, destruction_content
from tests import archive, lending, posts


def refuses(write):
    with pytest.raises(peewee.IntegrityError):
        write.execute()


def test_con_11_a_copy_number_is_given_once_and_what_is_lent_is_due(cast):
    contract = archive.contract(cast)
    one, two = (lending.lent(cast, contract) for _each in range(2))

    refuses(Loan.update(copy_number=1).where(Loan.case == two))
    refuses(Loan.update(due_on=None).where(Loan.case == one))
    refuses(Loan.update(form="scan").where(Loan.case == one))


def test_con_16_a_tie_leads_to_one_other_thing_once(cast):
    wen, one, two, three = archive.archivist(cast), *(archive.contract(cast, f"Contract {n}") for n in (1, 2, 3))
    tie = link(wen, one.id, one.events, two.number)
    paper = lending.asked(cast.ann, three)

    refuses(ContractLink.update(other=one).where(ContractLink.id == tie.id))
    refuses(ContractLink.update(case=paper).where(ContractLink.id == tie.id))
    refuses(ContractLink.update(other=None).where(ContractLink.id == tie.id))
    refuses(ContractLink.insert(contract=one, other=two))
    ContractLink.insert(contract=one, case=paper).execute()
    refuses(ContractLink.insert(contract=one, case=paper))


def test_con_06_a_search_of_a_name_is_kept_once(cast):
    for name in ("Lanes", "Others"):
        keep_search(cast.bo, name, "q=x")

    refuses(SavedSearch.update(name="Lanes").where(SavedSearch.name == "Others"))


def test_con_14_nobody_hands_over_to_themselves(cast):
    wen, _one = archive.archivist(cast), archive.contract(cast)
    posts.grant(cast.sam, "contract_archivist")
    contents.create(HANDOVER, wen, handover_content(wen, cast.sam), "a hand-over of the test")

    refuses(Handover.update(incoming=wen))


def test_two_see_it_destroyed(cast):
    wen, old = archive.archivist(cast), archive.contract(cast, signed_on=date(2010, 5, 1))
    contents.create(DESTRUCTION, wen, destruction_content(old.department, [old], "Kept long enough"), "a destruction of the test")

    refuses(Destruction.update(first_witness=cast.lin, second_witness=cast.lin))
    line = DestructionLine.get()
    refuses(DestructionLine.insert(case=line.case, version=line.version, n=2, contract=old))
