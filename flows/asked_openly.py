"""Whether people's free answers to a campaign name what the list lacks that they were shown afterwards."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from annotation.wishes.clustering import Cluster, cluster
from annotation.wishes.listing import Inventory, listed
from annotation.wishes.open_answers import OpenAnswers, judged
from annotation.wishes.settings import MissingSettings
from flows import progress
from flows.phrasing import Discussed, discussed, phrases_of
from flows.settings import Settings
from flows.storage import Storage
from valueprism_build.campaigns import CampaignItem
from valueprism_build.canonical.wording import Wording
from valueprism_build.encoders import encoder_named
from valueprism_build.records import Canonical, Consideration, Rejected, Vrd
from valueprism_build.wishes import Written
from warehouse import campaigns, canonical, open_answers, wishes
from warehouse.wishes import Fate


@dataclass(frozen=True, slots=True)
class _Asked:
    """What was written about the situations of a campaign, and what it had listed.

    Attributes:
        written: in whichever campaign, so that a phrase is of one wish wherever it is counted.
        shown: ids of the items of each list, by the uid of the page before it.
        items: of all lists, as people saw them, whatever the dataset has now.
        fates: what a teacher that was asked about a wish said that it means, by the wish; or what embeddings did.
    """

    written: Sequence[Written]
    shown: Mapping[str, tuple[str, ...]]
    items: Sequence[Consideration]
    inventory: Inventory
    fates: Mapping[str, Fate]


def asked_openly(settings: Settings, campaign: str, questions: Collection[str]) -> OpenAnswers | None:
    """Return what the free answers to these questions say; None where there are none. Nothing is stored.

    Answers to questions that `settings.missing` does not name are not read.

    Raises:
        WarehouseError: the warehouse cannot be read.
        BuildError: the encoder cannot be loaded.
    """
    limits = settings.missing
    read = frozenset(questions) & frozenset(limits.questions)
    asked = _asked(settings, campaign)
    mine = [one for one in asked.written if one.campaign_id == campaign and one.question in read]
    if not mine:
        return None
    phrases, aside = phrases_of(asked.written, limits)
    with Storage(settings).open(read_only=True) as db:
        known = wishes.known_phrases(db, [phrase.digest for phrase in phrases])
    with progress.stage("reading answers", len(mine)) as advance:
        about = discussed(phrases, asked.items, encoder_named(settings.embedding_model))
        lacking = {key for one in about for key in _lacking(one, asked, known, limits)}
        advance(len(mine), f"{len(lacking)} name what a list lacks")
    found = judged(mine, asked.shown, lacking, _by_answer(aside))
    return OpenAnswers(
        read, tuple(found.said), tuple(found.rejected), settings.embedding_model, limits.same, limits.listed
    )


def _asked(settings: Settings, campaign: str) -> _Asked:
    with Storage(settings).open(read_only=True) as db:
        shown = open_answers.shown(db, campaign)
        listing = {id_ for ids in shown.values() for id_ in ids}
        items = [item for item in campaigns.items(db, campaign) if item.id in listing]
        about = sorted({item.situation_id for item in items})
        written, fates = wishes.written(db, settings.missing.questions, about), wishes.fates(db, about)
        inventory, later = canonical.read(db).inventory, open_answers.from_wishes(db)
    home = {(member.vrd, member.text): member.canonical_id for member in inventory.members}
    forms = Inventory(_without(one, later) for one in inventory.canonicals())
    return _Asked(written, shown, [_as_listed(item, home.get((item.vrd, item.text))) for item in items], forms, fates)


def _without(one: Canonical, later: Collection[tuple[Vrd, str]]) -> Canonical:
    """Return it without the wordings that wishes brought: these were missing when they were said."""
    return replace(one, members=tuple(text for text in one.members if (one.vrd, text) not in later))


def _as_listed(item: CampaignItem, canonical_id: str | None) -> Consideration:
    of = item.id, item.situation_id, item.vrd, item.text, item.explanation, item.valence
    return Consideration(*of, teacher="", request_hash="", position=0, canonical_id=canonical_id)


def _lacking(
    one: Discussed, asked: _Asked, known: Mapping[str, str], limits: MissingSettings
) -> Iterator[tuple[str, str]]:
    """Yield page and question of each answer that has a wish which its list lacks, perhaps more than once."""
    row = {item.id: number for number, item in enumerate(one.items)}
    forms = {item.id: asked.inventory.forms(item) for item in one.items}
    for wish in cluster(one.said, one.said_vectors, known, same=limits.same):
        digests = {phrase.digest for phrase in wish.phrases}
        voices = {(said.of.uid, said.of.question) for said in one.phrases if said.digest in digests}
        lists = {uid: tuple(row[id_] for id_ in asked.shown[uid]) for uid, _ in voices if uid in asked.shown}
        fate = asked.fates.get(wish.wish_id)
        means = frozenset(fate.considerations if fate else ())
        has = partial(_is_listed, wish, means, one, forms, limits.listed)
        found = {rows: has(rows) for rows in set(lists.values())}
        yield from ((uid, question) for uid, question in voices if uid in lists and not found[lists[uid]])


def _is_listed(
    wish: Cluster,
    means: frozenset[str],
    one: Discussed,
    forms: Mapping[str, frozenset[Wording]],
    least: float,
    rows: tuple[int, ...],
) -> bool:
    """Return whether all that the wish means is on this list, as far as that is known, or something near enough."""
    if means and means <= {one.items[row].id for row in rows}:
        return True
    items, vectors = [one.items[row] for row in rows], one.item_vectors[list(rows)]
    return listed(wish, items, forms, one.said_vectors, vectors, least=least) is not None


def _by_answer(aside: Mapping[str, Sequence[Rejected]]) -> dict[tuple[str, str], list[Rejected]]:
    """Return what was set aside by page and question, which `phrases_of` names in its subjects."""
    found: dict[tuple[str, str], list[Rejected]] = {}
    for part in (part for parts in aside.values() for part in parts):
        uid, question, _ = part.subject_id.rsplit(":", 2)
        found.setdefault((uid, question), []).append(part)
    return found
