"""The template as a CSV or TSV header, and what there is to explain, for people."""

from __future__ import annotations

from batchdep.manifest.template.columns import columns
from batchdep.manifest.template.words import LISTS_OF_PARTS, WordList, word_lists

STEPS = (
    ("1. Folder", "Save this file in the folder that your data are in, or above: the paths in `files` start there."),
    ("2. Settings", "On the sheet Settings say what holds for all datasets: licence, creators, ... Leave target: local"
     " and publish: no for now."),
    ("3. Datasets", "On the sheet Datasets fill in a row for each dataset. Only dark headers are always needed; select"
     " a cell to see what belongs there. The sheet Examples shows rows that you may copy; other sheets are not read."
     " Columns of your own may be added: begin their headers with #."),
    ("Lists in a cell", "Several creators, files, keywords, ... go into one cell: one a line (Alt+Enter; in LibreOffice"
     " Ctrl+Enter), or separated by ;. The parts of one are separated by |: Curie, Marie | Sorbonne |"
     " 0000-0002-1825-0097. A part that you do not know stays empty."),
    ("Grants", "A grant of the European Commission is its number alone: 654241. For others write the funder's short"
     " name or DOI, two colons and the number: NSF::1265383. The sheet Lists has the funders."),
    ("Embargo", "access_right embargoed, and in embargo_date the day on which the files become open."),
    ("Restricted", "access_right restricted: everybody sees the record, the files are given on request. Say in the"
     " description who may ask whom."),
    ("Citing each other", "cites {{doi:ID}} in related_identifiers stands for the DOI that the dataset ID of this"
     " table will get. Other relations are on the sheet Lists; other works are named by their DOI or address."),
    ("4. Check", "Save as .xlsx, then run in a terminal: batchdep check {file}\nIt names everything that is wrong with"
     " its cell, and sends nothing."),
    ("5. Try it out", "batchdep submit {file} --to local\ndeposits in a repository on this computer. No account is"
     " needed, and nothing leaves it."),
    ("6. Deposit", "batchdep submit {file} --to sandbox\nmakes test records on sandbox.zenodo.org, --to zenodo the real"
     " ones; each asks for a token of your account. With publish: no (or --draft) you get drafts to look at, and"
     " `batchdep publish {file}` publishes them. If anything breaks in between, run the same command again."),
)  # fmt: skip
"""What to do, step by step: titles and texts; ``{file}`` is the workbook's name."""

_MARK = "\ufeff"
"""By it Excel knows that a CSV file is UTF-8, and saves it as such again."""


def table_header(separator: str) -> str:
    """The first row of a table, with a column for each key that there is; rows that are not needed may be left out."""
    return f"{_MARK}{separator.join(column.name for column in columns())}\n"


_MANY = 40
"""Words of a list, of which only the first few are shown."""


def words_of(name: str) -> str:
    """The words of a column, or of the parts of its cells, for people; only where to look where there are many."""
    lists = word_lists()
    known = [lists[each] for each in LISTS_OF_PARTS.get(name, (name,)) if each in lists]
    return "\n".join(f"{each.name}: {_all(each)}" if each.name != name else _all(each) for each in known)


def _all(words: WordList) -> str:
    if words.is_open or len(words.words) > _MANY:
        return f"{', '.join(words.words[:6])}, ... (sheet Lists)"
    if words.meanings:
        return ", ".join(f"{word} {meaning}" for word, meaning in zip(words.words, words.meanings, strict=True))
    return ", ".join(words.words)


def columns_explained() -> str:
    """Every column of a table, in Markdown."""
    lines = [
        "# The columns of a table",
        "",
        "A row is a dataset, a column a key. Columns that you do not need may be left out, but for those that are"
        " needed always. A column whose header begins with # is your own, and not read. Several items in a cell are"
        " separated by ; or a line break, the parts of an item by |.",
        "",
    ]
    for column in columns():
        lines += [f"## {column.name}", "", column.what]
        lines += [f"- needed {column.need}"] if column.need else []
        lines += [f"- form: `{column.form}`"] if column.form else []
        lines += [f"- example: `{item}`" for item in column.example.splitlines()]
        lines += [f"- {line}" for line in words_of(column.name).replace(" (sheet Lists)", "").splitlines()]
        lines.append("")
    return "\n".join(lines)
