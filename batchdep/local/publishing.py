"""What stops a publication, and what it does (observed: Publish, Fields)."""

from __future__ import annotations

from datetime import UTC, date, datetime

from batchdep.local.context import Service
from batchdep.local.documents import RESERVED_PREFIX, Documents
from batchdep.local.errors import MISSING, FieldError
from batchdep.local.identifiers import DOI
from batchdep.local.model import Deposition, Json, Publication, now
from batchdep.local.vocab import COMMUNITIES, OWN_COMMUNITIES

REQUIRED = {
    "title": "metadata.title",
    "creators": "metadata.creators",
    "upload_type": "metadata.resource_type",
    "publication_date": "metadata.publication_date",
}
"""What must be there, by the deposit API's name, with InvenioRDM's name of the field."""

NO_FILES = "Missing uploaded files. To disable files for this record please mark it as metadata-only."
PENDING_FILES = "One or more files have not completed their transfer, please wait."


def publish_errors(deposition: Deposition, service: Service) -> list[FieldError]:
    """Everything that stops the publication; files are looked at only when the metadata are right."""
    metadata = deposition.metadata
    errors = [FieldError(name, MISSING) for key, name in REQUIRED.items() if not metadata.get(key)]
    errors += [defect for defect in deposition.defects if defect not in errors]
    errors += _embargo_errors(metadata)
    errors += _doi_errors(deposition, service)
    return errors or _file_errors(deposition)


def _embargo_errors(metadata: Json) -> list[FieldError]:
    if metadata.get("access_right") != "embargoed":
        return []
    try:
        future = date.fromisoformat(metadata.get("embargo_date", "")) > datetime.now(UTC).date()
    except (ValueError, TypeError):
        future = False
    return [] if future else [FieldError("access.embargo.until", "Embargo end date must be set to a future date.")]


def _doi_errors(deposition: Deposition, service: Service) -> list[FieldError]:
    doi = deposition.metadata.get("doi")
    if deposition.publication is not None:
        if doi is None or doi == deposition.publication.doi:
            return []
        return [FieldError("pids.doi", "Cannot discard a reserved or registered persistent identifier.")]
    if doi is None:
        return []
    message = _doi_fault(doi, deposition, service)
    return [] if message is None else [FieldError("pids.doi", message)]


def _doi_fault(doi: str, deposition: Deposition, service: Service) -> str | None:
    prefix = service.options.doi_prefix
    if not DOI.fullmatch(doi):
        return "Invalid DOI"
    if service.store.with_doi(doi) is not None:
        return f"doi:{doi} already exists."
    if doi == f"{prefix}/zenodo.{deposition.id}" or (prefix == RESERVED_PREFIX and doi.startswith(f"{prefix}/zenodo.")):
        return None
    if doi.startswith(f"{RESERVED_PREFIX}/zenodo."):
        return f"Wrong DOI prefix: {doi}"
    if doi.startswith(f"{prefix}/"):
        return f"The prefix '{prefix}' is managed by Zenodo. Please supply an external DOI or select 'No'."
    return None


def _file_errors(deposition: Deposition) -> list[FieldError]:
    if any(entry.pending for entry in deposition.files.values()):
        return [FieldError("files", PENDING_FILES)]
    return [] if deposition.files else [FieldError("files.enabled", NO_FILES)]


def publish_deposition(deposition: Deposition, service: Service, documents: Documents) -> Json:
    """Publish, and the answer: in it, communities are not yet granted (observed: Publish)."""
    metadata = dict(deposition.metadata)
    wanted = [entry["identifier"] for entry in metadata.pop("communities", ())]
    old = deposition.publication
    own_doi = f"{service.options.doi_prefix}/zenodo.{deposition.id}"
    doi = old.doi if old else metadata.get("doi", own_doi)
    deposition.metadata = metadata
    deposition.publication = Publication(metadata, doi, old.at if old else now())
    deposition.editing, deposition.defects = False, ()
    deposition.requested = tuple(name for name in wanted if name in COMMUNITIES and name not in OWN_COMMUNITIES)
    answer = documents.deposition(deposition)
    deposition.granted = tuple(name for name in wanted if name in OWN_COMMUNITIES)
    deposition.touch()
    service.store.save(deposition)
    return answer
