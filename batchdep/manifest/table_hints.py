"""Hints for those who write a table: the form of a cell where a hint shows how YAML has it."""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from batchdep.manifest.source_table import TableSource
from batchdep.manifest.table_cells import FORMS
from batchdep.problems import Problem, Source
from batchdep.regexes import regex

_COLUMN: Final = regex(r"metadata\.(\w+)")
_YAML: Final = regex(r"[\[{].*[\]}]")
_ARCHIVE: Final = regex(r"\{path: ([^,}]+?)/?, archive: ([^,}]+)\}")
_RENAMED: Final = "Give one another name: {path: ..., name: ...}."
_NO_ROW: Final = "Fill in a row for each dataset, below the header."
_NO_DRAFTS: Final = "Write no to get drafts to review, or yes to publish."
_NOT_RENAMED: Final = "Rename one of them: only YAML and JSON can give a file another name."


def hinted_for(source: Source, problem: Problem) -> Problem:
    """``problem`` as it is, or with its hint in the words of a table where ``source`` is one."""
    if isinstance(source, TableSource) and problem.code == "datasets_missing":
        return replace(problem, hint=_NO_ROW)
    if isinstance(source, TableSource) and (problem.code, problem.path) == ("wrong_kind", "publish"):
        return replace(problem, message="`publish` must be yes or no", hint=_NO_DRAFTS)
    if not isinstance(source, TableSource) or not _YAML.search(problem.hint):
        return problem
    hint = _ARCHIVE.sub(r"\1/ > \2", problem.hint.replace(_RENAMED, _NOT_RENAMED))
    if _YAML.search(hint):
        found = _COLUMN.match(problem.path)
        hint = _form_of(found[1] if found else "files") or hint
    return replace(problem, hint=hint)


def _form_of(column: str) -> str:
    form = FORMS.get(column)
    if form is None:
        return ""
    return f"Write into the column {column}: {form}{'' if ';' in form else ' (several are separated by ;)'}"
