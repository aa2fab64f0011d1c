"""What is wrong with one dataset, while its files are looked at."""

from __future__ import annotations

from batchdep.problems import Place, Problem, Severity, dotted, problem_at


class Refused(Exception):
    """Something that the manifest asks for cannot be done with a file."""

    def __init__(self, code: str, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint


class DatasetProblems:
    """Collects problems; their paths begin at the dataset's own entry in the manifest."""

    def __init__(self, dataset: str) -> None:
        self.dataset_id = dataset
        self.problems: list[Problem] = []

    def problem(
        self, place: Place, code: str, message: str, hint: str = "", severity: Severity = Severity.ERROR
    ) -> None:
        """A problem with what stands at ``place``."""
        path = dotted(place.path[_steps_outside(place) :])
        self.problems.append(
            problem_at(place, code, message, hint, severity=severity, dataset=self.dataset_id, path=path)
        )


def _steps_outside(place: Place) -> int:
    """In a list of datasets two steps of a path lead to the dataset; with ``folders``, one does."""
    return 2 if len(place.path) > 1 and isinstance(place.path[1], int) else 1
