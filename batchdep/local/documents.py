"""Depositions and their files in the shapes of the Zenodo deposit API's answers."""

from __future__ import annotations

import mimetypes
from urllib.parse import quote

from batchdep.local.model import DONE, Deposition, Json, StoredFile
from batchdep.local.options import LocalOptions

RESERVED_PREFIX = "10.5281"
"""The prefix of ``prereserve_doi`` on every Zenodo server, the sandbox too, whatever its DOIs of record have."""


def doi_url(doi: str) -> str:
    """Where a DOI is resolved."""
    return f"https://doi.org/{doi}"


class Documents:
    """Writes answers with links below ``base`` (scheme, host and port, no slash at the end)."""

    def __init__(self, base: str, options: LocalOptions) -> None:
        self.base = base
        self._options = options
        self._doi_prefix = options.doi_prefix

    def owner(self, deposition: Deposition) -> int:
        """The number of the account that the deposition belongs to."""
        return self._options.account_number(deposition.owner)

    def deposition(self, deposition: Deposition, *, with_bucket: bool = True) -> Json:
        """The deposition itself, as create, read, change and the actions answer it."""
        metadata = self.metadata(deposition)
        doi = metadata.get("doi")
        answer: Json = {
            "created": deposition.publication.at if deposition.publication else deposition.created,
            "modified": deposition.modified,
            "id": deposition.id,
            "conceptrecid": str(deposition.conceptrecid),
            "metadata": metadata,
            "title": metadata.get("title", ""),
            "links": self.links(deposition, with_bucket=with_bucket),
            "record_id": deposition.id,
            "owner": self.owner(deposition),
            "files": [self._listed_file(deposition, entry) for entry in deposition.completed],
            "state": deposition.state,
            "submitted": deposition.publication is not None,
        }
        if doi is not None:
            answer |= {"doi": doi, "doi_url": doi_url(doi)}
        if (conceptdoi := self.conceptdoi(deposition)) is not None:
            answer["conceptdoi"] = conceptdoi
        return answer

    def metadata(self, deposition: Deposition) -> Json:
        """What is stored, the reserved DOI, and the DOI of record once there is one."""
        stored = deposition.metadata
        reserved = {"doi": f"{RESERVED_PREFIX}/zenodo.{deposition.id}", "recid": deposition.id}
        answer: Json = {"access_right": "open", **stored, "prereserve_doi": reserved}
        if deposition.publication is not None:
            answer.setdefault("doi", deposition.publication.doi)
        if deposition.granted and deposition.publication is not None:
            answer["communities"] = [{"identifier": name} for name in deposition.granted]
        return answer

    def conceptdoi(self, deposition: Deposition) -> str | None:
        """The DOI of all versions; none for a plain draft or under a DOI from outside."""
        if deposition.publication is None:
            known = deposition.successor_of is not None
        else:
            known = self.is_own(deposition.publication.doi)
        return f"{self._doi_prefix}/zenodo.{deposition.conceptrecid}" if known else None

    def is_own(self, doi: str) -> bool:
        """Whether this server gave the DOI."""
        return doi.startswith(f"{self._doi_prefix}/")

    def links(self, deposition: Deposition, *, with_bucket: bool = True) -> Json:
        """The deposition's links; those that lead nowhere on the server lead nowhere here."""
        number = deposition.id
        own = f"{self.base}/api/deposit/depositions/{number}"
        record = f"{self.base}/api/records/{number}"
        doi = self.metadata(deposition).get("doi", "")
        links: Json = {
            "self": record if deposition.state == DONE else own,
            "html": f"{self.base}/{'records' if deposition.publication else 'deposit'}/{number}",
            "badge": f"{self.base}/badge/doi/{quote(doi, safe='')}.svg",
            "files": f"{record}/files" if deposition.state == DONE else f"{own}/files",
            "bucket": f"{self.base}/api/files/{deposition.bucket}",
            "latest_draft": own,
            "latest_draft_html": f"{self.base}/deposit/{number}",
            "publish": f"{own}/actions/publish",
            "edit": f"{own}/actions/edit",
            "discard": f"{own}/actions/discard",
            "newversion": f"{own}/actions/newversion",
        }
        if not with_bucket:
            del links["bucket"]
        if deposition.publication is not None:
            links |= self._published_links(deposition, record)
        return links

    def _published_links(self, deposition: Deposition, record: str) -> Json:
        links: Json = {
            "doi": doi_url(deposition.publication.doi) if deposition.publication else "",
            "record": record,
            "record_html": f"{self.base}/records/{deposition.id}",
            "latest": f"{record}/versions/latest",
            "latest_html": f"{self.base}/records/{deposition.id}/latest",
        }
        if (conceptdoi := self.conceptdoi(deposition)) is not None:
            links["parent_doi"] = doi_url(conceptdoi)
            links["conceptbadge"] = f"{self.base}/badge/doi/{quote(conceptdoi, safe='')}.svg"
        return links

    def file(self, deposition: Deposition, entry: StoredFile) -> Json:
        """A file as the deposition's file list has it: ``filesize`` is a float, the links are right."""
        return {**self._file(entry), "filesize": float(entry.size), "links": self._file_links(deposition, entry)}

    def _listed_file(self, deposition: Deposition, entry: StoredFile) -> Json:
        # Observed: inside a published deposition these links still point into the draft, which is gone.
        draft = f"{self.base}/api/records/{deposition.id}/draft/files/{quote(entry.key, safe='')}"
        return {**self._file(entry), "links": {"self": draft, "download": f"{draft}/content"}}

    def _file(self, entry: StoredFile) -> Json:
        return {"id": entry.id, "filename": entry.key, "filesize": entry.size, "checksum": entry.md5}

    def _file_links(self, deposition: Deposition, entry: StoredFile) -> Json:
        place = "files" if deposition.publication else "draft/files"
        link = f"{self.base}/api/records/{deposition.id}/{place}/{quote(entry.key, safe='')}"
        return {"self": link, "download": f"{link}/content"}

    def bucket_object(self, deposition: Deposition, entry: StoredFile) -> Json:
        """A file as the bucket PUT answers it."""
        bucket = f"{self.base}/api/files/{deposition.bucket}"
        link = f"{bucket}/{quote(entry.key, safe='')}"
        return {
            "created": entry.created,
            "updated": entry.created,
            "version_id": entry.id,
            "key": entry.key,
            "size": entry.size,
            "mimetype": mimetype(entry.key),
            "checksum": f"md5:{entry.md5}",
            "is_head": True,
            "delete_marker": False,
            "links": {"self": link, "version": f"{link}?versionId={entry.id}", "uploads": f"{link}?uploads"},
        }


def mimetype(key: str) -> str:
    """The media type that a file's name suggests."""
    return mimetypes.guess_type(key)[0] or "application/octet-stream"
