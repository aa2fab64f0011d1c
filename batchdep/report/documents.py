"""Report documents of a batch: the one place that knows which module makes which kind."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from batchdep.report.forms import ReportForm
from batchdep.report.status import BatchStatus


def render(form: ReportForm, status: BatchStatus, made: datetime | None = None) -> Iterator[str]:
    """The document as pieces of text, the last one ending in a line end; ``made`` is the time that it says it was made.

    Datasets are asked for one after the other while the pieces are, by some kinds of documents more than once.
    """
    moment = made or datetime.now(UTC)
    match form:
        case ReportForm.CSV:
            from batchdep.report.as_csv import csv_report

            return csv_report(status)
        case ReportForm.JSON:
            from batchdep.report.as_json import json_report

            return json_report(status, moment)
        case ReportForm.MARKDOWN:
            from batchdep.report.as_markdown import markdown_report

            return markdown_report(status, moment)
        case ReportForm.HTML:
            from batchdep.report.as_html import html_report

            return html_report(status, moment)
        case ReportForm.DATACITE:
            from batchdep.report.as_datacite import datacite_report

            return datacite_report(status)
        case ReportForm.JSONLD:
            from batchdep.report.as_jsonld import jsonld_report

            return jsonld_report(status)
        case ReportForm.RO_CRATE:
            from batchdep.report.as_ro_crate import ro_crate_report

            return ro_crate_report(status, moment)
        case ReportForm.BIBTEX:
            from batchdep.report.as_bibtex import bibtex_report

            return bibtex_report(status)
        case ReportForm.CFF:
            from batchdep.report.as_cff import cff_report

            return cff_report(status)
