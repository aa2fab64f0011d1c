from __future__ import annotations

import csv
import io
from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchdep.manifest.source_base import Document
from batchdep.manifest.source_table import column_letters, read_csv
from batchdep.manifest.source_xlsx import cell_text
from batchdep.manifest.table_cells import CellError, read_cell
from batchdep.problems import Location


def read(text: str, delimiter: str | None = None) -> Document:
    return read_csv(io.StringIO(text, newline=""), "t.csv", delimiter).whole()


def test_rows_are_datasets() -> None:
    document = read(
        "id,title,creators,files,keywords\r\n"
        'a,"Scent, of roses","Roy, Asha | Oxford | 0000-0001; Ng, Li",data/*.csv; figures/ > f.zip,rose;scent\r\n'
        ",,,,\r\n\r\n"
        '"b","two\nlines",,x.csv,\r\n'
    )
    assert document.problems == []
    assert document.value == {
        "datasets": [
            {
                "id": "a",
                "files": ["data/*.csv", {"path": "figures/", "archive": "f.zip"}],
                "metadata": {
                    "title": "Scent, of roses",
                    "creators": [
                        {"name": "Roy, Asha", "affiliation": "Oxford", "orcid": "0000-0001"},
                        {"name": "Ng, Li"},
                    ],
                    "keywords": ["rose", "scent"],
                },
            },
            {"id": "b", "files": ["x.csv"], "metadata": {"title": "two\nlines"}},
        ]
    }
    assert document.source.locate(("datasets", 1, "metadata", "title")) == Location("t.csv", 5, 2)
    assert document.source.locate(("datasets", 0, "metadata", "creators", 1, "orcid")) == Location("t.csv", 2, 3)
    assert document.source.locate(("datasets", 0, "files", 1)) == Location("t.csv", 2, 4)
    assert document.source.locate(("datasets", 0, "metadata", "license")) == Location("t.csv", 2)
    assert document.source.locate(()) == Location("t.csv", 1)


def test_european_excel_writes_semicolons() -> None:
    document = read('id;title;keywords\na;"x, y";"k1;k2"\n')
    assert document.value["datasets"][0]["metadata"] == {"title": "x, y", "keywords": ["k1", "k2"]}


def test_tabs() -> None:
    assert read("id\ttitle\na\tb, c; d\n", "\t").value["datasets"] == [{"id": "a", "metadata": {"title": "b, c; d"}}]


def test_header_problems() -> None:
    document = read("id,titel,id,,files\na,b,c,d,e,f\n")
    found = [(p.code, p.location and (p.location.line, p.location.column)) for p in document.problems]
    assert found == [("unknown_key", (1, 2)), ("duplicate_key", (1, 3)), ("no_header", (2, 4)), ("no_header", (2, 6))]
    assert "'title'" in document.problems[0].hint
    assert document.value["datasets"] == [{"id": "a", "files": ["e"], "metadata": {}}]


@pytest.mark.parametrize(
    ("text", "row", "words"),
    [
        ('id,title\na,"b\nc,d\n', 2, "row 2 (line 2)"),
        ('id,title\na,"x\ny"\nb,"b"c\n', 3, "row 3 (line 4)"),
        ("id,title\na," + "x" * 200_000 + "\n", 2, "characters"),
    ],
)
def test_quoting_errors_are_located(text: str, row: int, words: str) -> None:
    (problem,) = read(text).problems
    assert problem.code == "csv_syntax"
    assert problem.location == Location("t.csv", row)
    assert words in problem.message


def test_headers_as_people_write_them() -> None:
    document = read("ID,Access right,RELATED-IDENTIFIERS,license,Files\na,open,cites 10.1/a,mit,x\n")
    assert document.problems == []
    assert set(document.value["datasets"][0]["metadata"]) == {"access_right", "related_identifiers", "license"}
    assert document.source.locate(("datasets", 0, "metadata", "access_right")) == Location("t.csv", 2, 2)


def test_what_is_said_of_the_batch_is_no_column() -> None:
    (problem,) = read("id,target,Title\na,zenodo,b\n").problems
    assert (problem.code, "--to" in problem.hint) == ("unknown_key", True)


def test_columns_of_ones_own() -> None:
    document = read("id,# done by,#checked?,# done by,title\na,Maja,yes,no,T\n")
    assert document.problems == []
    assert document.value["datasets"] == [{"id": "a", "metadata": {"title": "T"}}]
    (problem,) = read("id,done by\na,Maja\n").problems
    assert problem.hint.endswith("For a column of your own, which is not read, write '# done by'.")


def test_a_column_for_the_metadata_file() -> None:
    document = read("title,id,metadata\n,a,auto\nT,b,x/.zenodo.json\nT,c,\n")
    assert [dataset["metadata"] for dataset in document.value["datasets"]] == [
        {"from": "auto"}, {"title": "T", "from": "x/.zenodo.json"}, {"title": "T"},
    ]  # fmt: skip
    assert document.source.locate(("datasets", 1, "metadata", "from")) == Location("t.csv", 3, 3)
    assert document.source.locate(("datasets", 1, "metadata", "title")) == Location("t.csv", 3, 1)
    assert document.source.locate(("datasets", 1, "metadata")) == Location("t.csv", 3)


