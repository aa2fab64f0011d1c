"""A report as one HTML page: nothing is fetched, no script runs, and it prints well."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from html import escape
from typing import Final

from batchdep import __version__
from batchdep.report.status import BatchStatus, DatasetStatus, utc_text

_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"

_STYLE: Final = """
:root { color-scheme: light dark; --line: #8884; --soft: #8881; --good: #1a7f37; --bad: #c62828; --note: #0b6bcb; }
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 75rem; padding: 0 1rem; }
h1 { font-size: 1.5rem; margin: 0; }
p.about { margin: .25rem 0 1.5rem; opacity: .75; }
ul.counts { display: flex; flex-wrap: wrap; gap: .5rem; list-style: none; margin: 0 0 1.5rem; padding: 0; }
ul.counts li { background: var(--soft); border-radius: .4rem; padding: .3rem .8rem; }
ul.counts b { font-size: 1.2rem; }
table { border-collapse: collapse; width: 100%; }
th, td { border-bottom: 1px solid var(--line); padding: .45rem .6rem; text-align: left; vertical-align: top; }
th { font-weight: 600; }
td { overflow-wrap: anywhere; }
td.number, th.number { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
.state { font-weight: 600; white-space: nowrap; }
.published { color: var(--good); } .failed { color: var(--bad); } .draft { color: var(--note); }
.error { border-left: 3px solid var(--bad); margin: .3rem 0 0; padding-left: .6rem; }
.warning { opacity: .8; }
details { margin-top: .3rem; } details table { font-size: .85rem; } code { font-size: .85em; }
@media print { body { margin: 0; max-width: none; font-size: 10pt; } tr { break-inside: avoid; } a { color: inherit; } }
"""

_FOOT: Final = """</tbody>
</table>
</body>
</html>
"""


def html_report(status: BatchStatus, made: datetime) -> Iterator[str]:
    """The page: counts, and a table with one row a dataset, its files folded in it."""
    yield _head(status, made)
    for dataset in status.datasets:
        yield f"{_row(dataset)}\n"
    if not status.datasets:
        yield "\n"
    yield _FOOT


def _head(status: BatchStatus, made: datetime) -> str:
    title = f"{_text(status.batch)}: deposits"
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{_POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>{title}</title>
<style>{_STYLE}</style>
</head>
<body>
<h1>{_text(status.batch)}</h1>
<p class="about">{_text(status.target)}, {utc_text(made)}, batchdep {__version__}</p>
<ul class="counts">{_counts(status)}</ul>
<table>
<thead><tr><th>Dataset</th><th>State</th><th>DOI</th>
<th class="number">Files</th><th class="number">Size</th></tr></thead>
<tbody>
"""


def _counts(status: BatchStatus) -> str:
    size = status.bytes()
    items = [f"<li><b>{number:,}</b> {state}</li>" for state, number in status.counts().items() if number]
    items.append(f"<li><b>{_size(size['uploaded'])}</b> of {_size(size['total'])} uploaded</li>")
    return "".join(items)


def _row(dataset: DatasetStatus) -> str:
    size = sum(file.size for file in dataset.files)
    return (
        f"<tr><td><b>{_text(dataset.id)}</b><br>{_text(dataset.title)}{_trouble(dataset)}{_files(dataset)}</td>"
        f'<td class="state {dataset.state}">{dataset.state}</td><td>{_doi(dataset)}</td>'
        f'<td class="number">{len(dataset.files):,}</td><td class="number">{_size(size)}</td></tr>'
    )


def _doi(dataset: DatasetStatus) -> str:
    label = _text(dataset.doi) if dataset.doi else ""
    if not label and dataset.reserved_doi:
        label = f"{_text(dataset.reserved_doi)} (reserved)"
    if dataset.url and dataset.url.startswith(("https://", "http://")):
        return f'<a href="{_text(dataset.url)}" rel="noreferrer">{label or "record"}</a>'
    return label


def _trouble(dataset: DatasetStatus) -> str:
    parts = [f'<div class="warning">{_text(warning)}</div>' for warning in dataset.warnings]
    if dataset.error is not None:
        parts.insert(0, f'<div class="error">{_text(dataset.error.message)}<br>{_text(dataset.error.hint)}</div>')
    return "".join(parts)


def _files(dataset: DatasetStatus) -> str:
    if not dataset.files:
        return ""
    rows = "".join(
        f'<tr><td>{_text(file.name)}</td><td class="number">{_size(file.size)}</td>'
        f"<td><code>{_text(file.md5 or '')}</code></td><td>{file.state}</td></tr>"
        for file in dataset.files
    )
    return (
        "<details><summary>files</summary><table><thead><tr><th>Name</th>"
        f'<th class="number">Size</th><th>MD5</th><th>State</th></tr></thead><tbody>{rows}</tbody></table></details>'
    )


def _size(count: int) -> str:
    amount = float(count)
    units: Iterable[str] = ("B", "kB", "MB", "GB", "TB")
    for unit in units:
        if amount < 1000 or unit == "TB":
            break
        amount /= 1000
    return f"{count:,} B" if unit == "B" else f"{amount:.1f} {unit}"


def _text(text: str) -> str:
    return escape(text, quote=True)
