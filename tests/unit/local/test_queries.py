"""The list's search language never fails."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from batchdep.local.model import new_deposition
from batchdep.local.queries import matcher

TERMS = st.sampled_from(['"', "title:", "rose", "(", ")", "OR", "NOT ", "-", "*", "id:4", ":", " ", "AND", "[1 TO 2]"])


@given(st.lists(TERMS).map("".join) | st.text())
def test_any_query_is_a_query(query: str) -> None:
    deposition = new_deposition(4, 3, "local")
    deposition.metadata = {"title": "Rose scent", "creators": [{"name": "Doe, Jane"}], "keywords": ["rosa"]}
    assert matcher(query)(deposition) in {True, False}
