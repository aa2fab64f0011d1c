"""Rows that show how a table is filled in; the file that they are written to is never read as a batch."""

from __future__ import annotations

from datetime import date

_WHO = "Curie, Marie | Sorbonne | 0000-0002-1825-0097"


def example_rows(today: date) -> list[tuple[str, dict[str, str]]]:
    """Pairs of what a row shows, and its cells by column."""
    return [
        (
            "Open data, paid for by a grant of the European Commission",
            {
                "id": "roses-2018",
                "files": "roses-2018/data/*.csv\nroses-2018/README.md",
                "title": "Scent of garden roses, measured in 2018",
                "description": "Volatile compounds of 32 rose cultivars, by gas chromatography."
                " Columns are explained in README.md.",
                "upload_type": "dataset",
                "creators": f"{_WHO}\nRoy, Asha | Sorbonne",
                "license": "cc-by-4.0",
                "access_right": "open",
                "publication_date": f"{today.year}",
                "keywords": "roses; scent; gas chromatography",
                "grants": "654241",
                "language": "eng",
                "version": "1.10",
            },
        ),
        (
            "Under embargo until a day, and citing the dataset above",
            {
                "id": "roses-2019",
                "files": "roses-2019/**",
                "title": "Scent of garden roses, measured in 2019",
                "description": "The same cultivars, a year later.",
                "upload_type": "dataset",
                "creators": _WHO,
                "access_right": "embargoed",
                "embargo_date": f"{today.year + 2}-01-31",
                "related_identifiers": "cites {doi:roses-2018}\nisSupplementTo 10.1234/article",
            },
        ),
        (
            "Restricted: everybody sees the record, nobody the files without asking",
            {
                "id": "rose-growers",
                "files": "growers/answers.csv",
                "title": "Answers of rose growers, 2018",
                "description": "Whom to ask for access, and what for: researchers may write to the first author.",
                "upload_type": "dataset",
                "creators": _WHO,
                "access_right": "restricted",
            },
        ),
        (
            "A folder as one zip, with a grant of another funder (sheet Lists has all)",
            {
                "id": "rose-images",
                "files": "images/ > images.zip",
                "title": "Photographs of garden roses",
                "description": "One photograph of each cultivar, named by it.",
                "upload_type": "image",
                "image_type": "photo",
                "creators": _WHO,
                "license": "cc0-1.0",
                "grants": "NSF::1265383",
            },
        ),
        (
            "Described already by a metadata file beside its files; its title is replaced",
            {
                "id": "rose-model",
                "files": "model/**",
                "title": "A model of the scent of roses",
                "metadata": "auto",
            },
        ),
    ]
