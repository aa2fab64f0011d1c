"""The plan of ``submit --dry-run`` for people and for programs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from batchdep.batch import BatchPlan, PlannedDataset
from batchdep.cli.text import counted, each_time, human_bytes, human_seconds, safe


def plan_text(plan: BatchPlan, style: Callable[[str, str], str]) -> str:
    """One line a dataset, its files below it, and the sum."""
    lines = [line for dataset in plan.datasets for line in _dataset_lines(dataset, style)]
    publishes = sum(dataset.publishes for dataset in plan.datasets)
    lines.append(
        f"{style(safe(plan.batch), 'bold')} on {plan.target}: {counted(len(plan.datasets), 'dataset')},"
        f" {counted(sum(len(dataset.uploads) for dataset in plan.datasets), 'file')} ({human_bytes(plan.bytes)})"
        f" to upload, {publishes} to publish; {counted(plan.requests, 'request')}{_under_limits(plan)}."
        f" Nothing was sent."
    )
    return "\n".join(lines)


def _under_limits(plan: BatchPlan) -> str:
    """``, at least 2 h 19 min under the limit of 100 requests a minute and 5,000 an hour``."""
    if not plan.limits or not plan.requests:
        return ""
    (fewest, seconds), *others = sorted(plan.limits.items(), key=lambda limit: limit[1])
    limits = [f"{counted(fewest, 'request')} {each_time(seconds)}"]
    limits += [f"{requests:,} {each_time(seconds)}" for requests, seconds in others]
    least = f"at least {human_seconds(plan.seconds)} under" if plan.seconds else "within"
    return f", {least} the limit of {' and '.join(limits)}"


def _dataset_lines(dataset: PlannedDataset, style: Callable[[str, str], str]) -> list[str]:
    colour = {"nothing": "dim", "refuse": "red"}.get(dataset.action, "green")
    publish = " and publish" if dataset.publishes and dataset.action != "publish" else ""
    note = f" ({safe(dataset.note)})" if dataset.note else ""
    head = f"{safe(dataset.id)}: {style(dataset.action + publish, colour)}{note}"
    return [head, *(f"    upload {safe(name)}, {human_bytes(size)}" for name, size in dataset.uploads)]


def plan_document(plan: BatchPlan) -> dict[str, Any]:
    """The JSON document ``batchdep-plan/1``; sizes in bytes, ``seconds`` the least that the rate limits allow."""
    return {
        "schema": "batchdep-plan/1",
        "batch": plan.batch,
        "target": plan.target,
        "bytes": plan.bytes,
        "requests": plan.requests,
        "seconds": plan.seconds,
        "limits": [{"requests": requests, "seconds": seconds} for requests, seconds in plan.limits.items()],
        "datasets": [
            {
                "id": dataset.id,
                "title": dataset.title,
                "action": dataset.action,
                "note": dataset.note,
                "uploads": [{"name": name, "size": size} for name, size in dataset.uploads],
                "publishes": dataset.publishes,
                "requests": dataset.requests,
            }
            for dataset in plan.datasets
        ],
    }
