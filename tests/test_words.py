"""Messages keep their values and types until somebody reads them."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.money import Money
from portal.words import Name, Words, _, _n, data_from_json, data_to_json, from_json, to_json

pytestmark = pytest.mark.no_database

values = st.one_of(
    st.text(),
    st.integers(-(2**53), 2**53),
    st.none(),
    st.builds(Money, st.integers(-(10**12), 10**12)),
    st.dates(),
    st.datetimes(timezones=st.just(UTC)),
    st.builds(Name, st.text(), st.text()),
)
sentences = st.builds(Words, st.text(), st.dictionaries(st.sampled_from(["a", "b", "c"]), values))


def test_a_message_reads_as_a_sentence_with_its_values():
    said = _("Only %(left)s is left on %(line)s.", left=Money(5050), line="Travel")

    assert str(said) == "Only 50.50 is left on Travel."


@pytest.mark.parametrize(("n", "text"), [(1, "1 line"), (0, "0 lines"), (7, "7 lines")])
def test_a_number_chooses_between_two_sentences(n, text):
    assert str(_n("%(n)s line", "%(n)s lines", n)) == text


def test_a_percent_sign_without_values_is_only_a_sign():
    assert str(_("100 %")) == "100 %"


@given(st.builds(Words, st.text(), st.dictionaries(st.sampled_from(["what", "who"]), st.one_of(values, sentences))))
def test_a_message_comes_back_from_json_as_it_was(words):
    back = from_json(to_json(words))

    assert back == words
    assert [type(value) for value in back.values.values()] == [type(words.values[name]) for name in back.values]


def test_values_keep_their_types():
    moment = datetime(2026, 3, 2, 1, tzinfo=UTC)
    words = _n("%(n)s line", "%(n)s lines", 2, money=Money(5), moment=moment, day=date(2026, 3, 2), inside=_("Home"))

    assert from_json(to_json(words)) == words


@given(st.dictionaries(st.sampled_from(["x", "y", "z"]), st.one_of(values, st.lists(values), sentences)))
def test_data_of_an_event_comes_back_as_it_was(data):
    assert data_from_json(data_to_json(data)) == data


def test_what_a_message_cannot_keep_is_a_programmers_mistake():
    with pytest.raises(TypeError, match=r"cannot keep 1\.5"):
        to_json(_("Half", half=1.5))
