"""A published record stays as it is: what the manifest has changed since is reported, and nothing is sent."""

from __future__ import annotations

from batchdep.deposit.filling import recognise_same_bytes
from batchdep.deposit.step import Step
from batchdep.errors import DatasetFailure


async def refuse_changes(step: Step) -> None:
    """Raises DatasetFailure where the manifest or the files differ from what was published."""
    failure = step.record.failure
    if failure is not None and failure.code == "published_incomplete":
        return  # outweighs any change, and no run of this program will mend it
    parts = await _changes(step)
    if parts:
        raise DatasetFailure(
            "published_changed",
            f"It is published as {step.record.doi}, and the manifest now differs from it in {', '.join(parts)}.",
            "Nothing was sent. Undo the change; or edit the record, or make a new version of it, at the repository; or"
            " give the changed dataset an id of its own to deposit it as a new one.",
        )
    if failure is not None:
        await step.store.in_order(step.record)


async def _changes(step: Step) -> list[str]:
    record, plan = step.record, step.plan
    described = record.sent_digest is not None and record.sent_digest != plan.digest
    changed = [*await recognise_same_bytes(step), *(f.name for f in plan.files if not record.files[f.name].uploaded)]
    removed = [file.name for file in record.files.values() if not file.in_manifest]
    return [
        *(["its metadata"] if described else []),
        *(f"the file {name}" for name in changed),
        *(f"the file {name}, which is no longer named" for name in removed),
    ]
