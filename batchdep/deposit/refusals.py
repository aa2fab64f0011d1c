"""What a refused or failed request means for the dataset and for the batch, in words."""

from __future__ import annotations

from msgspec.structs import replace

from batchdep.connections import clause
from batchdep.errors import DatasetFailure, Failure
from batchdep.repository.model import Reason, Rejected, Throttled, Unavailable, Unknown


class StopBatch(Exception):
    """No dataset can go on: the token is refused, or nobody answers. Said once, not for each dataset."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.message)
        self.failure = failure

    def told(self, token_variable: str | None) -> Failure:
        """The failure as the user is told of it; ``token_variable`` is where in the environment the token is, if it is
        there."""
        return self.failure


class TokenRefused(StopBatch):
    """The token will not do; ``renewal`` says how to get one that will."""

    def __init__(self, message: str, renewal: str) -> None:
        self._renewal = renewal
        super().__init__(Failure("unauthorized", message, self._hint(None), retryable=True))

    def told(self, token_variable: str | None) -> Failure:
        return replace(self.failure, hint=self._hint(token_variable))

    def _hint(self, token_variable: str | None) -> str:
        ways = "run `batchdep login TARGET`, or set it in the environment"
        there = ways if token_variable is None else f"put it into {token_variable}, which holds this one"
        return f"{self._renewal} (deposit:write and deposit:actions), then {there}."


def refused(answer: Rejected, what: str) -> DatasetFailure | StopBatch:
    """The failure that a rejected request is; ``what`` was asked for ("create", "publish", "upload a.csv")."""
    told = f"{answer.status} {answer}".rstrip(".")
    reason = answer.reason
    match reason:
        case Reason.UNAUTHORIZED:
            return TokenRefused(
                f"The repository refuses the token ({told}).", "Make a new one in your account there, with both scopes"
            )
        case Reason.FORBIDDEN:
            return _forbidden(what, told)
        case Reason.UNTRUSTED:
            return _no_repository(str(answer))
        case Reason.NOT_FOUND if what == "create":
            return _no_repository(str(answer))
        case Reason.NOT_FOUND:
            return DatasetFailure(
                "deposition_gone",
                f"The repository does not find what it was asked to {what} ({told}).",
                "If the draft was deleted there, `batchdep discard` forgets it, and `submit` then makes a new one.",
            )
        case Reason.QUOTA:
            return DatasetFailure(
                "quota_exceeded",
                f"The repository's quota is used up ({told}).",
                "Split the dataset, or ask the repository for a larger quota; then run this again.",
            )
        case Reason.INVALID:
            return DatasetFailure(
                "file_rejected" if what.startswith("upload") else "metadata_rejected",
                f"The repository refuses to {what}: {answer}",
                "Correct it in the manifest, then run this again.",
            )


def _no_repository(told: str) -> StopBatch:
    hint = "Check the target's address: nothing more is sent there."
    return StopBatch(Failure("repository_untrusted", told, hint, retryable=True))


def _forbidden(what: str, told: str) -> DatasetFailure | StopBatch:
    if what in ("create", "publish"):
        return TokenRefused(f"The token may not {what} ({told}).", f"To {what} it needs one more scope: make one")
    return DatasetFailure(
        "forbidden",
        f"The repository does not let this token {what} ({told}).",
        "The deposition belongs to another account, or is locked: use the token that it was made with.",
    )


def unavailable(answer: Throttled | Unavailable | Unknown) -> StopBatch:
    """The repository could not be brought to answer for as long as it was right to try."""
    status = None if isinstance(answer, Throttled) else answer.status
    hint = "Nothing is lost: run the same command again once it does; it goes on from here."
    if status is None:
        message = f"The repository does not answer: {clause(answer.message)}"
    elif status < 300:
        message = f"What answers at the target is no repository: {answer.message}"
        hint = (
            "Check the target's address; a network that wants a login answers like this, too. Then run the same command"
            " again: it goes on from here."
        )
    else:
        message = f"The repository is out of order: {answer.message}"
    return StopBatch(Failure("repository_unavailable", message, hint, retryable=True))
