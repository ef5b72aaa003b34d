"""The forms in which Label Studio takes filters and gives tasks and annotations."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

from annotation.exchange.server import Annotation, Task

MOMENT: Final = "%Y-%m-%dT%H:%M:%S.%fZ"
"""The one form of a moment that the server's filters take."""


def changed_since(since: datetime | None) -> Sequence[Mapping[str, object]]:
    """Return filters of which one holds for a task changed then or later; without a moment, for one ever annotated."""
    if since is not None:
        return [_at_least("updated_at", "Datetime", since.astimezone(UTC).strftime(MOMENT))]
    return [_at_least("total_annotations", "Number", 1), _at_least("cancelled_annotations", "Number", 1)]


def annotated_by(person: int) -> Mapping[str, object]:
    """Return a filter that holds for tasks that the person has annotated."""
    return {"filter": "filter:tasks:annotators", "operator": "contains", "type": "List", "value": person}


def annotation_of(stored: Mapping[str, object]) -> Annotation:
    """Read an annotation of the tasks' listing."""
    lead_time = stored.get("lead_time")
    person = stored.get("completed_by")
    return Annotation(
        id=int(str(stored["id"])),
        person=int(str(person["id"] if isinstance(person, Mapping) else person or 0)),
        result=json.dumps(stored.get("result") or [], ensure_ascii=False),
        seconds=float(lead_time) if isinstance(lead_time, int | float) else None,
        skipped=bool(stored.get("was_cancelled")),
        updated_at=moment_of(stored["updated_at"]),
    )


def as_import(task: Task, annotation: Annotation) -> Mapping[str, object]:
    """Return a task with its annotation as an import takes them."""
    given = {
        "result": json.loads(annotation.result),
        "completed_by": annotation.person,
        "lead_time": annotation.seconds,
        "was_cancelled": annotation.skipped,
    }
    return {"data": {**task.data, "uid": task.uid}, "annotations": [given]}


def uid_of(data: object) -> str:
    """Return our name of a task from its data."""
    return str(data.get("uid", "")) if isinstance(data, Mapping) else ""


def moment_of(stamp: object) -> datetime:
    """Read a moment, which the SDK has read already, or not."""
    return stamp if isinstance(stamp, datetime) else datetime.fromisoformat(str(stamp))


def _at_least(field: str, kind: str, value: str | int) -> Mapping[str, object]:
    return {"filter": f"filter:tasks:{field}", "operator": "greater_or_equal", "type": kind, "value": value}
