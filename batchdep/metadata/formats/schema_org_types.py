"""The types of schema.org and RO-Crate, and what of the deposit API they are."""

from __future__ import annotations

from collections.abc import Iterable

_TYPES: dict[str, tuple[str, str]] = {
    "ComputationalWorkflow": ("workflow", ""),
    "SoftwareSourceCode": ("software", ""),
    "SoftwareApplication": ("software", ""),
    "WebApplication": ("software", ""),
    "MobileApplication": ("software", ""),
    "VideoGame": ("software", ""),
    "Poster": ("poster", ""),
    "PresentationDigitalDocument": ("presentation", ""),
    "LearningResource": ("lesson", ""),
    "Course": ("lesson", ""),
    "Quiz": ("lesson", ""),
    "VideoObject": ("video", ""),
    "Movie": ("video", ""),
    "Clip": ("video", ""),
    "AudioObject": ("video", ""),
    "MusicRecording": ("video", ""),
    "PodcastEpisode": ("video", ""),
    "Photograph": ("image", "photo"),
    "Drawing": ("image", "drawing"),
    "Painting": ("image", "other"),
    "Map": ("image", "other"),
    "ImageObject": ("image", "other"),
    "3DModel": ("model", ""),
    "ScholarlyArticle": ("publication", "article"),
    "MedicalScholarlyArticle": ("publication", "article"),
    "TechArticle": ("publication", "softwaredocumentation"),
    "APIReference": ("publication", "softwaredocumentation"),
    "NewsArticle": ("publication", "article"),
    "Article": ("publication", "article"),
    "BlogPosting": ("publication", "other"),
    "Report": ("publication", "report"),
    "Thesis": ("publication", "thesis"),
    "Book": ("publication", "book"),
    "Chapter": ("publication", "section"),
    "Periodical": ("publication", "journal"),
    "Review": ("publication", "peerreview"),
    "TextDigitalDocument": ("publication", "other"),
    "Manuscript": ("publication", "other"),
    "Dataset": ("dataset", ""),
    "DataFeed": ("dataset", ""),
    "SpreadsheetDigitalDocument": ("dataset", ""),
    "DigitalDocument": ("other", ""),
    "Collection": ("other", ""),
    "MediaObject": ("other", ""),
    "HowTo": ("other", ""),
    "CreativeWork": ("other", ""),
}
"""Type -> upload type and finer type. The first of them that a work has is what it is: a crate whose root is a Dataset
and a ScholarlyArticle is an article. AudioObject is a video, since that type of Zenodo is for both."""

_UNSAID = frozenset({"CreativeWork", "MediaObject", "Collection", "DigitalDocument", "HowTo"})
_FILES = frozenset({"File", "MediaObject", "DataDownload"})


def deposit_type(types: Iterable[str]) -> tuple[str, str] | None:
    """The upload type and, where there is one, the finer type; None where no type is one of a work's."""
    known = set(types)
    return next((meant for kind, meant in _TYPES.items() if kind in known), None)


def is_work(kind: str) -> bool:
    """Whether it is a type of what can be deposited."""
    return kind in _TYPES


def is_data_entity(types: Iterable[str]) -> bool:
    """Whether it is a file: part of what is deposited (RO-Crate: Data Entities)."""
    return not _FILES.isdisjoint(types)


def resource_type(types: Iterable[str]) -> str | None:
    """What a related work is, in the deposit API's words; None where its type says nothing."""
    found = deposit_type(each for each in types if each not in _UNSAID and is_work(each))
    if found is None:
        return None
    upload_type, finer = found
    return f"{upload_type}-{finer}" if finer not in ("", "other") else upload_type
