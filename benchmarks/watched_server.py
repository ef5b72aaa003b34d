"""An annotation server whose requests are timed one by one."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime
from statistics import median
from typing import TypeVar

from annotation.exchange.server import AnnotationServer, PlacedTask, Project, Task, TaskState
from benchmarks.measuring import timed

T = TypeVar("T")


class WatchedServer:
    """Passes everything on, and keeps how long it took."""

    def __init__(self, server: AnnotationServer) -> None:
        self._server = server
        self.seconds: defaultdict[str, list[float]] = defaultdict(list)

    def told(self) -> dict[str, dict[str, float]]:
        """Return, by method, how many requests there were, the median, the longest and all together, in seconds."""
        return {
            name: {
                "requests": len(all_),
                "median_s": round(median(all_), 3),
                "longest_s": round(max(all_), 3),
                "sum_s": round(sum(all_), 1),
            }
            for name, all_ in self.seconds.items()
        }

    def projects(self, prefix: str) -> Sequence[Project]:
        """Return the projects whose title begins so."""
        return self._watched("projects", lambda: self._server.projects(prefix))

    def create_project(self, title: str, label_config: str) -> Project:
        """Create a project without tasks."""
        return self._watched("create_project", lambda: self._server.create_project(title, label_config))

    def delete_project(self, project_id: int) -> None:
        """Delete a project."""
        self._watched("delete_project", lambda: self._server.delete_project(project_id))

    def add_tasks(self, project_id: int, tasks: Sequence[Task]) -> None:
        """Add the tasks."""
        self._watched("add_tasks", lambda: self._server.add_tasks(project_id, tasks))

    def placed_tasks(self, project_id: int) -> Sequence[PlacedTask]:
        """Return every task of the project."""
        return self._watched("placed_tasks", lambda: self._server.placed_tasks(project_id))

    def delete_task(self, task_id: int) -> None:
        """Delete a task."""
        self._watched("delete_task", lambda: self._server.delete_task(task_id))

    def changed_tasks(self, project_id: int, since: datetime | None, limit: int) -> Sequence[TaskState]:
        """Return the first tasks that were changed since then."""
        return self._watched("changed_tasks", lambda: self._server.changed_tasks(project_id, since, limit))

    def _watched(self, name: str, request: Callable[[], T]) -> T:
        done = timed(request)
        self.seconds[name].append(done.seconds)
        return done.result
