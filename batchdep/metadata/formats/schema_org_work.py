"""A work of schema.org in the deposit API's words: what RO-Crate and schema.org's JSON-LD have in common.

What the repository has one field for and the file several, such as a second name, goes into ``notes``, which a note of
the reading says. A file's DOI never becomes the record's own (:func:`~.convert.put_own_identifier`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from batchdep.metadata.dates import day_of
from batchdep.metadata.formats.base import Reading, text_of
from batchdep.metadata.formats.convert import put_licence, put_term, relate, words_in
from batchdep.metadata.formats.jsonld import Node, Text
from batchdep.metadata.formats.schema_org_access import ACCESS_KEYS, put_access
from batchdep.metadata.formats.schema_org_links import KEYS as LINKS
from batchdep.metadata.formats.schema_org_links import put_funding, put_identifiers, put_related
from batchdep.metadata.formats.schema_org_people import KEYS as PEOPLE
from batchdep.metadata.formats.schema_org_people import put_people_of
from batchdep.metadata.formats.schema_org_places import PLACE_KEYS, put_places, put_times
from batchdep.metadata.formats.schema_org_types import deposit_type, is_work, resource_type
from batchdep.metadata.html import cleaned
from batchdep.metadata.identifiers import is_address, scheme_of
from batchdep.metadata.languages import language_code
from batchdep.metadata.licence_names import licence_named
from batchdep.regexes import regex

_TAKEN = frozenset(
    {
        *("name", "headline", "alternateName", "description", "abstract", "license", "keywords", "version"),
        *("softwareVersion", "datePublished", "inLanguage", "measurementTechnique", "measurementMethod", "publisher"),
        *("isbn", "pagination", "pageStart", "pageEnd", "temporalCoverage", "temporal", "expires"),
        *(*LINKS, *PEOPLE, *ACCESS_KEYS, *PLACE_KEYS),
    }
)
_TEXTS = (
    *("name", "headline", "alternateName", "description", "abstract", "version", "softwareVersion", "datePublished"),
    *("expires", "isbn", "pagination", "pageStart", "pageEnd"),
)
_DATES = ("dateCreated", "dateModified", "dateSubmitted", "sdDatePublished")
_OF_THE_FILES = frozenset(
    {
        *("distribution", "encoding", "associatedMedia", "contentUrl", "contentSize", "encodingFormat", "fileFormat"),
        *("size", "recordSet", "downloadUrl", "sha256", "hasFile", "fileSize", "image", "thumbnailUrl", "thumbnail"),
        *("spdx:checksum", "includedInDataCatalog", "conformsTo"),
    }
)
"""What describes the files, or the profile of the document itself: it says nothing about the deposition."""

_NO_TERMS = frozenset({"Person", "Organization", "Project", "ResearchProject", "Place", "Event"})
"""Types of things that a work may be about and that no vocabulary of subjects has."""

_MARKDOWN = regex(r"(?m)^ {0,3}(?:#{1,6} \S|```)|\]\((?:https?:|mailto:)")
_MARKDOWN_MAYBE = regex(r"(?m)^ {0,3}(?:[-*+] |\d+[.)] |\|.*\|)|\*\*\S|`[^`\n]+`")
_HTML_BLOCK = regex(r"<(?:p|div|ul|ol|br|table|h[1-6])\b", re.IGNORECASE)


def put_work(reading: Reading, work: Node, *taken: str) -> None:
    """Enters all that is said of the work itself, and notes the rest but for what is ``taken`` elsewhere."""
    put_type(reading, work.types, work)
    extra = put_names(reading, work)
    put_description(reading, work)
    _put_html(reading, "method", work.names("measurementTechnique", "measurementMethod"))
    sponsors = put_funding(reading, work)
    put_people_of(reading, work, sponsors)
    put_licences(reading, work)
    put_keywords(reading, work)
    put_version(reading, work)
    _put_date(reading, work)
    _put_language(reading, work)
    put_identifiers(reading, work)
    put_related(reading, work)
    put_places(reading, work)
    put_times(reading, work)
    _put_publication(reading, work)
    extra += put_access(reading, work)
    reading.put(
        "notes", _one_under_the_other([cleaned(each.text) for each in extra]), *(extra[0].path if extra else ())
    )
    _note_the_rest(reading, work, taken)


def _note_the_rest(reading: Reading, work: Node, taken: Iterable[str]) -> None:
    for key in _TEXTS:
        for value in work.values(key):
            if not text_of(value.value):
                reading.note(f"`{key}` is not taken over: it is no text", *value.path)
    for key in _DATES:
        for each in work.texts(key):
            reading.note(f"`{key}` {each.text} is not taken over: the deposit API has no such date", *each.path)
    for written, path in work.left({*_TAKEN, *_OF_THE_FILES, *_DATES, *taken}):
        reading.note(f"`{written}` is not taken over: the deposit API has no place for it", *path)


def put_type(reading: Reading, types: Iterable[str], work: Node) -> None:
    found = deposit_type(types)
    if found is not None:
        at = next((each.path for each in work.texts("@type")), work.place)
        reading.put("upload_type", found[0], *at)
        reading.put(f"{found[0]}_type", found[1], *at)


def put_names(reading: Reading, work: Node) -> list[Text]:
    """The first name is the title; the others are returned, for the notes."""
    found = work.texts("name", "headline", "alternateName")
    if not found:
        return []
    title = " ".join(found[0].text.split())
    reading.put("title", title, *found[0].path)
    others: dict[str, Text] = {}
    for each in found[1:]:
        name = " ".join(each.text.split())
        if name != title and name not in others:
            language = f" ({each.language})" if each.language else ""
            others[name] = Text(f"Other title{language}: {name}", each.path)
            reading.note(f"the other title {name[:60]} is taken over into `notes`", *each.path)
    return list(others.values())


def put_description(reading: Reading, work: Node) -> None:
    _put_html(reading, "description", work.texts("description", "abstract"))


def _put_html(reading: Reading, key: str, found: list[Text]) -> None:
    """All texts, each once; a single one as it is."""
    htmls = list(dict.fromkeys(html_of(each.text) for each in found))
    if htmls:
        reading.put(key, htmls[0] if len(htmls) == 1 else _one_under_the_other(htmls), *found[0].path)


def _one_under_the_other(htmls: list[str]) -> str:
    return "\n".join(html if html.startswith(("<p", "<h", "<ul", "<ol")) else f"<p>{html}</p>" for html in htmls)


def html_of(text: str) -> str:
    """HTML, plain text, or Markdown, which search engines take in descriptions and README files are copied from."""
    if _MARKDOWN.search(text) or (_MARKDOWN_MAYBE.search(text) and not _HTML_BLOCK.search(text)):
        from batchdep.metadata.markdown import html_of_markdown

        return html_of_markdown(text)
    return cleaned(text)


def put_licences(reading: Reading, work: Node) -> None:
    for each in work.nodes("license"):
        words = [each.text, each.id, *(text.text for text in each.texts("identifier", "url", "name", "schema:name"))]
        words = [word for word in (*words, *(other.id for other in each.nodes("identifier", "url"))) if word]
        name = each.first("name")
        put_licence(
            reading, next((word for word in words if licence_named(word)), name or next(iter(words), "")), *each.path
        )


def put_keywords(reading: Reading, work: Node) -> None:
    """A term with an identifier is a subject, all else a keyword. One text alone may hold several, with commas."""
    found = work.nodes("keywords")
    for each in found:
        if each.text:
            words = words_in(each.text) if len(found) == 1 else re.split("[;\n]", each.text)
            for word in words:
                reading.add("keywords", word, *each.path)
        else:
            _put_term(reading, each, "keywords")
    for each in work.nodes("about"):
        if _NO_TERMS.intersection(each.types):
            shown = each.first("name") or each.id
            reading.note(f"`about` {shown} is not taken over: subjects are terms", *each.path)
        elif not any(is_work(kind) for kind in each.types):
            _put_term(reading, each, "about")


def _put_term(reading: Reading, node: Node, key: str) -> None:
    term = node.text or node.first("name", "alternateName", "termCode")
    identifier = next((each for each in (node.id, node.first("url"), node.first("termCode")) if is_address(each)), "")
    scheme = next((each.text for each in node.names("inDefinedTermSet")), "")
    if term:
        put_term(reading, term, identifier, scheme, *node.place)
    else:
        reading.note(f"`{key}` {node.id} is not taken over: it has no name in the file", *node.path)


def put_version(reading: Reading, work: Node) -> None:
    for each in work.texts("version", "softwareVersion"):
        if reading.metadata.get("version", each.text) != each.text:
            reading.note(f"the version {each.text} is not taken over: a deposition has one", *each.path)
        reading.put("version", each.text, *each.path)


def _put_date(reading: Reading, work: Node) -> None:
    """The day of a moment; what is no date stays for ``check`` to refuse."""
    for each in work.texts("datePublished"):
        day = day_of(each.text)
        if reading.metadata.get("publication_date", day) != day:
            reading.note(f"`datePublished` {day} is not taken over: a deposition has one", *each.path)
        reading.put("publication_date", day, *each.path)


def _put_language(reading: Reading, work: Node) -> None:
    """The first language; what is no code or name of one stays as it is, for ``check`` to correct."""
    for index, each in enumerate(work.nodes("inLanguage")):
        words = [each.text, *(text.text for text in each.texts("alternateName", "identifier", "name")), each.id]
        written = [word for word in words if word]
        code = next((code for word in written if (code := language_code(word))), written[0] if written else "")
        if index and code != reading.metadata.get("language"):
            reading.note(
                f"the language {written[0] if written else ''} is not taken over: a deposition has one", *each.path
            )
        reading.put("language", code, *each.place)


# -- where it was published ----------------------------------------------------------------------------------------


def _put_publication(reading: Reading, work: Node) -> None:
    """Publisher, and of publications the journal, volume, issue and pages, or the book (schema.org: Periodical)."""
    _put_publisher(reading, work)
    container: list[Node] = work.nodes("isPartOf")
    for _ in ("issue", "volume", "journal"):
        for each in container:
            _put_container(reading, each)
        container = [inner for each in container for inner in each.nodes("isPartOf")][:10]
    _put_pages(reading, work)
    for isbn in work.texts("isbn"):
        if reading.metadata.get("imprint_isbn", isbn.text) != isbn.text:
            reading.note(f"the ISBN {isbn.text} is not taken over: a deposition has one", *isbn.path)
        reading.put("imprint_isbn", isbn.text, *isbn.path)
    if reading.metadata.get("publication_type") == "thesis":
        for university in work.names("sourceOrganization"):
            reading.put("thesis_university", university.text, *university.path)


def _put_publisher(reading: Reading, work: Node) -> None:
    for each in work.nodes("publisher"):
        name = each.text or each.first("name", "alternateName")
        if name and name.lower() not in ("zenodo", str(reading.metadata.get("imprint_publisher", "")).lower()):
            if "imprint_publisher" in reading.metadata:
                reading.note(f"the publisher {name} is not taken over: a deposition has one", *each.path)
            reading.put("imprint_publisher", name, *each.place)
        elif not name:
            reading.note(f"the publisher {each.id} is not taken over: it has no name in the file", *each.path)


def _put_pages(reading: Reading, work: Node) -> None:
    pages = work.first("pagination") or "-".join(filter(None, (work.first("pageStart"), work.first("pageEnd"))))
    key = "partof_pages" if "partof_title" in reading.metadata else "journal_pages"
    if pages and (key == "partof_pages" or "journal_title" in reading.metadata):
        reading.put(key, pages, *next(each.path for each in work.texts("pagination", "pageStart", "pageEnd")))
    elif pages:
        reading.note(f"the pages {pages} are not taken over: the file names no journal or book", *work.place)


def _put_container(reading: Reading, node: Node) -> None:
    """An issue, a volume, a journal or a book; by its ISSN or ISBN it is related too."""
    kinds = set(node.types)
    reading.put("journal_volume", node.first("volumeNumber"), *node.place)
    reading.put("journal_issue", node.first("issueNumber"), *node.place)
    if "Periodical" in kinds:
        reading.put("journal_title", node.first("name"), *node.place)
    elif kinds & {"Book", "BookSeries"}:
        reading.put("partof_title", node.first("name"), *node.place)
    for key in ("issn", "isbn"):
        for number in node.texts(key):
            if scheme_of(number.text) == key:
                relate(reading, number.text, "isPartOf", *number.path, resource_type=resource_type(kinds))
            else:
                reading.note(f"`{key}` {number.text} is not taken over: it is none", *number.path)
