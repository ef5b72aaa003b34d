"""An annotation server in memory that fails when it is told to, before or after it has done what it was asked."""

import itertools
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from annotation.exchange.server import (
    Annotation,
    NoProjectError,
    PlacedTask,
    Project,
    Task,
    TaskState,
)

Result = TypeVar("Result")
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass
class Fault:
    """Raised at the call of this number, counted from 1, once that call has had its effect or before it."""

    call: int
    error: BaseException
    after: bool


@dataclass
class ScriptedServer:
    faults: list[Fault] = field(default_factory=list)
    calls: int = 0
    clock: datetime = EPOCH
    on_call: Callable[[], None] = lambda: None
    deleted_people: list[int] = field(default_factory=list)
    _projects: dict[int, Project] = field(default_factory=dict)
    _tasks: dict[int, dict[int, Task]] = field(default_factory=dict)
    _states: dict[int, TaskState] = field(default_factory=dict)
    _ids: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    def projects(self, prefix: str) -> Sequence[Project]:
        return self._call(
            lambda: [self._counted(each) for each in self._projects.values() if each.title.startswith(prefix)]
        )

    def create_project(self, title: str, label_config: str) -> Project:
        def create() -> Project:
            project = Project(next(self._ids), title, label_config, 0)
            self._projects[project.id], self._tasks[project.id] = project, {}
            return project

        return self._call(create)

    def delete_project(self, project_id: int) -> None:
        def delete() -> None:
            if self._projects.pop(project_id, None) is None:
                raise NoProjectError(f"no project {project_id}")

        self._call(delete)

    def add_tasks(self, project_id: int, tasks: Sequence[Task]) -> None:
        def add() -> None:
            for task in tasks:
                id_ = next(self._ids)
                self._tasks[project_id][id_] = task
                self._states[id_] = TaskState(id_, task.uid, self._tick(), ())

        self._call(add)

    def add_answered(self, project_id: int, tasks: Sequence[tuple[Task, Annotation]]) -> None:
        def add() -> None:
            for task, annotation in tasks:
                id_, at = next(self._ids), self._tick()
                self._tasks[project_id][id_] = task
                given = replace(annotation, id=next(self._ids), updated_at=at)
                self._states[id_] = TaskState(id_, task.uid, at, (given,))

        self._call(add)

    def add_person(self, email: str) -> int:
        return self._call(lambda: next(self._ids))

    def placed_tasks(self, project_id: int) -> Sequence[PlacedTask]:
        return self._call(
            lambda: [
                PlacedTask(id_, task.uid, len(self._states[id_].annotations))
                for id_, task in self._tasks[project_id].items()
            ]
        )

    def delete_task(self, task_id: int) -> None:
        def delete() -> None:
            for tasks in self._tasks.values():
                tasks.pop(task_id, None)

        self._call(delete)

    def changed_tasks(self, project_id: int, since: datetime | None, limit: int) -> Sequence[TaskState]:
        def changed() -> Sequence[TaskState]:
            if project_id not in self._projects:
                raise NoProjectError(f"no project {project_id}")
            states = [self._states[id_] for id_ in self._tasks[project_id]]
            wanted = [each for each in states if (each.updated_at >= since if since else each.annotations)]
            return sorted(wanted, key=lambda state: (state.updated_at, state.id))[:limit]

        return self._call(changed)

    def answered_by(self, project_id: int, person: int) -> Sequence[int]:
        def answered() -> Sequence[int]:
            states = (self._states[id_] for id_ in self._tasks.get(project_id, ()) if project_id in self._projects)
            return [each.id for state in states for each in state.annotations if each.person == person]

        return self._call(answered)

    def delete_annotation(self, annotation_id: int) -> None:
        def delete() -> None:
            for state in list(self._states.values()):
                if any(each.id == annotation_id for each in state.annotations):
                    self.withdraw(state.uid, annotation_id)

        self._call(delete)

    def delete_person(self, person: int) -> None:
        self._call(lambda: self.deleted_people.append(person))

    def answer(
        self,
        uid: str,
        result: str | None = None,
        *,
        person: int = 1,
        at: datetime | None = None,
        skipped: bool = False,
    ) -> int:
        """Somebody answers; returns the annotation's id."""
        id_ = next(self._ids)
        given = Annotation(id_, person, result or json.dumps([uid]), 2.0, skipped, at or self._tick())
        self._change(uid, lambda annotations: (*annotations, given), given.updated_at)
        return id_

    def edit(self, uid: str, annotation_id: int, result: str) -> None:
        at = self._tick()
        self._change(
            uid,
            lambda old: tuple(
                replace(each, result=result, updated_at=at) if each.id == annotation_id else each for each in old
            ),
            at,
        )

    def edit_config(self, title: str, old: str, new: str) -> None:
        """Somebody edits a project's label config by hand."""
        for project in self._projects.values():
            if project.title == title:
                self._projects[project.id] = replace(project, label_config=project.label_config.replace(old, new))

    def rename(self, uid: str, to: str, annotations: tuple[Annotation, ...]) -> None:
        """Somebody gives a task another name, and then it holds these annotations."""
        state = self.state(uid)
        self._states[state.id] = replace(state, uid=to, annotations=annotations, updated_at=self._tick())

    def withdraw(self, uid: str, annotation_id: int) -> None:
        self._change(uid, lambda old: tuple(each for each in old if each.id != annotation_id))

    def state(self, uid: str) -> TaskState:
        return next(state for state in self._states.values() if state.uid == uid)

    def uids(self) -> list[str]:
        """Every task's uid on the server, sorted; one that is there twice stands twice."""
        return sorted(task.uid for id_ in self._projects for task in self._tasks[id_].values())

    def _change(
        self,
        uid: str,
        change: Callable[[tuple[Annotation, ...]], tuple[Annotation, ...]],
        at: datetime | None = None,
    ) -> None:
        state = self.state(uid)
        self._states[state.id] = replace(state, annotations=change(state.annotations), updated_at=at or self._tick())

    def _tick(self) -> datetime:
        self.clock += timedelta(seconds=1)
        return self.clock

    def _counted(self, project: Project) -> Project:
        return replace(project, tasks=len(self._tasks[project.id]))

    def _call(self, effect: Callable[[], Result]) -> Result:
        self.calls += 1
        fault = next((each for each in self.faults if each.call == self.calls), None)
        if fault and not fault.after:
            raise fault.error
        result = effect()
        self.on_call()
        if fault:
            raise fault.error
        return result
