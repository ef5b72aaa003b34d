"""Our Label Studio client, with a note of how long each of its requests for a push and a pull takes."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime
from statistics import median
from typing import TypeVar

from annotation.exchange.label_studio import LabelStudioServer
from annotation.exchange.server import Project, Task, TaskState
from benchmarks.measuring import timed

T = TypeVar("T")


class WatchedServer(LabelStudioServer):
    """Does what its base does; other methods than these are not watched."""

    def __init__(self, base_url: str, token: str) -> None:
        super().__init__(base_url, token)
        self._seconds: defaultdict[str, list[float]] = defaultdict(list)

    def take(self) -> dict[str, dict[str, float]]:
        """Return, by method, how many requests there were since the last time, and their median, longest and sum."""
        seconds, self._seconds = self._seconds, defaultdict(list)
        return {
            name: {
                "requests": len(all_),
                "median_s": round(median(all_), 3),
                "longest_s": round(max(all_), 3),
                "sum_s": round(sum(all_), 1),
            }
            for name, all_ in seconds.items()
        }

    def projects(self, prefix: str) -> list[Project]:
        """Return the projects whose title begins so; of hundreds, in several requests that are noted as one."""
        return self._noted("projects", lambda: LabelStudioServer.projects(self, prefix))

    def create_project(self, title: str, label_config: str) -> Project:
        """Create a project without tasks."""
        return self._noted("create_project", lambda: LabelStudioServer.create_project(self, title, label_config))

    def add_tasks(self, project_id: int, tasks: Sequence[Task]) -> None:
        """Add the tasks."""
        self._noted("add_tasks", lambda: LabelStudioServer.add_tasks(self, project_id, tasks))

    def changed_tasks(self, project_id: int, since: datetime | None, limit: int) -> list[TaskState]:
        """Return the first tasks that were changed since then."""
        return self._noted("changed_tasks", lambda: LabelStudioServer.changed_tasks(self, project_id, since, limit))

    def _noted(self, name: str, request: Callable[[], T]) -> T:
        done = timed(request)
        self._seconds[name].append(done.seconds)
        return done.result
