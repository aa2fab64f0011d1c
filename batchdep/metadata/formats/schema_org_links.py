"""What a work is tied to in schema.org: its own identifiers, other works, funding."""

from __future__ import annotations

from collections.abc import Iterator

from batchdep.metadata import canonical
from batchdep.metadata.formats.base import Reading, shortened
from batchdep.metadata.formats.convert import fund, put_own_identifier, reference_line, relate
from batchdep.metadata.formats.jsonld import Node
from batchdep.metadata.formats.schema_org_types import is_data_entity, is_work, resource_type
from batchdep.metadata.funders import funder_doi, grant_id
from batchdep.metadata.identifiers import OWN_PAGE, is_address, is_doi, says_its_kind
from batchdep.problems import ValuePath

RELATIONS = {
    "citation": "cites",
    "isBasedOn": "isDerivedFrom",
    "isBasedOnUrl": "isDerivedFrom",
    "prov:wasDerivedFrom": "isDerivedFrom",
    "isPartOf": "isPartOf",
    "subjectOf": "isDescribedBy",
    "softwareHelp": "isDocumentedBy",
    "releaseNotes": "isDocumentedBy",
    "exampleOfWork": "isVersionOf",
    "workExample": "hasVersion",
    "translationOfWork": "isTranslationOf",
    "sameAs": "isIdenticalTo",
    "archivedAt": "isIdenticalTo",
    "codeRepository": "isSupplementTo",
    "supportingData": "references",
    "relatedLink": "references",
    "prov:wasRevisionOf": "isNewVersionOf",
    "review": "isReviewedBy",
    # CodeMeta's own
    "referencePublication": "isDescribedBy",
    "readme": "isDocumentedBy",
    "buildInstructions": "isDocumentedBy",
    "hasSourceCode": "isDerivedFrom",
    "isSourceCodeOf": "isSourceOf",
}
"""Key -> relation. A repository's code is what a release of it supplements, as Zenodo's GitHub integration has it."""

KEYS = (
    *(*RELATIONS, "softwareRequirements", "about", "mentions", "hasPart", "identifier", "doi", "cite-as", "url"),
    *("funding", "funder"),
)
_CONTAINERS = frozenset({"Periodical", "PublicationIssue", "PublicationVolume", "Book", "BookSeries"})
"""What has keys of its own in the deposit API, needing no identifier."""


# -- its own identifiers -------------------------------------------------------------------------------------------


def put_identifiers(reading: Reading, work: Node) -> None:
    """``identifier``, ``cite-as`` (RO-Crate 1.2), the node's own ``@id`` and its page: each is noted or related once.

    ``url`` is the page of the work where it is now, which describes what is deposited.
    """
    seen: set[str] = set()
    for written, name, path in _own(work):
        bare = canonical.bare_doi(written).lower() if is_doi(written) else written
        if bare not in seen:
            seen.add(bare)
            put_own_identifier(reading, written, name, *path)
    for each in work.nodes("url"):
        address = each.text or each.id
        if OWN_PAGE.match(address):
            put_own_identifier(reading, address, "url", *each.path)
        elif address and address not in seen:
            _relate(reading, each, "isDescribedBy", "url")


def _own(work: Node) -> Iterator[tuple[str, str, ValuePath]]:
    for key in ("identifier", "doi", "cite-as"):
        for each in work.nodes(key):
            written = each.text or each.first("value") or _identifier_of(each) or each.id
            kind = each.first("propertyID", "name")
            named = f"{key}` `{kind}" if kind and not says_its_kind(written) else key
            yield written, named, each.path
    if is_address(work.id) or is_doi(work.id):
        yield work.id, "@id", (*work.place, "@id")


# -- other works ---------------------------------------------------------------------------------------------------


def put_related(reading: Reading, work: Node) -> None:
    for key, relation in RELATIONS.items():
        for each in work.nodes(key):
            if _identifier_of(each) or not _CONTAINERS.intersection(each.types):
                _relate(reading, each, relation, key)
    required = work.nodes("softwareRequirements")
    for each in required:
        if _identifier_of(each):
            _relate(reading, each, "requires", "softwareRequirements")
    if unidentified := ", ".join(reference_of(each) or each.id for each in required if not _identifier_of(each)):
        message = f"`softwareRequirements` {shortened(unidentified)} are not taken over: they have no identifier"
        reading.note(message, *_at(work, "softwareRequirements"))
    for each in work.nodes("about"):
        if any(is_work(kind) for kind in each.types):
            _relate(reading, each, "describes", "about")
    mentioned = work.nodes("mentions")
    for each in mentioned:
        if _identifier_of(each) and not _is_action(each):
            _relate(reading, each, "references", "mentions")
    if inside := sum(_is_action(each) or not _identifier_of(each) for each in mentioned):
        reading.note(
            f"`mentions`: {inside} are not taken over: what has no identifier stays in the file", *_at(work, "mentions")
        )
    _put_parts(reading, work)


def _is_action(node: Node) -> bool:
    """Whether it is what somebody or a program did, such as a run of a workflow (Workflow Run Crate)."""
    return any(kind.endswith("Action") for kind in node.types)


