from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.writeback.helpers import ENTRY, deposited, written

READ = {key: str(value) for key, value in ENTRY.items()}
KEYS = ["deposited.deposition_id", "deposited.doi", "deposited.url", "deposited.state"]


def test_columns_come_last_and_all_else_stays() -> None:
    old = 'id,title,files\r\na,"T, ""x""\nof two lines",a.csv\r\n\r\nb,U\r\n'
    new = written("b.csv", old, 0)
    header = "id,title,files," + ",".join(KEYS)
    row = 'a,"T, ""x""\nof two lines",a.csv,' + ",".join(READ.values())
    assert new == f"{header}\r\n{row}\r\n\r\nb,U,,,,,\r\n"
    assert deposited("b.csv", new) == [READ, None]


def test_separators_and_quotation_marks_stay() -> None:
    new = written("b.csv", '"id";"files"\n"a";"x"', 0)
    assert new.splitlines()[0] == '"id";"files";' + ";".join(f'"{key}"' for key in KEYS)
    assert new.splitlines()[1] == '"a";"x";' + ";".join(f'"{value}"' for value in READ.values())
    assert not new.endswith("\n")
    assert written("b.tsv", "id\tfiles\na\tx,y\n", 0).splitlines()[1] == "a\tx,y\t" + "\t".join(READ.values())


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_encodings_stay(encoding: str) -> None:
    new = written("b.csv", "id,title\na,Düfte\n", 0, encoding=encoding)
    assert new.splitlines()[1] == "a,Düfte," + ",".join(READ.values())


def test_what_is_there_is_replaced_where_it_stands() -> None:
    old = 'deposited.doi,id,Deposited.State, deposited.url\n"x",a,  draft, y\n,b\n'
    assert written("b.csv", old, 0, 1, entry={"state": "published", "doi": "10.1/a,b"}) == (
        'deposited.doi,id,Deposited.State, deposited.url\n"10.1/a,b",a,published, y\n"10.1/a,b",b,published\n'
    )
    assert written("b.csv", old, 0, entry={"doi": None}).splitlines()[1] == '"",a,  draft, y'


def test_lacking_columns_come_after_all_that_is_there() -> None:
    old = "id,deposited.doi,,\na,,,,\n"
    new = written("b.csv", old, 0)
    assert new.splitlines()[0] == "id,deposited.doi,,,,deposited.deposition_id,deposited.url,deposited.state"
    assert deposited("b.csv", new) == [READ]


def test_rows_above_the_header_stay() -> None:
    old = "\n,,\nid,files\n,\na,x\n"
    new = written("b.csv", old, 0)
    assert new.splitlines()[:2] == ["", ",,"]
    assert new.splitlines()[3] == ","
    assert deposited("b.csv", new) == [READ]


CELL = st.text(st.sampled_from("ab \",;\t\n|ü'#"), max_size=6)
QUOTING = st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC])


@settings(max_examples=200, deadline=None)
@given(
    rows=st.lists(st.tuples(CELL, CELL), min_size=1, max_size=4),
    name_and_delimiter=st.sampled_from([("b.csv", ","), ("b.csv", ";"), ("b.tsv", "\t")]),
    quoting=QUOTING,
    end=st.sampled_from(["\n", "\r\n"]),
)
def test_every_cell_stays(
    rows: list[tuple[str, str]], name_and_delimiter: tuple[str, str], quoting: int, end: str
) -> None:
    name, delimiter = name_and_delimiter
    table = [("id", "title", "notes"), *((f"d{number}", *cells) for number, cells in enumerate(rows))]
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter, quoting=quoting, lineterminator=end).writerows(table)  # type: ignore[arg-type]
    new = written(name, text.getvalue(), *range(len(rows)))
    read = list(csv.reader(io.StringIO(new, newline=""), delimiter=delimiter))
    added = [KEYS, *([list(READ.values())] * len(rows))]
    assert read == [[*cells, *more] for cells, more in zip(table, added, strict=True)]
    assert new.endswith(end)
