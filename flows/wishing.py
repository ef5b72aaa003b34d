"""The free answers of a campaign to wishes: what people say is missing, put together, and what of it is listed."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from annotation.wishes.clustering import Cluster, cluster
from annotation.wishes.listing import Inventory, listed
from annotation.wishes.settings import MissingSettings
from flows import progress
from flows.phrasing import Discussed, discussed, gists, phrases_of
from flows.settings import Settings
from flows.storage import Storage
from valueprism_build.considerations.quoting import run_digests
from valueprism_build.encoders import encoder_named
from valueprism_build.errors import BuildError
from valueprism_build.records import Annotator, Consideration, Rejected, Stage
from valueprism_build.wishes import Voice, Wish, Written
from warehouse import campaigns, canonical, considerations, rejected, votes, wishes
from warehouse.batches import transaction


@dataclass(frozen=True, slots=True)
class Heard:
    """A wish as it was put.

    Attributes:
        cluster: its phrases, the founder first.
        voices: who voiced it, in whichever campaign.
        known_as: the label of the canonical consideration that has its form; empty where none has.
    """

    situation_id: str
    cluster: Cluster
    listed: Consideration | None
    voices: tuple[Voice, ...]
    known_as: str

    @property
    def wish(self) -> Wish:
        """Return it without the words."""
        runs = frozenset[str]().union(*(run_digests(phrase.text) for phrase in self.cluster.phrases))
        same = None if self.listed is None else self.listed.id
        return Wish(self.cluster.wish_id, self.situation_id, same, tuple(sorted(runs)))

    @property
    def people(self) -> frozenset[str]:
        """Return who voiced it."""
        return frozenset(voice.annotator_id for voice in self.voices)


@dataclass(frozen=True, slots=True)
class Gathered:
    """All that people said is missing in the situations of a campaign.

    Attributes:
        written: free answers of this campaign and of others about its situations.
        rejected: what of these is no wish, by situation.
        people: who takes part in this campaign.
    """

    campaign: str
    situation_ids: tuple[str, ...]
    written: tuple[Written, ...]
    heard: tuple[Heard, ...]
    rejected: Mapping[str, Sequence[Rejected]]
    people: tuple[Annotator, ...]


def gather(settings: Settings, campaign: str) -> Gathered:
    """Return the wishes of a campaign, and those of others about its situations; nothing is stored.

    Phrases are embedded by the model itself, past the store of vectors: that would keep people's words.

    Raises:
        WarehouseError: there is no warehouse, or it cannot be read.
        BuildError: there is no such campaign, or it has no free answers.
    """
    storage, limits = Storage(settings), settings.missing
    with storage.open(read_only=True) as db:
        if campaigns.find(db, campaign) is None:
            raise BuildError(f"there is no campaign {campaign!r} in {settings.warehouse}; give the name of one")
        ids = wishes.asked_about(db, campaign)
        written = wishes.written(db, limits.questions, ids)
        if not any(one.campaign_id == campaign for one in written):
            raise BuildError(
                f"nobody has answered {' or '.join(limits.questions)} in campaign {campaign!r} yet; pull its answers, "
                "or name the written questions of its study under [missing] questions"
            )
        items, people = considerations.read(db, ids), votes.read_annotators(db, campaign)
        inventory = Inventory(canonical.read(db).inventory.canonicals())
    phrases, aside = phrases_of(written, limits)
    with storage.open(read_only=True) as db:
        known = wishes.known_phrases(db, [phrase.digest for phrase in phrases])
    with progress.stage("gathering wishes", len(ids)) as advance:
        about = discussed(phrases, items, encoder_named(settings.embedding_model))
        heard = [wish for one in about for wish in _heard(one, inventory, known, limits)]
        advance(len(ids), f"{len(heard)} wishes")
    return Gathered(campaign, tuple(ids), tuple(written), tuple(heard), aside, tuple(people))


def store(storage: Storage, gathered: Gathered, run_id: str) -> None:
    """Store what was gathered, without anybody's words; storing it again changes nothing.

    Raises:
        WarehouseError: the warehouse cannot be written.
    """
    phrases = {said.digest: one.cluster.wish_id for one in gathered.heard for said in one.cluster.phrases}
    voices = [voice for one in gathered.heard for voice in one.voices]
    aside = {id_: gathered.rejected.get(id_, ()) for id_ in gathered.situation_ids}
    with storage.open() as db, transaction(db):
        wishes.store(db, gathered.situation_ids, [one.wish for one in gathered.heard], phrases, voices)
        rejected.replace(db, run_id, aside, (Stage.MISSING,))


def _heard(one: Discussed, inventory: Inventory, known: Mapping[str, str], limits: MissingSettings) -> Iterator[Heard]:
    """Yield the wishes about one situation."""
    forms = {item.id: inventory.forms(item) for item in one.items}
    for wish in cluster(one.said, one.said_vectors, known, same=limits.same):
        digests = {phrase.digest for phrase in wish.phrases}
        voices = {phrase.voice(wish.wish_id) for phrase in one.phrases if phrase.digest in digests}
        yield Heard(
            wish.phrases[0].situation_id,
            wish,
            listed(wish, one.items, forms, one.said_vectors, one.item_vectors, least=limits.listed),
            tuple(sorted(voices, key=lambda voice: (voice.uid, voice.question, voice.phrase))),
            inventory.label(gists(wish.phrases)),
        )