def _at(work: Node, key: str) -> ValuePath:
    return next((each.path for each in work.nodes(key)), work.place)


def _put_parts(reading: Reading, work: Node) -> None:
    """Files and folders are what is deposited; other works have an address of their own."""
    for each in work.nodes("hasPart"):
        if not is_data_entity(each.types) and (_identifier_of(each) or not each.id):
            _relate(reading, each, "hasPart", "hasPart")


def _relate(reading: Reading, node: Node, relation: str, key: str) -> None:
    """A related identifier; what has none that the repository knows becomes a reference if it is cited."""
    identifier = _identifier_of(node)
    if relation == "isIdenticalTo" and identifier:
        put_own_identifier(reading, identifier, key, *node.path)
        return
    if identifier:
        relate(reading, identifier, relation, *node.path, resource_type=resource_type(node.types))
        return
    shown = reference_of(node)
    if shown and relation in ("cites", "references", "isDescribedBy", "isDerivedFrom"):
        reading.add("references", shown, *node.path)
        if relation != "cites":
            message = f"`{key}` {shortened(shown)} is taken over into `references`: it has no identifier"
            reading.note(message, *node.path)
        return
    named = " ".join(filter(None, (f"`{key}`", shortened(shown or node.id))))
    reading.note(f"{named} is not taken over: it has no identifier that the repository knows", *node.path)


def _identifier_of(node: Node) -> str:
    """The best identifier of a node: a DOI, another one that says what it is, an address; as the file writes it."""
    written = [node.text] if node.text else _all_identifiers(node)
    clear = [each for each in written if says_its_kind(each)]
    return next((each for each in clear if is_doi(each)), clear[0] if clear else "")


def _all_identifiers(node: Node) -> list[str]:
    found: list[str] = []
    for each in node.nodes("identifier"):
        found += [text for text in (each.text, each.first("value"), each.id, each.first("url")) if text]
    found.append(node.id)
    for key in ("url", "sameAs"):
        found += [each.text or each.id for each in node.nodes(key)]
    return [*found, node.first("name")]


def reference_of(node: Node) -> str:
    """A work as a line of a list of references."""
    if node.text:
        return node.text
    if ready := node.first("creditText"):
        return ready
    authors = "; ".join(each.text for each in node.names("author", "creator"))
    year = node.first("datePublished")[:4]
    title = node.first("name", "headline")
    if not title:
        return ""
    publisher = next((each.text for each in node.names("publisher")), "")
    return reference_line(authors, year, title, publisher)


# -- funding -------------------------------------------------------------------------------------------------------


def put_funding(reading: Reading, work: Node) -> list[Node]:
    """Enters the grants; returns the funders of whom no grant is said, who are sponsors.

    In RO-Crate a ``funder`` may be the project, which has a funder itself (1.1: Projects).
    """
    for grant in work.nodes("funding"):
        _put_grant(reading, grant, grant.nodes("funder", "sponsor", "provider"))
    sponsors: list[Node] = []
    for funder in work.nodes("funder"):
        above, grants = funder.nodes("funder"), funder.nodes("funding")
        if any(kind.endswith("Grant") for kind in funder.types) or (above and _award_of(funder)):
            _put_grant(reading, funder, above)
            continue
        sponsors += [funder, *above]
        for grant in grants:
            _put_grant(reading, grant, grant.nodes("funder", "sponsor") or [funder])
    paid = {funder.id for grant in work.nodes("funding") for funder in grant.nodes("funder") if funder.id}
    return [each for each in sponsors if each.id not in paid]


def _put_grant(reading: Reading, grant: Node, funders: list[Node]) -> None:
    if grant.text:
        _put_written_grant(reading, grant)
        return
    for written in (grant.id, *(text for each in grant.nodes("identifier", "url") for text in (each.text, each.id))):
        if not written.isdecimal() and (known := grant_id(written)):
            reading.add("grants", {"id": known}, *grant.place)
            return
    award = _award_of(grant)
    funder = funders[0] if funders else None
    identifier = next((each for each in _funder_identifiers(funder) if funder_doi(each)), "") if funder else ""
    name = (funder.text or funder.first("name", "alternateName")) if funder else ""
    identifier = identifier or (funder.id if funder and not name else "")
    if not award and not funder:
        shown = grant.first("name", "description") or grant.id
        if shown:
            reading.note(f"the funding {shortened(shown)} is not taken over: it has no award number", *grant.path)
        return
    fund(reading, identifier, award, *grant.place, award_address=grant.first("url"), name=name)


def _put_written_grant(reading: Reading, grant: Node) -> None:
    known = None if grant.text.isdecimal() else grant_id(grant.text)
    if known:
        reading.add("grants", {"id": known}, *grant.path)
    else:
        message = f"the funding {shortened(grant.text)} is not taken over: the file does not say whose award it is"
        reading.note(message, *grant.path)


def _award_of(grant: Node) -> str:
    """The number of the grant: what is no address among its identifiers."""
    for each in grant.nodes("identifier", "awardNumber", "serialNumber"):
        for written in (each.text, each.first("value")):
            if written and not is_address(written):
                return written
    return ""


def _funder_identifiers(funder: Node) -> list[str]:
    return [each for each in _all_identifiers(funder) if each]
