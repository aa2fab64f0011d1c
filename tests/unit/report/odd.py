"""Metadata of any shape: what no person would write and a server might answer."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from batchdep.report.status import DatasetStatus
from tests.support.replacing import replace
from tests.unit.report.samples import EVIL, FILE, METADATA, PUBLISHED

HOSTILE = (
    EVIL,
    "</script><script>alert(1)</script>",
    "\\input{/etc/passwd} $x_1^2$ 100% & #3 ~{unbalanced",
    "}\n@comment{",
    "\u202etxt.exe\x00\x1b[31m\ud800",
    "key: [yaml, {a: *b}] # no\n- !!python/object:os.system",
    " and ",
    "",
)
texts = st.one_of(st.sampled_from(HOSTILE), st.text(max_size=20))
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
people = st.lists(
    st.fixed_dictionaries(
        {"name": st.one_of(st.just("Curie, Marie"), texts)},
        optional={
            "affiliation": values,
            "orcid": st.one_of(st.just("0000-0002-1825-0097"), values),
            "gnd": values,
            "type": values,
        },
    ),
    max_size=3,
)
related = st.lists(
    st.fixed_dictionaries(
        {
            "identifier": st.one_of(st.sampled_from(["10.1234/x", "https://a.org/{b} c", "arXiv:2101.00001"]), texts),
            "relation": st.sampled_from(
                ["cites", "isDerivedFrom", "isPartOf", "isIdenticalTo", "no such", "isCitedBy"]
            ),
        },
        optional={"scheme": values, "resource_type": values},
    ),
    max_size=3,
)
_SHAPED = {"creators": people, "contributors": people, "related_identifiers": related}
metadata = st.fixed_dictionaries(
    {},
    optional={
        key: st.one_of(st.just(value), _SHAPED.get(key, values), values) if key != "publication_date" else values
        for key, value in METADATA.items()
    }
    | dict.fromkeys(
        ("journal_title", "journal_pages", "notes", "references", "embargo_date", "doi", "surprise"), values
    ),
)


def _dataset(given: dict[str, Any], title: str, names: list[str], doi: str) -> DatasetStatus:
    files = [replace(FILE, name=name, size=len(name)) for name in names]
    return replace(PUBLISHED, metadata=given, title=title, files=files, doi=doi)


datasets = st.builds(
    _dataset,
    metadata,
    texts,
    st.lists(texts.filter(bool), max_size=3),
    st.sampled_from(["10.5281/zenodo.1", "10.1234/a{b}\\c<d>&%41"]),
)
