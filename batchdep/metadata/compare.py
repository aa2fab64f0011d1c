"""What the repository made of the metadata it was sent.

The server's answers carry no warnings: "values that were refused are just absent from the answer's ``metadata``"
(observed). So what it stored is compared with what was sent, each value in its normal form
(:mod:`batchdep.metadata.canonical`), and what is left is a loss or a change that the user should hear of.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal

from msgspec import Struct

from batchdep.metadata import canonical
from batchdep.metadata.licences import same_licence

if TYPE_CHECKING:  # loading manifests is no business of this module
    from batchdep.manifest.model import Metadata

What = Literal["dropped", "altered"]

_SHOWN = 80  # characters of a value that a sentence quotes

_STRICT = ("title", "upload_type", "creators", "description")
"""What tells a draft from others; the repository keeps it whatever else it drops."""

_TELLING = ("publication_date", "version", "keywords", "notes", "embargo_date", "doi")
"""Fields that the repository keeps or drops but never answers otherwise than they were sent."""

_FILLED_IN = frozenset({"publication_date", "doi"})
"""Those of the telling fields that the repository fills in by itself."""

_DEFAULTS: dict[str, Any] = {"access_right": "open", "doi": None, "imprint_publisher": "Zenodo", "prereserve_doi": None}
"""What stands in fields that were not sent; None for values that only the repository knows (a DOI stays once set)."""

_ALWAYS_DROPPED = frozenset({"access_conditions"})

_NEVER_ANSWERED = frozenset({"prereserve_doi", "thesis_supervisors"})
"""Fields that do not come back as they were sent, by design: the object of the reservation, the contributors."""


class Difference(Struct, frozen=True):
    """A field that the repository dropped or altered; ``sent`` and ``stored`` are the values as they were seen."""

    field: str
    what: What
    message: str
    sent: Any
    stored: Any = None


def differences(sent: Metadata, stored: Metadata, *, published: bool = False) -> list[Difference]:
    """What got lost or changed between ``sent`` and ``stored``, in the order in which it was sent.

    ``stored`` is the ``metadata`` of a deposition as the deposit API answers it; ``published`` says that the
    deposition is a record by now, whose communities appear only once they accepted it. Rewritings without loss
    (old licence ids, bare DOIs, cleaned HTML, defaults ...) are no differences.
    """
    return [
        difference
        for field, value in sent.items()
        if value != stored.get(field) and field not in _NEVER_ANSWERED and not _is_empty(value)
        for difference in _compare(field, value, sent, stored, published)
    ] + list(_lost_supervisors(sent, stored))


def same_metadata(a: Metadata, b: Metadata) -> bool:
    """Whether ``b``, as the repository stores it, came from ``a``: how one's own draft is told from others.

    Title, upload type, creators and description must be equal in normal form. Of the fields that the repository
    answers as they were sent (version, keywords ...) it may have dropped any, but what it shows must have been sent.
    """
    return all(_same_strictly(field, a, b) for field in _STRICT) and all(_came_from(field, a, b) for field in _TELLING)


def holds_metadata(sent: Metadata, stored: Metadata) -> bool:
    """Whether ``stored`` is what the repository makes of ``sent`` and of nothing else: an update took effect.

    Stricter than :func:`same_metadata`: nothing is lost but what the repository always drops, and nothing is left over
    from other metadata. False where in doubt, which costs no more than sending the metadata once more.
    """
    lost = {difference.field for difference in differences(sent, stored)}
    left_over = [field for field, value in stored.items() if _is_empty(sent.get(field)) and not _is_empty(value)]
    return lost <= _ALWAYS_DROPPED and all(_is_default(field, stored[field], sent) for field in left_over)


def _is_default(field: str, value: Any, sent: Metadata) -> bool:
    """Whether the repository itself puts ``value`` into a field that was not sent (observed: the plain path)."""
    match field:
        case "license":
            return same_licence(value, "cc-zero" if sent.get("upload_type") == "dataset" else "cc-by-4.0")
        case "publication_date":  # today, by the server's clock
            today = datetime.now(UTC).date()
            return value in [(today + timedelta(days=days)).isoformat() for days in (-1, 0, 1)]
        case "contributors":
            surplus = _counted(_normal_items(field, _as_list(value))) - _counted(_expected_items(field, sent))
            return not surplus
        case _:
            return field in _DEFAULTS and _DEFAULTS[field] in (None, value)


def _compare(field: str, value: Any, sent: Metadata, stored: Metadata, published: bool) -> Iterator[Difference]:
    if special := _SPECIAL.get(field):
        yield from special(value, sent, stored, published)
    elif field in canonical.ITEMS and isinstance(value, list):
        yield from _compare_items(field, value, stored.get(field), _expected_items(field, sent))
    elif field not in stored or _is_empty(stored[field]):
        yield _dropped(field, value)
    elif not _same_value(field, value, stored[field]):
        yield _altered(field, value, stored[field])


def _compare_items(field: str, value: list[Any], stored: Any, expected: list[Any]) -> Iterator[Difference]:
    items = stored if isinstance(stored, list) else []
    wanted, found = _counted(expected), _counted(_normal_items(field, items))
    missing = wanted - found
    if not items and missing:
        yield _dropped(field, value)
        return
    unmatched = [item for item in items if canonical.key(canonical.ITEMS[field](item)) not in wanted]
    for index, item in enumerate(value):
        key = canonical.key(canonical.ITEMS[field](item))
        if not missing[key]:
            continue
        missing[key] -= 1
        where = f"{field}[{index}]"
        yield _altered(where, item, unmatched.pop(0)) if unmatched else _dropped(where, item)
    if field == "creators" and wanted == found and expected != _normal_items(field, items):
        yield Difference(field, "altered", "The repository changed the order of the creators.", value, stored)


def _compare_communities(value: Any, _sent: Metadata, stored: Metadata, published: bool) -> Iterator[Difference]:
    shown = [canonical.community(each) for each in _as_list(stored.get("communities"))]
    for index, item in enumerate(_as_list(value)):
        name = canonical.community(item)
        if name in shown:
            continue
        message = (
            f"The record does not show up in the community '{name}' (yet): its curators have to accept the record, "
            "or there is no such community."
            if published
            else f"The repository dropped the community '{name}'."
        )
        yield Difference(f"communities[{index}]", "dropped", message, item)


def _compare_access_right(value: Any, _sent: Metadata, stored: Metadata, _published: bool) -> Iterator[Difference]:
    now = stored.get("access_right")
    if now is None:
        yield _dropped("access_right", value)
    elif value == "closed" and now == "restricted":
        message = "The repository knows no closed access any more and stored 'restricted': access can be asked for."
        yield Difference("access_right", "altered", message, value, now)
    elif value != now:
        yield _altered("access_right", value, now)


def _compare_conditions(value: Any, _sent: Metadata, stored: Metadata, _published: bool) -> Iterator[Difference]:
    if _is_empty(stored.get("access_conditions")):
        message = "The repository does not keep access conditions: write them into the description or the notes."
        yield Difference("access_conditions", "dropped", message, value)


def _compare_custom(value: Any, _sent: Metadata, stored: Metadata, _published: bool) -> Iterator[Difference]:
    kept = stored.get("custom")
    if not isinstance(value, dict):
        return
    for name, each in value.items():
        if not isinstance(kept, dict) or name not in kept:
            yield _dropped(f"custom.{name}", each)


_SPECIAL: dict[str, Callable[[Any, Metadata, Metadata, bool], Iterator[Difference]]] = {
    "access_conditions": _compare_conditions,
    "access_right": _compare_access_right,
    "communities": _compare_communities,
    "custom": _compare_custom,
}


def _lost_supervisors(sent: Metadata, stored: Metadata) -> Iterator[Difference]:
    found = {canonical.key(canonical.person(each)) for each in _as_list(stored.get("contributors"))}
    for index, item in enumerate(_as_list(sent.get("thesis_supervisors"))):
        if canonical.key(canonical.supervisor(item)) not in found:
            yield _dropped(f"thesis_supervisors[{index}]", item)


def _expected_items(field: str, sent: Metadata) -> list[Any]:
    """Normal forms of the items that the repository should show in ``field``."""
    supervisors = _as_list(sent.get("thesis_supervisors")) if field == "contributors" else []
    return [canonical.supervisor(each) for each in supervisors] + _normal_items(field, _as_list(sent.get(field)))


def _same_strictly(field: str, a: Metadata, b: Metadata) -> bool:
    first, second = a.get(field), b.get(field)
    if field in canonical.ITEMS:
        return _normal_items(field, _as_list(first)) == _normal_items(field, _as_list(second))
    return (_is_empty(first) and _is_empty(second)) or _recognised(field, first, second)


def _recognised(field: str, sent: Any, stored: Any) -> bool:
    if canonical.SINGLE.get(field) is canonical.rich_text:
        return bool(canonical.words(sent) == canonical.words(stored))
    return _same_value(field, sent, stored)


def _came_from(field: str, sent: Metadata, stored: Metadata) -> bool:
    """Whether what ``stored`` shows in ``field`` was sent, or filled in by the repository."""
    value = stored.get(field)
    if _is_empty(value) or (field in _FILLED_IN and _is_empty(sent.get(field))):
        return True
    if field in canonical.ITEMS:
        return not _counted(_normal_items(field, _as_list(value))) - _counted(_expected_items(field, sent))
    return _recognised(field, sent.get(field), value)


def _same_value(field: str, sent: Any, stored: Any) -> bool:
    if field == "license":
        return same_licence(sent, stored)
    normal = canonical.SINGLE.get(field, canonical.text)
    return bool(normal(sent) == normal(stored))


def _normal_items(field: str, items: list[Any]) -> list[Any]:
    normal = [canonical.ITEMS[field](item) for item in items if not _is_empty(item)]
    # a single date is stored but does not come back
    return [each for each in normal if field != "dates" or not isinstance(each, dict) or "start" in each]


def _counted(items: list[Any]) -> Counter[str]:
    return Counter(canonical.key(item) for item in items)


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _is_empty(value: Any) -> bool:
    return value is None or value in ("", [], {}) or (isinstance(value, str) and not value.strip())


def _dropped(field: str, value: Any) -> Difference:
    return Difference(field, "dropped", f"The repository dropped {field}: {_quote(value)}", value)


def _altered(field: str, value: Any, stored: Any) -> Difference:
    message = f"The repository changed {field}: sent {_quote(value)}, stored {_quote(stored)}"
    return Difference(field, "altered", message, value, stored)


def _quote(value: Any) -> str:
    shown = canonical.key(value) if not isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    shown = shown.encode("utf-8", "backslashreplace").decode()
    return shown if len(shown) <= _SHOWN else f"{shown[: _SHOWN - 3]}..."
