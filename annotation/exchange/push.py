"""Blocks to the server, each task exactly once, however often it is killed and run again.

Nothing is remembered here: the titles of the projects and the uids in the tasks tell what has arrived. After a failure
whose outcome is unknown the server is looked at before anything is sent again, and what may still be on its way has
nowhere to go.
"""

import difflib
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import NamedTuple

import stamina

from annotation.exchange.server import AnnotationServer, Block, Project, ServerBusyError, ServerRefusedError


class Pushed(NamedTuple):
    """What a push has done.

    Attributes:
        project_ids: of each block's project, by the block's title.
        added: tasks that were sent this time, and the server said so.
    """

    project_ids: dict[str, int]
    added: int


def push(
    server: AnnotationServer,
    blocks: Iterable[Block],
    *,
    prefix: str,
    opened: Collection[int] = (),
    tasks_at_once: int = 1000,
    attempts: int = 5,
    on_block: Callable[[Block], None] = lambda _: None,
) -> Pushed:
    """Bring every block to the server.

    Args:
        server: is asked once which projects there are.
        blocks: no two of one title.
        prefix: with which the title of every block begins, and of no other campaign's.
        opened: ids of projects that people are let into; they are completed, never made anew.
        tasks_at_once: tasks in one request.
        attempts: tries of a block while the server is busy, with growing waits between them.
        on_block: is called after each block.

    Raises:
        ServerBusyError: a block could not be placed in so many attempts; run it again later.
        ServerRefusedError: a project's label config was edited, or two projects of one title hold tasks.
    """
    found: dict[str, list[Project]] = defaultdict(list)
    patiently = stamina.RetryingCaller(attempts=attempts, timeout=None).on(ServerBusyError)
    for project in patiently(server.projects, prefix):
        found[project.title].append(project)
    project_ids, added = {}, 0
    for block in blocks:
        placing = _Placing(server, block, found.get(block.title, ()), opened, tasks_at_once)
        project_ids[block.title] = patiently(placing.place)
        added += placing.added
        on_block(block)
    return Pushed(project_ids, added)


class _Placing:
    """One block on its way; `place` may be called again after it has failed."""

    def __init__(
        self,
        server: AnnotationServer,
        block: Block,
        found: Sequence[Project],
        opened: Collection[int],
        tasks_at_once: int,
    ) -> None:
        self._server = server
        self._block = block
        self._opened = opened
        self._found: Sequence[Project] | None = found
        self._tasks_at_once = tasks_at_once
        self.added = 0

    def place(self) -> int:
        """Return the id of the block's project, which then holds each task once."""
        found, self._found = self._found, None  # what was known before a failure is not believed after it
        project = self._after_a_failure() if found is None else self._only(found)
        if project is None:
            project = self._server.create_project(self._block.title, self._block.label_config)
        if project.tasks != len(self._block.tasks):
            self._complete(project)
        return project.id

    def _after_a_failure(self) -> Project | None:
        """Return the block's project as `_only` does, but no incomplete one in which nobody can have answered."""
        project = self._only(
            [one for one in self._server.projects(self._block.title) if one.title == self._block.title]
        )
        if project is None or project.tasks == len(self._block.tasks) or project.id in self._opened:
            return project
        if any(task.annotations for task in self._server.placed_tasks(project.id)):
            return project
        self._server.delete_project(project.id)
        return None

    def _only(self, found: Sequence[Project]) -> Project | None:
        """Return the block's project, rid of those that hold nothing.

        Such a one is left by a request of unknown outcome, and tasks may be on their way into it: a Label Studio whose
        database is locked tries an import again for minutes, whoever has given it up. With the project it fails.
        """
        for project in found:
            if difference := _difference(project.label_config, self._block.label_config):
                raise ServerRefusedError(
                    f"the label config of project {project.title!r} was edited on the server; put it back, or delete "
                    f"the project there if nobody has answered in it:\n{difference}"
                )
        full = [project for project in found if project.tasks or project.id in self._opened]
        if len(full) > 1:
            raise ServerRefusedError(
                f"two projects are called {full[0].title!r} ({full[0].id} and {full[1].id}); delete one of them"
            )
        for project in found:
            if project not in full:
                self._server.delete_project(project.id)
        return full[0] if full else None

    def _complete(self, project: Project) -> None:
        """Send the tasks that lack, delete the twins of others that nobody has answered, keep the rest."""
        placed = self._server.placed_tasks(project.id) if project.tasks else ()
        answered_first = sorted(placed, key=lambda task: (task.annotations == 0, task.id))
        present: set[str] = set()
        for task in answered_first:
            if task.uid in present and not task.annotations:
                self._server.delete_task(task.id)
            present.add(task.uid)
        lacking = [task for task in self._block.tasks if task.uid not in present]
        for start in range(0, len(lacking), self._tasks_at_once):
            chunk = lacking[start : start + self._tasks_at_once]
            self._server.add_tasks(project.id, chunk)
            self.added += len(chunk)


def _difference(there: str, ours: str) -> str:
    lines = difflib.unified_diff(
        there.strip().splitlines(), ours.strip().splitlines(), "on the server", "of the campaign", lineterm="", n=0
    )
    return "\n".join(lines)
