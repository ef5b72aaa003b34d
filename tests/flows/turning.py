"""A teacher that turns situations round when it is asked for a contrast, and what it then says about them."""

import json
from collections.abc import Mapping
from typing import Final

from tests.batch_api import BatchApi
from tests.flows.building import TEXTS
from tests.flows.jobs import good_reply
from tests.teacher_server import TeacherServer
from tests.valueprism_build.contrasts.making import proposal

CHANGED: Final = [
    "Feeding seagulls on the deck of a fishing boat",
    "Lending a ladder to the new burglars",
    "Painting over murals in the underpass",
]
# What `good_reply` has for and against the deed in its first two places.
TURNED: Final = [("Honesty", "Public safety"), ("Family loyalty", "Friendship"), ("Thrift", "Tradition")]


def turning(batch_api: BatchApi | None = None, latency: float = 0.0) -> TeacherServer:
    """Return a teacher whose three contrasts come to one that its own list bears out, one refuted and one open.

    The server replies by the longest of these that stands in the question.
    """
    replies = {text: good_reply(text, number) for number, text in enumerate(TEXTS)}
    for text, changed, (x, _) in zip(TEXTS, CHANGED, TURNED, strict=True):
        replies[f"{text}\nFirst: Value: {x}"] = proposal(changed)
    lists = [{"Honesty": "Opposes", "Public safety": "Supports"}, {"Family loyalty": "Supports"}, {"Beauty": "Either"}]
    replies |= {changed: _listing(listed) for changed, listed in zip(CHANGED, lists, strict=True)}
    return TeacherServer(replies, batch_api=batch_api, latency=latency)


def _listing(listed: Mapping[str, str]) -> str:
    items = [
        {"vrd": "Value", "text": text, "explanation": f"That concerns {text}.", "valence": valence}
        for text, valence in listed.items()
    ]
    return json.dumps({"considerations": items})
