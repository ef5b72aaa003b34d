"""Contrasts that a teacher was asked for: a situation, changed so that two considerations change sides.

A pure function of the reply and of the situation that was to be changed, so that taking can be repeated at no cost.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from valueprism_build.considerations.parsing import declines, excerpt, one_line, too_long, valence_of
from valueprism_build.contrasts.choosing import ContrastSettings
from valueprism_build.contrasts.closeness import is_denial, kept_share, word_edits
from valueprism_build.contrasts.replies import Proposal, read_proposal
from valueprism_build.contrasts.subject import Subject, read
from valueprism_build.ids import fold, situation_id
from valueprism_build.records import Answer, Rejected, Situation, Stage, Valence
from valueprism_build.situations.cleaning import clean
from valueprism_build.situations.minimal_pairs import same_deed
from valueprism_build.situations.rows import Trouble
from valueprism_build.situations.rules import Rule

CONTRAST_VERSION: Final = "1"
"""Raised whenever the same reply would be taken another way."""
SOURCE: Final = "contrast"
"""The source of a changed situation; its `source_id` is the situation that was changed."""


@dataclass(frozen=True, slots=True)
class Contrast:
    """One changed situation. It supports `y` and opposes `x`, says who made it; its origin is the other way round.

    Attributes:
        request_hash: of the answer that proposed it.
        origin_id: of the situation that was changed.
        situation_id: of the changed one, and `situation` its text.
        explanation_x: how x bears on the changed situation, by whoever made it; likewise `explanation_y`.
        verified: whether the list about the changed situation, asked for like any other, has both on those sides; None
            where it has nothing against it and names one of them or neither.
        output_licence: of what its teacher replies, and `may_train`: may a model be trained on it? None: nobody has
            said.
    """

    request_hash: str
    origin_id: str
    situation_id: str
    situation: str
    vrd_x: str
    text_x: str
    explanation_x: str
    vrd_y: str
    text_y: str
    explanation_y: str
    teacher: str
    model: str
    prompt_version: str
    verified: bool | None = None
    output_licence: str = "unknown"
    may_train: bool | None = None


class Taken(NamedTuple):
    """What the replies about one situation came to: each made a contrast and its changed situation, or a reject."""

    contrasts: list[Contrast]
    changed: list[Situation]
    rejected: list[Rejected]


@dataclass(frozen=True, slots=True)
class Bar:
    """What a changed situation must pass.

    Attributes:
        settings: how much of it may change.
        rules: those that any situation must pass, by name.
        echoes: texts of the prompt's worked examples, each through `ids.fold`.
        topics: returns the sensitive topics of a text.
        max_explanation_words: as of `considerations.parsing.parse`.
    """

    settings: ContrastSettings
    rules: dict[str, Rule]
    echoes: frozenset[str]
    topics: Callable[[str], tuple[str, ...]]
    max_explanation_words: int = 120


def take(answers: Sequence[Answer], origin: Situation, bar: Bar) -> Taken:
    """Return what the replies to questions for contrasts of one situation came to.

    The changed situation differs from its origin in substance, keeps most of its words, is not its mere denial and
    passes the rules of any situation; both considerations have changed sides in the teacher's own judgement. A reply
    that fails is rejected under its request hash: refusal, truncated, unparsable, no_explanation,
    too_long_explanation, echoed_example, unknown_valence, not_swapped, unchanged, bare_negation, too_far, or a rule
    over situations. That a fresh reading of the changed situation agrees is not looked at here.

    Args:
        answers: replies, not errors.
        origin: what they were to change.
        bar: what they must pass.
    """
    taken = Taken([], [], [])
    for answer in answers:
        made = _made(answer, origin, bar)
        if isinstance(made, Trouble):
            taken.rejected.append(Rejected(answer.request_hash, Stage.CONTRAST, made.rule, made.detail))
        else:
            taken.contrasts.append(made.contrast)
            taken.changed.append(made.changed)
    return taken


class _Made(NamedTuple):
    contrast: Contrast
    changed: Situation


def _made(answer: Answer, origin: Situation, bar: Bar) -> _Made | Trouble:
    proposal = _legible(answer)
    if isinstance(proposal, Trouble):
        return proposal
    changed = _situation(proposal, origin, bar)
    trouble = _unsaid(proposal, bar) or _unswapped(proposal) or _unlike(changed, origin, bar)
    return trouble or _Made(_contrast(answer, proposal, changed, read(answer.subject)), changed)


def _legible(answer: Answer) -> Proposal | Trouble:
    if answer.finish_reason == "content_filter":
        return Trouble("refusal", "the endpoint's content filter stopped it")
    proposal = read_proposal(answer.text)
    if proposal is not None:
        return Proposal(*map(one_line, proposal))
    if declines(answer.text):
        return Trouble("refusal", f"declined: {excerpt(answer.text)}")
    if answer.finish_reason == "length":
        return Trouble("truncated", f"cut off before the contrast was whole: {excerpt(answer.text)}")
    return Trouble("unparsable", f"neither the JSON nor the layout: {excerpt(answer.text)}")


def _situation(proposal: Proposal, origin: Situation, bar: Bar) -> Situation:
    """Return the changed situation, on the terms of its origin."""
    text = clean(proposal.situation)
    return Situation(situation_id(text), text, SOURCE, origin.id, origin.licence, origin.language, bar.topics(text))


def _unsaid(proposal: Proposal, bar: Bar) -> Trouble | None:
    for explanation in (proposal.explanation_x, proposal.explanation_y):
        if not fold(explanation):
            return Trouble("no_explanation", f"an explanation is blank: {excerpt(proposal.situation)}")
        if excess := too_long(explanation, bar.max_explanation_words):
            return Trouble("too_long_explanation", f"{excess}: {excerpt(explanation)}")
    for text in (proposal.situation, proposal.explanation_x, proposal.explanation_y):
        if fold(text) in bar.echoes:
            return Trouble("echoed_example", f"the prompt's own example: {excerpt(text)}")
    return None


def _unswapped(proposal: Proposal) -> Trouble | None:
    said = (proposal.valence_x, proposal.valence_y)
    valences = tuple(map(valence_of, said))
    if None in valences:
        return Trouble("unknown_valence", f"valences {excerpt(said[0])} and {excerpt(said[1])}")
    if valences != (Valence.OPPOSES, Valence.SUPPORTS):
        words = " and ".join(map(str, valences))
        return Trouble("not_swapped", f"{words}, not Opposes and Supports: {excerpt(proposal.situation)}")
    return None


def _unlike(changed: Situation, origin: Situation, bar: Bar) -> Trouble | None:
    """Say why the changed situation is no small change of its origin, or none that any source could bring."""
    for name, rule in bar.rules.items():
        if (detail := rule(changed)) is not None:
            return Trouble(name, detail)
    before, after, settings = origin.text, changed.text, bar.settings
    if is_denial(before, after):
        return Trouble("bare_negation", f"nothing but a denial is new: {excerpt(after)}")
    if same_deed(before, after):
        return Trouble("unchanged", f"no word of substance is new: {excerpt(after)}")
    edits, kept = word_edits(before, after), kept_share(before, after)
    if edits > settings.most_edits:
        return Trouble("too_far", f"{edits} words changed, at most {settings.most_edits}: {excerpt(after)}")
    if kept < settings.least_kept:
        return Trouble("too_far", f"{kept:.2f} of the words kept, need {settings.least_kept:g}: {excerpt(after)}")
    return None


def _contrast(answer: Answer, proposal: Proposal, changed: Situation, subject: Subject) -> Contrast:
    return Contrast(
        request_hash=answer.request_hash,
        origin_id=answer.situation_id,
        situation_id=changed.id,
        situation=changed.text,
        vrd_x=subject.x.vrd,
        text_x=subject.x.text,
        explanation_x=proposal.explanation_x,
        vrd_y=subject.y.vrd,
        text_y=subject.y.text,
        explanation_y=proposal.explanation_y,
        teacher=answer.teacher,
        model=answer.model,
        prompt_version=answer.prompt_version,
    )
