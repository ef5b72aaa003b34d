"""The one module that knows the Label Studio SDK: its projects, tasks and annotations as ours.

The SDK repeats a request that failed; we never let it, for a POST whose reply was lost may have been carried out. Its
errors print all headers of the reply, cookies among them, so only the status and the server's words go further.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import TYPE_CHECKING, Final, Literal, Self, TypeAlias

import httpx

from annotation.exchange.label_studio_forms import (
    annotated_by,
    annotation_of,
    as_import,
    changed_since,
    moment_of,
    uid_of,
)
from annotation.exchange.server import (
    Annotation,
    NoProjectError,
    PlacedTask,
    Project,
    ServerBusyError,
    ServerRefusedError,
    Task,
    TaskState,
)
from valueprism_build.errors import BuildError

if TYPE_CHECKING:
    from label_studio_sdk.core.pagination import SyncPager
    from label_studio_sdk.core.request_options import RequestOptions
    from label_studio_sdk.types.all_roles_project_list import AllRolesProjectList
    from label_studio_sdk.types.paginated_all_roles_project_list_list import PaginatedAllRolesProjectListList
    from label_studio_sdk.types.paginated_role_based_task_list import PaginatedRoleBasedTaskList
    from label_studio_sdk.types.role_based_task import RoleBasedTask

    _Projects: TypeAlias = SyncPager[AllRolesProjectList, PaginatedAllRolesProjectListList]
    _Tasks: TypeAlias = SyncPager[RoleBasedTask, PaginatedRoleBasedTaskList]

ONCE: "Final[RequestOptions]" = {"max_retries": 0}
PAGE: Final = 100
KEPT_UNDER_TLS: Final = 20
"""Connections that are kept; as many as httpx keeps by itself."""
STATE_FIELDS: Final = "id,data,annotations,updated_at,result,completed_by,was_cancelled,lead_time"
"""Of a task, and of an annotation in it, for the server takes one list for both. The rest is a third of its work."""
WORDS: Final = 300
"""Characters of the server's own words in an error."""
UNAUTHORIZED: Final = 401
NOT_FOUND: Final = 404
SERVER_FAULT: Final = 500
_BUSY: Final = frozenset({408, 409, 429})


_IN_ORDER: Final[Mapping[str, object]] = {"ordering": ["tasks:id"]}


