"""What people have said on the server, as answers: checked against the deal, the seat and the study's vocabulary.

The server lets everybody answer everything, several times. Of a page the one answer of the seat's person counts; all
else is refused by rule, and stays on the server to be looked at.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from annotation.answers import Reading, read
from annotation.exchange.server import Annotation, TaskState
from annotation.pages import FORM_OF
from annotation.vocabulary import CONSENT, Study
from valueprism_build.campaigns import AnsweredPage, Page, PageKind
from valueprism_build.records import Annotator, Rejected, Stage, Vote


class Dealt(NamedTuple):
    """A page, whose it is, and by which number the server knows that person."""

    page: Page
    annotator_id: str
    person: int


class Collected(NamedTuple):
    """What has come in.

    Attributes:
        answered: pages in their present form; the first page without its answers, which are not about an item.
        annotators: who have agreed to take part and said who they are; nobody else's answers may be used.
        withdrawn: uids of pages that have no answer any more, or never had one.
        rejected: subject `uid`, or `uid:question`.
    """

    answered: list[AnsweredPage]
    annotators: list[Annotator]
    withdrawn: list[str]
    rejected: list[Rejected]


def collect(study: Study, deal: Mapping[str, Dealt], states: Iterable[TaskState]) -> Collected:
    """Return what the tasks say.

    Args:
        study: of the campaign.
        deal: every page of a seat that somebody has taken, by uid.
        states: of tasks; of one that comes several times, the last counts.
    """
    collected = Collected([], [], [], [])
    for state in {state.uid: state for state in states}.values():
        dealt = deal.get(state.uid)
        if dealt is None:
            if state.annotations:
                detail = f"task {state.id} is answered, and nobody was dealt its page"
                collected.rejected.append(_refused(state.uid, "not_dealt", detail))
            continue
        annotation = _own(dealt, state, collected.rejected)
        if annotation is None:
            collected.withdrawn.append(state.uid)
        else:
            _take(study, dealt, annotation, collected)
    return collected


def _own(dealt: Dealt, state: TaskState, rejected: list[Rejected]) -> Annotation | None:
    """Return what the person themselves said last, and refuse the rest."""
    mine: list[Annotation] = []
    for annotation in state.annotations:
        if annotation.person != dealt.person:
            detail = f"annotation {annotation.id} is by person {annotation.person}, the seat is person {dealt.person}'s"
            rejected.append(_refused(state.uid, "not_their_page", detail))
        elif annotation.skipped:
            rejected.append(_refused(state.uid, "skipped", f"annotation {annotation.id} passes the page over"))
        else:
            mine.append(annotation)
    mine.sort(key=lambda annotation: (annotation.updated_at, annotation.id))
    rejected += [
        _refused(state.uid, "answered_again", f"annotation {earlier.id} has a later one beside it")
        for earlier in mine[:-1]
    ]
    return mine[-1] if mine else None


def _take(study: Study, dealt: Dealt, annotation: Annotation, collected: Collected) -> None:
    page = dealt.page
    reading = read(study, FORM_OF[page.kind], page.uid, annotation.result)
    collected.rejected.extend(reading.refused)
    if page.kind is PageKind.INTRO:
        collected.annotators.extend(_annotator(dealt.annotator_id, study, reading))
    about = {} if page.kind is PageKind.INTRO else reading.answers
    votes = tuple(
        Vote(page.item_id or page.situation_id, dealt.annotator_id, question, answer, annotation.seconds)
        for question, answer in about.items()
    )
    collected.answered.append(AnsweredPage(page.uid, dealt.annotator_id, votes, annotation.updated_at))


def _annotator(annotator_id: str, study: Study, reading: Reading) -> Sequence[Annotator]:
    """Return the person, if they have agreed and answered every question about themselves."""
    if reading.refused or CONSENT not in reading.answers:
        return []
    about = tuple((one.id, reading.answers[one.id]) for one in study.demographics)
    return [Annotator(annotator_id, about)]


def _refused(uid: str, rule: str, detail: str) -> Rejected:
    return Rejected(uid, Stage.ANNOTATE, rule, detail)
