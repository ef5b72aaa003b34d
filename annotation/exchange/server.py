"""The annotation server as push and pull see it: projects that hold tasks, tasks that hold annotations."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from valueprism_build.errors import BuildError


class ServerBusyError(BuildError):
    """The server may do it later. What was sent may have been done all the same: look before sending it again."""


class ServerRefusedError(BuildError):
    """The server will not do it, however often it is asked."""


class NoProjectError(ServerRefusedError):
    """The project is not there any more."""


@dataclass(frozen=True, slots=True)
class Task:
    """What is shown at once.

    Attributes:
        uid: names the task for ever; it is in the data that goes to the server.
        data: what the label config refers to, by name, as JSON has it.
    """

    uid: str
    data: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Block:
    """What one person answers, in this order: a project of its own, so that nobody meets another's answers.

    Attributes:
        title: names the project for ever; at least three characters.
    """

    title: str
    label_config: str
    tasks: tuple[Task, ...]


@dataclass(frozen=True, slots=True)
class Project:
    """A block on the server, and how many tasks it holds there."""

    id: int
    title: str
    label_config: str
    tasks: int


@dataclass(frozen=True, slots=True)
class PlacedTask:
    """A task on the server, and how many annotations it holds there."""

    id: int
    uid: str
    annotations: int


@dataclass(frozen=True, slots=True)
class Annotation:
    """What one person has said of one task.

    Attributes:
        person: the server's number of the person.
        result: as the server gives it, as JSON; nothing in it has been checked.
        seconds: time that the person took, or None where the server does not know.
        skipped: whether the person passed it over.
    """

    id: int
    person: int
    result: str
    seconds: float | None
    skipped: bool
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class TaskState:
    """All annotations of a task as they are now: one that has gone is not among them."""

    id: int
    uid: str
    updated_at: datetime
    annotations: tuple[Annotation, ...]


class AnnotationServer(Protocol):
    """A server that people annotate on. Each method raises `ServerBusyError` or `ServerRefusedError`."""

    def projects(self, prefix: str) -> Sequence[Project]:
        """Return the projects whose title begins so, by id."""

    def create_project(self, title: str, label_config: str) -> Project:
        """Create a project without tasks."""

    def delete_project(self, project_id: int) -> None:
        """Delete a project, its tasks and their annotations."""

    def add_tasks(self, project_id: int, tasks: Sequence[Task]) -> None:
        """Add the tasks; nothing looks whether they are there already."""

    def placed_tasks(self, project_id: int) -> Sequence[PlacedTask]:
        """Return every task of the project, by id."""

    def delete_task(self, task_id: int) -> None:
        """Delete a task and its annotations."""

    def changed_tasks(self, project_id: int, since: datetime | None, limit: int) -> Sequence[TaskState]:
        """Return the first `limit` tasks that were changed at `since` or later, the longest unchanged first.

        An answer that is given, edited, skipped or deleted changes its task.

        Raises:
            NoProjectError: the project has been deleted.
        """

    def answered_by(self, project_id: int, person: int) -> Sequence[int]:
        """Return the ids of the person's annotations in the project; of none in one that has been deleted."""

    def delete_annotation(self, annotation_id: int) -> None:
        """Delete an annotation, if it is there."""

    def delete_person(self, person: int) -> None:
        """Delete the person's account, if it is there; their annotations would stay, as nobody's."""


class SimulationServer(AnnotationServer, Protocol):
    """A server on which people who do not exist can answer."""

    def add_answered(self, project_id: int, tasks: Sequence[tuple[Task, Annotation]]) -> None:
        """Add tasks that somebody has answered elsewhere, as if they had done so here."""

    def add_person(self, email: str) -> int:
        """Make an account that nobody can log into, and return its number."""
