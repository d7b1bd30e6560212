"""What the flows of the archive ask of a step besides its rules: a note, and the password again where somebody signs."""

import pytest

from portal import modules
from portal.flow import FLOWS

modules.load()
ARCHIVE = ("loan", "incident", "archive_check", "handover", "destruction", "intake")
STEPS = {(kind, here.name, way.name): way for kind in ARCHIVE for here in FLOWS[kind].states.values() for way in here.steps}
SIGNED = {
    ("loan", "confidential", "approve"), ("loan", "special", "approve"), ("incident", "closing", "close"),
    ("incident", "closing_by_gm", "close"), ("handover", "outgoing", "sign_out"), ("handover", "outgoing", "vouch"),
    ("handover", "incoming", "sign_in"), ("destruction", "endorsed", "approve"), ("destruction", "witnessing", "witness"),
}  # fmt: skip
NOTED = {"return", "reject", "cancel", "refuse_longer", "ask_longer", "lose", "vouch", "dismiss"}
pytestmark = pytest.mark.no_database


def test_req_15_who_signs_in_the_archive_is_asked_for_the_password_again():
    assert {key for key, way in STEPS.items() if way.confirm} == SIGNED


def test_gen_08_what_is_refused_returned_cancelled_or_lost_in_the_archive_says_why():
    assert {key for key, way in STEPS.items() if way.note} == {key for key in STEPS if key[2] in NOTED}