class LabelStudioServer:
    """An `AnnotationServer` over a Label Studio 1.x, community or enterprise; a context that keeps connections."""

    def __init__(self, base_url: str, token: str, *, timeout: float = 60.0) -> None:
        """Prepare to ask; nothing is sent yet.

        Args:
            base_url: where the server listens, without /api.
            token: a personal access token, or a legacy token where the organisation allows them.
            timeout: seconds for one request.

        Raises:
            BuildError: the extra `annotation` is not installed.
            ServerRefusedError: the personal access token has run out.
        """
        try:
            from label_studio_sdk.client import LabelStudio
        except ImportError as error:
            raise BuildError(
                "campaigns need the Label Studio SDK: pip install 'valueprism-build[annotation]'"
            ) from error
        self._base_url = base_url.rstrip("/")
        # Django's own server writes head and body of a reply apart. On a connection that has been used before, the
        # second write waits some 45 ms for our delayed ACK (RFC 896; RFC 1122, 4.2.3.2), on a new one it does not; that
        # was half of a push. Under TLS a new connection would cost more, and there is a proxy that writes at once.
        kept = KEPT_UNDER_TLS if self._base_url.startswith("https:") else 0
        self._connections = httpx.Client(
            timeout=timeout, follow_redirects=True, limits=httpx.Limits(max_keepalive_connections=kept)
        )
        with self._translated():  # the SDK reads in a personal token when it runs out, and refuses one that has
            self._client = LabelStudio(  # type: ignore[no-untyped-call]
                base_url=self._base_url, api_key=token, httpx_client=self._connections
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._connections.close()

    def projects(self, prefix: str) -> list[Project]:
        """Return the projects whose title begins so, by id."""
        found: list[Project] = []
        page, total = 1, 1
        while (page - 1) * PAGE < total:
            with self._translated():
                reply: _Projects = self._client.projects.list(
                    title=prefix,
                    include="id,title,label_config,task_number",
                    ordering="id",
                    page=page,
                    page_size=PAGE,
                    request_options=ONCE,
                )
            total, page = reply.response.count, page + 1
            found += [
                Project(each.id or 0, each.title or "", each.label_config or "", each.task_number or 0)
                for each in reply.items or ()
            ]
        return [project for project in found if project.title.startswith(prefix)]

    def create_project(self, title: str, label_config: str) -> Project:
        """Create a project without tasks."""
        with self._translated():
            # Nothing is to be passed over: consent comes first, and a page that is left out is one answer too few.
            made = self._client.projects.create(
                title=title, label_config=label_config, show_skip_button=False, request_options=ONCE
            )
        return Project(made.id or 0, title, made.label_config or "", 0)

    def delete_project(self, project_id: int) -> None:
        """Delete a project, its tasks and their annotations."""
        with self._translated():
            self._client.projects.delete(project_id, request_options=ONCE)

    def add_tasks(self, project_id: int, tasks: Sequence[Task]) -> None:
        """Add the tasks; nothing looks whether they are there already."""
        from label_studio_sdk.types.import_api_request import ImportApiRequest

        rows = [ImportApiRequest(data={**task.data, "uid": task.uid}) for task in tasks]
        with self._translated():
            self._client.projects.import_tasks(id=project_id, request=rows, request_options=ONCE)

    def add_answered(self, project_id: int, tasks: Sequence[tuple[Task, Annotation]]) -> None:
        """Add tasks that somebody has answered elsewhere, as if they had done so here."""
        from label_studio_sdk.types.import_api_request import ImportApiRequest

        rows = [ImportApiRequest.model_validate(as_import(task, annotation)) for task, annotation in tasks]
        with self._translated():
            self._client.projects.import_tasks(id=project_id, request=rows, request_options=ONCE)

    def add_person(self, email: str) -> int:
        """Make an account that nobody can log into, and return its number."""
        with self._translated():
            return self._client.users.create(email=email, username=email, request_options=ONCE).id or 0

    def placed_tasks(self, project_id: int) -> list[PlacedTask]:
        """Return every task of the project, by id."""
        return [
            PlacedTask(task.id or 0, uid_of(task.data), task.total_annotations or 0)
            for task in self._all_tasks(project_id)
        ]

    def delete_task(self, task_id: int) -> None:
        """Delete a task and its annotations."""
        with self._translated():
            self._client.tasks.delete(str(task_id), request_options=ONCE)

    def changed_tasks(self, project_id: int, since: datetime | None, limit: int) -> list[TaskState]:
        """Return the first `limit` tasks that were changed at `since` or later, the longest unchanged first.

        Without `since`, those that were ever annotated.
        """
        filters = changed_since(since)
        query = {"ordering": ["tasks:updated_at"], "filters": {"conjunction": "or", "items": filters}}
        with self._translated():
            reply: _Tasks = self._client.tasks.list(
                project=project_id,
                fields="all",
                include=STATE_FIELDS,
                query=json.dumps(query),
                page=1,
                page_size=limit,
                request_options=ONCE,
            )
        return [_state(task) for task in reply.items or ()]

    def answered_by(self, project_id: int, person: int) -> list[int]:
        """Return the ids of the person's annotations in the project; of none in one that has been deleted."""
        query = {**_IN_ORDER, "filters": {"conjunction": "and", "items": [annotated_by(person)]}}
        with suppress(NoProjectError):
            tasks = self._all_tasks(project_id, query, fields="all")
            return [each.id for task in tasks for each in _state(task).annotations if each.person == person]
        return []

    def delete_annotation(self, annotation_id: int) -> None:
        """Delete an annotation, if it is there."""
        with suppress(NoProjectError), self._translated():
            self._client.annotations.delete(annotation_id, request_options=ONCE)

    def delete_person(self, person: int) -> None:
        """Delete the person's account, if it is there; their annotations would stay, as nobody's."""
        with suppress(NoProjectError), self._translated():
            self._client.users.delete(person, request_options=ONCE)

    def _all_tasks(
        self,
        project_id: int,
        query: Mapping[str, object] = _IN_ORDER,
        fields: Literal["all"] | None = None,
    ) -> Iterator["RoleBasedTask"]:
        page, total = 1, 1
        while (page - 1) * PAGE < total:
            with self._translated():
                reply: _Tasks = self._client.tasks.list(
                    project=project_id,
                    fields=fields,
                    query=json.dumps(query),
                    page=page,
                    page_size=PAGE,
                    request_options=ONCE,
                )
            total, page = reply.response.total, page + 1
            yield from reply.items or ()

    @contextmanager
    def _translated(self) -> Iterator[None]:
        from label_studio_sdk.core.api_error import ApiError

        try:
            yield
        except httpx.TransportError as error:
            raise ServerBusyError(
                f"{self._base_url} does not answer ({type(error).__name__}); is it running?"
            ) from error
        except json.JSONDecodeError as error:
            # To exchange a personal token, the SDK takes any reply for JSON, the page of a server in trouble, too.
            raise ServerBusyError(f"{self._base_url} does not exchange the token now; run it again later") from error
        except ApiError as error:
            # The error itself would carry the reply's headers, cookies among them, into a traceback.
            raise self._failure(error.status_code or 0, error.body) from None

    def _failure(self, status: int, body: object) -> ServerBusyError | ServerRefusedError:
        words = body.get("detail") if isinstance(body, Mapping) else body
        said = f"{self._base_url} says {status}: {' '.join(str(words).split())[:WORDS]}"
        if status >= SERVER_FAULT or status in _BUSY:
            return ServerBusyError(f"{said}; run it again later, nothing is sent twice")
        if status == UNAUTHORIZED:
            return ServerRefusedError(
                f"{said}; take a personal access token from Account & Settings, whole and not expired, or have the "
                "organisation allow legacy tokens"
            )
        if status == NOT_FOUND:
            return NoProjectError(said)
        return ServerRefusedError(said)


def _state(task: "RoleBasedTask") -> TaskState:
    stored: object = task.annotations  # a list, though the SDK calls it a string
    annotations = stored if isinstance(stored, list) else []
    return TaskState(
        task.id or 0,
        uid_of(task.data),
        moment_of(getattr(task, "updated_at", None)),
        tuple(annotation_of(each) for each in annotations),
    )
