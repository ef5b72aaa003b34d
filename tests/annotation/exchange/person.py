"""Somebody who answers through the API, as the page does."""

from collections.abc import Mapping, Sequence
from typing import Self

import httpx


class Person:
    def __init__(self, base_url: str, token: str) -> None:
        self._client = httpx.Client(base_url=base_url, headers={"Authorization": f"Token {token}"}, timeout=60)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def answer(self, task_id: int, choice: str, text: str = "", *, skip: bool = False) -> int:
        result = [
            {"from_name": "agree", "to_name": "situation", "type": "choices", "value": {"choices": [choice]}},
            {"from_name": "missing", "to_name": "situation", "type": "textarea", "value": {"text": [text]}},
        ]
        return self.answer_all(task_id, result, skip=skip)

    def answer_all(
        self,
        task_id: int,
        result: Sequence[Mapping[str, object]],
        *,
        skip: bool = False,
        completed_by: int | None = None,
    ) -> int:
        """Answer a task, as oneself or, where one may, as somebody else."""
        body = {"result": result, "lead_time": 3.5, "was_cancelled": skip}
        body |= {} if completed_by is None else {"completed_by": completed_by}
        return int(self._client.post(f"/api/tasks/{task_id}/annotations/", json=body).raise_for_status().json()["id"])

    def edit(self, annotation_id: int, choice: str) -> None:
        result = [{"from_name": "agree", "to_name": "situation", "type": "choices", "value": {"choices": [choice]}}]
        self.edit_all(annotation_id, result)

    def edit_all(self, annotation_id: int, result: Sequence[Mapping[str, object]]) -> None:
        self._client.patch(f"/api/annotations/{annotation_id}/", json={"result": list(result)}).raise_for_status()

    def edit_config(self, project_id: int, label_config: str) -> None:
        body = {"label_config": label_config}
        self._client.patch(f"/api/projects/{project_id}/", json=body).raise_for_status()

    def withdraw(self, annotation_id: int) -> None:
        self._client.delete(f"/api/annotations/{annotation_id}/").raise_for_status()
