"""What people have said since the last time, project by project, in windows of bounded size.

The server is asked for the tasks that were changed at a moment or later, the longest unchanged first. A task that is
changed while we read moves to the end of that order, so it is met again; nothing is passed over. Whoever keeps the
states keeps the cursor with them, in one transaction: then a pull may be killed at any moment.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Final, NamedTuple

import stamina

from annotation.exchange.server import AnnotationServer, NoProjectError, ServerBusyError, TaskState

COMMIT_DELAY: Final = timedelta(seconds=60)
"""How much later than its time stamp a change may become visible: a server's longest transaction."""


class Window(NamedTuple):
    """Some tasks of one project, each with all its annotations as they are now.

    Attributes:
        states: replace whatever was known of these tasks; one may come several times, the latest state last.
        cursor: where the next pull of this project goes on; None while nobody has annotated.
        gone: whether the project has been deleted on the server; what was pulled from it before is all there is.
    """

    project_id: int
    states: tuple[TaskState, ...]
    cursor: datetime | None
    gone: bool = False


def pull(
    server: AnnotationServer,
    cursors: Mapping[int, datetime | None],
    *,
    tasks_at_once: int = 200,
    commit_delay: timedelta = COMMIT_DELAY,
    attempts: int = 5,
    on_project: Callable[[int], None] = lambda _: None,
) -> Iterator[Window]:
    """Yield what has changed in these projects.

    Args:
        server: where people answer.
        cursors: for each project's id where the last pull ended, None at first.
        tasks_at_once: tasks in one reply; a server gives about 600 of them a second.
        commit_delay: this much before the cursor is read again.
        attempts: tries of a request while the server is busy, with growing waits between them.
        on_project: is called with the id of each project that has been read to its end.

    Raises:
        ServerBusyError: a request failed so many times; what has been yielded holds.
        ServerRefusedError: the server will not let us read.
    """
    patiently = stamina.RetryingCaller(attempts=attempts, timeout=None).on(ServerBusyError)
    for project_id, cursor in cursors.items():
        since = cursor - commit_delay if cursor else None
        limit = tasks_at_once
        while True:
            try:
                states = tuple(patiently(server.changed_tasks, project_id, since, limit))
            except NoProjectError:
                yield Window(project_id, (), cursor, gone=True)
                break
            latest = states[-1].updated_at if states else cursor
            if states:
                cursor = max(latest, cursor) if cursor and latest else latest
                yield Window(project_id, states, cursor)
            if len(states) < limit:
                break
            # A whole window of one moment: only a wider one comes past it.
            limit = limit * 2 if latest == since else tasks_at_once
            since = latest
        on_project(project_id)
