"""The campaign that a crowd answers: in a warehouse, on a server, what is said on each page, and whether it came in."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final, NamedTuple

import numpy as np

from annotation.collecting import Dealt, collect
from annotation.exchange.label_studio import LabelStudioServer
from annotation.exchange.push import push
from annotation.planning import plan
from annotation.pseudonyms import pseudonyms
from annotation.simulated_people import Crowd, SimulatedPeople
from annotation.vocabulary import load_study
from benchmarks.campaign_study import design, item
from flows.campaign_creating import blocks_of, to_server
from flows.campaign_planning import Wanted
from flows.campaign_pulling import pull_campaign
from flows.campaign_server import prefix, refuser
from flows.campaign_shape import Shape
from flows.settings import Settings
from flows.storage import Storage
from valueprism_build.campaigns import Campaign, CampaignState, PageKind
from valueprism_build.records import Vote
from warehouse import campaign_people, campaigns, rejected, votes

NAME: Final = "crowd"
STRAIGHT: Final = "straight/"
"""With which the titles of the projects begin that are asked without a gateway."""
_KINDS: Final = (PageKind.BEFORE, PageKind.ITEM, PageKind.AFTER)
"""Pages whose answers are votes; those of the first page are about the person."""


class Came(NamedTuple):
    """What has become of what was answered.

    Attributes:
        answered: pages.
        stored: pages in the warehouse.
        votes: in the warehouse.
        lost: votes that were given and are not there.
        foreign: votes that are there and were not given so by that person.
        refused: parts of answers, by rule; an answer that came twice is refused as `answered_again`.
    """

    answered: int
    stored: int
    votes: int
    lost: int
    foreign: int
    refused: Mapping[str, int]

    @property
    def whole(self) -> bool:
        """Return whether everything came in once, and nothing else."""
        return self.answered == self.stored and not (self.lost or self.foreign or self.refused)


class CrowdCampaign:
    """A campaign with a seat for everybody, as `campaign create` stores it and brings it to a server."""

    def __init__(self, settings: Settings, people: int, each: int, overlap: int) -> None:
        """Plan and store it."""
        self._settings = settings
        self._study, text = load_study("agreement")
        planned = design(self._study, people, each, overlap)
        dealt = plan(planned)
        items = {id_: item(id_) for unit in planned.units for id_ in unit.items}
        wanted = Wanted("agreement", planned.people, len(planned.units), overlap, None, planned.seed)
        shape = Shape.of(settings, wanted).toml
        stored = Campaign(NAME, text, planned.seed, shape, CampaignState.PLANNED, datetime.now(UTC))
        with Storage(settings).open() as db:
            campaigns.add(db, stored, list(items.values()), dealt.seats, dealt.pages)
        self.strata = [seat.stratum for seat in dealt.seats]
        self._pages = {page.uid: page for page in dealt.pages}
        people_who_say = SimulatedPeople(self._study, items, Crowd(), np.random.default_rng(0))
        one = people_who_say.person(0, self.strata[0], len(self._pages))
        # By page, for who gets which seat is seen when they come; a page is one person's.
        self._said = {state.uid: state for state in people_who_say.answered(one, dealt.pages, datetime.now(UTC))}

    @property
    def said(self) -> Mapping[str, str]:
        """Return what is answered on each page, by uid, as a result in JSON."""
        return {uid: state.annotations[0].result for uid, state in self._said.items()}

    def to_server(self, server: LabelStudioServer) -> Sequence[int]:
        """Bring it there, and once more for who goes there straight; return the projects of these."""
        to_server(self._settings, NAME, server)
        mine = blocks_of(self._settings, NAME)
        again = [replace(one, title=f"{STRAIGHT}{one.title.removeprefix(prefix(NAME))}") for one in mine]
        return list(push(server, again, prefix=STRAIGHT).project_ids.values())

    def came(self, server: LabelStudioServer, given: Mapping[str, Sequence[str]]) -> Came:
        """Pull once more, and compare the warehouse with what was answered.

        Args:
            server: where it was answered.
            given: the participants who answered a page, by its uid.
        """
        pull_campaign(self._settings, NAME, server)
        with Storage(self._settings).open(read_only=True) as db:
            there = Counter(map(_known, votes.read(db, NAME, _KINDS)))
            stored = campaign_people.answered(db, NAME)
            refused = rejected.of_pages(db, refuser(NAME))
        keys = self._settings.campaign.participant_keys.split()
        deal = {
            uid: Dealt(self._pages[uid], pseudonyms(name, keys)[0], 0) for uid, names in given.items() for name in names
        }
        said = [self._said[uid] for uid in deal]
        wanted = Counter(_known(vote) for page in collect(self._study, deal, said).answered for vote in page.votes)
        return Came(
            answered=sum(map(len, given.values())),
            stored=len(stored),
            votes=there.total(),
            lost=(wanted - there).total(),
            foreign=(there - wanted).total(),
            refused=dict(refused),
        )


def _known(vote: Vote) -> tuple[str, ...]:
    """Return all of a vote but its seconds, which a server rounds."""
    return (vote.item_id, vote.annotator_id, vote.question, vote.answer)