def test_nothing_but_a_header() -> None:
    assert read("id,title\n").value == {"datasets": []}
    assert read("").value is None
    assert read("\n\n").value is None


def test_cells_by_column() -> None:
    assert read_cell("related_identifiers", "cites 10.1/a; isPartOf https://x.org/y dataset") == [
        {"relation": "cites", "identifier": "10.1/a"},
        {"relation": "isPartOf", "identifier": "https://x.org/y", "resource_type": "dataset"},
    ]
    assert read_cell("contributors", "Li, Bo | | | Editor") == [{"name": "Li, Bo", "type": "Editor"}]
    assert read_cell("grants", "10.13039/501100000780::654241;283595") == [
        {"id": "10.13039/501100000780::654241"},
        {"id": "283595"},
    ]
    assert read_cell("communities", "rose; fair") == [{"identifier": "rose"}, {"identifier": "fair"}]
    assert read_cell("locations", "Wytham | 51.77 | -1.33") == [{"place": "Wytham", "lat": "51.77", "lon": "-1.33"}]
    assert read_cell("dates", "2018-01-01 | 2018-02-01 | Collected") == [
        {"start": "2018-01-01", "end": "2018-02-01", "type": "Collected"}
    ]
    assert read_cell("title", "a; b | c") == "a; b | c"
    assert read_cell("files", "a > b.csv") == ["a > b.csv"]
    assert read_cell("creators", "Li, Bo | Oxford\r\n Roy, Asha;\n") == [
        {"name": "Li, Bo", "affiliation": "Oxford"},
        {"name": "Roy, Asha"},
    ]
    assert read_cell("description", "two;\nlines") == "two;\nlines"


@pytest.mark.parametrize(("column", "text"), [("related_identifiers", "10.1/a"), ("creators", "a|b|c|d")])
def test_cells_of_the_wrong_form(column: str, text: str) -> None:
    with pytest.raises(CellError):
        read_cell(column, text)
    (problem,) = read(f"id,{column}\nx,{text}\n").problems
    assert (problem.code, problem.location) == ("cell_form", Location("t.csv", 2, 2))


def test_what_a_person_sees_in_a_spreadsheet() -> None:
    shown: list[tuple[object, str]] = [
        (2018.0, "2018"), (2018, "2018"), (0.1, "0.1"), (51.7500001, "51.7500001"), (True, "true"), (None, ""),
        (datetime(2018, 7, 1), "2018-07-01"), (datetime(2018, 7, 1, 12, 30), "2018-07-01T12:30:00"),
        (date(2018, 7, 1), "2018-07-01"), (time(12, 30), "12:30:00"), (timedelta(hours=1), "1:00:00"), (" x ", " x "),
    ]  # fmt: skip
    assert [cell_text(value) for value, _ in shown] == [text for _, text in shown]
    formatted: list[tuple[object, str, str]] = [
        (1.1, "0.00", "1.10"), (7, "000", "007"), (7.0, "000", "007"), (-1.5, "00.00", "-1.50"), (1.5, "#,##0", "1.5"),
        (datetime(2018, 7, 1), "yyyy", "2018"), (datetime(2018, 7, 1), "mmm\\-yy", "2018-07"),
        (datetime(2018, 7, 1), '[$-409]mmm" d. "yy;@', "2018-07"), (datetime(2018, 7, 1), "d.m.yyyy", "2018-07-01"),
        (datetime(2018, 7, 1), "mm-dd-yy", "2018-07-01"), (datetime(2018, 7, 1), "General", "2018-07-01"),
        (float("inf"), "0.0", "inf"), (1, "0" * 100_000, "1"),
    ]  # fmt: skip
    assert [cell_text(value, form) for value, form, _ in formatted] == [text for *_, text in formatted]


def test_column_letters() -> None:
    assert [column_letters(n) for n in (1, 26, 27, 52, 703)] == ["A", "Z", "AA", "AZ", "AAA"]


cells = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=10).map(str.strip)


@given(st.lists(st.tuples(cells, cells), max_size=6), st.sampled_from(",;\t"))
def test_round_trip(rows: list[tuple[str, str]], delimiter: str) -> None:
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=delimiter, quoting=csv.QUOTE_ALL)
    writer.writerows([("title", "notes"), *rows])
    document = read(buffer.getvalue(), "\t" if delimiter == "\t" else None)
    kept = [(number, row) for number, row in enumerate(rows, start=2) if any(row)]
    assert document.problems == []
    assert [d["metadata"] for d in document.value["datasets"]] == [
        {key: cell for key, cell in zip(("title", "notes"), row, strict=True) if cell} for _, row in kept
    ]
    assert [document.source.locate(("datasets", i)).line for i in range(len(kept))] == [number for number, _ in kept]


@given(st.text(max_size=200) | st.text('id,title;"\n\r\t x', max_size=60))
def test_any_text_is_read_or_reported(text: str) -> None:
    document = read(text)
    document.source.locate(("datasets", 0, "metadata", "title"))
    assert all(problem.message for problem in document.problems)
