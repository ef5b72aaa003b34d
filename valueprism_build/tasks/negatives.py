"""Negatives by exchange: two situations lend each other a consideration that is foreign to the other.

Row p of one situation and row q of another, of one type, become a pair when what p says may stand as irrelevant to
q's situation and the other way round: p's situation gets q's text as its negative, q's situation gets p's. So every
text is as often a "No" as it is a "Yes" beside a "No", whatever its frequency, and no text gives its label away. Both
lie in one split: were the books balanced over all splits alone, what train lacks would tell what test holds (a guess
by text was right in 20 % of the test rows, so its contrary in 80 %).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple, TypeAlias

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from valueprism_build.embedding import Encoder
from valueprism_build.errors import SettingsError
from valueprism_build.records import Rejected, Stage
from valueprism_build.tasks.negative_check import Check, Checked, Questioned
from valueprism_build.tasks.negative_clash import Clashes
from valueprism_build.tasks.negative_corpus import Codes, Corpus, Keys, mixed, vectors_of
from valueprism_build.tasks.negative_exchange import TRIES, Exchange
from valueprism_build.tasks.relatedness import Apart, apart

Flags: TypeAlias = NDArray[np.bool_]

EASY: Final = "easy"
HARD: Final = "hard"


@dataclass(frozen=True, slots=True)
class NegativeSettings:
    """What may stand as a negative.

    Attributes:
        seed: another one draws other negatives.
        cosine: from which a text is too like one of the situation's own. On the 2,212 considerations of 316 real
            situations (all-MiniLM-L6-v2), pairs from .60 on mean the same (Generosity and Altruism .60-.65, Autonomy
            and Right to self-determination .63, Empathy and Compassion .65-.70); below .55 most do not (Security and
            Workplace safety, Respect and Gratitude).
        least_related: of all pairs of a situation and a consideration, the share that is least related by
            `relatedness`; negatives come from it. 1 takes any.
        least_named: so many situations must name a consideration for it to be a negative: of what one names alone
            nobody can tell where else it would matter.
        hard_share: of the rows, so many look for a partner among the siblings of their situation first.
    """

    seed: int = 0
    cosine: float = 0.6
    least_related: float = 0.03
    least_named: int = 10
    hard_share: float = 0.0

    def __post_init__(self) -> None:
        """Refuse what cannot be used.

        Raises:
            SettingsError: a number is out of its range; the line names it.
        """
        for name, fits, range_ in (
            ("cosine", -1 <= self.cosine <= 1, "-1 to 1"),
            ("least_related", 0 < self.least_related <= 1, "more than 0, at most 1"),
            ("least_named", self.least_named >= 1, "at least 1"),
            ("hard_share", 0 <= self.hard_share <= 1, "0 to 1"),
        ):
            if not fits:
                raise SettingsError(f"release setting negative_{name} is {getattr(self, name)}; give {range_}")


class Negatives(NamedTuple):
    """Pairs of row numbers of the full table, ordered by positive, and the positives that got none.

    Attributes:
        positives: shape (k,), rows that have a negative.
        sources: shape (k,), for each the row whose vrd and text make the negative; the same rows in another order.
        hard: shape (k,), whether it comes from a sibling of the positive's situation.
        rejected: one for each positive without one.
        checked: what a teacher said about the candidates; None where none was asked.
    """

    positives: Codes
    sources: Codes
    hard: NDArray[np.bool_]
    rejected: list[Rejected]
    checked: Checked | None = None


def draw(
    full: pa.Table,
    encoder: Encoder,
    settings: NegativeSettings,
    concerns: Mapping[str, str],
    check: Check | None = None,
) -> Negatives:
    """Draw negatives for as many rows as can safely have one.

    A negative never clashes (`negative_clash`) with anything that a situation of the positive's family names, is
    unrelated to the situation (`relatedness`), no situation gets the same one twice, and where there is a check, none
    is used that was not found irrelevant. What is refused is drawn anew, so many rounds long; after the last of them
    both rows of an exchange go without, so that each text stays as often a "No" as a "Yes".

    Args:
        full: needs situation_id, family_id, split, situation, vrd, text, explanation, canonical_id and
            consideration_id, the last unique.
        encoder: embeds texts; those of considerations folded and without prefix.
        settings: what may stand as a negative.
        concerns: concern id by canonical id.
        check: by whom candidates are to be checked.

    Raises:
        BuildError: the check has nobody who answers.
    """
    corpus = Corpus.of(full, concerns, settings.seed)
    questioned = Questioned(full, check)
    if not full.num_rows:
        none = np.empty(0, np.bool_)
        return _sorted_out(full, np.empty(0, np.int64), none, none, settings, questioned.checked())
    vectors = vectors_of(encoder, corpus.cores)
    found = apart(corpus, encoder, vectors, share=settings.least_related, least=settings.least_named)
    clashes = Clashes(corpus, vectors, settings.cosine)
    exchange = _exchanged(corpus, clashes, found, settings.hard_share)
    for _ in range(check.rounds - 1 if check else 0):
        if not _refuse(corpus, found, exchange.partner, questioned).any():
            break
        exchange = _exchanged(corpus, clashes, found, settings.hard_share)
    exchange.part(np.flatnonzero(_refuse(corpus, found, exchange.partner, questioned)))
    able = found.column[corpus.canonical] >= 0
    return _sorted_out(full, exchange.partner, able, exchange.hard(), settings, questioned.checked())


def _exchanged(corpus: Corpus, clashes: Clashes, found: Apart, hard_share: float) -> Exchange:
    exchange = Exchange(corpus, clashes, found)
    able = found.column[corpus.canonical] >= 0
    for pool in range(int(corpus.pool.max()) + 1):
        rows = np.flatnonzero(able & (corpus.pool == pool))
        exchange.settle(rows[_lot(corpus.key[rows]) < hard_share], hard=True)
        exchange.settle(rows, hard=False)
    return exchange


def _refuse(corpus: Corpus, found: Apart, partner: Codes, questioned: Questioned) -> Flags:
    """Take what is unfit out of what is unrelated; return shape (n,), the rows that have an unfit negative."""
    unfit = np.zeros(len(partner), np.bool_)
    positives = np.flatnonzero(partner >= 0)
    unfit[positives] = questioned.unfit(positives, partner[positives])
    rows = np.flatnonzero(unfit)
    found.distance[corpus.situation[rows], found.column[corpus.canonical[partner[rows]]]] = 0
    return unfit


def _lot(keys: Keys) -> NDArray[np.float64]:
    """Return a number from 0 to 1 for each key."""
    lots: NDArray[np.float64] = mixed(keys, TRIES) / 2**64
    return lots


def _sorted_out(
    full: pa.Table, partner: Codes, able: Flags, hard: Flags, settings: NegativeSettings, checked: Checked | None
) -> Negatives:
    positives = np.flatnonzero(partner >= 0)
    lacking = np.flatnonzero(partner < 0)
    columns = full.take(pa.array(lacking)).select(["consideration_id", "vrd", "situation_id"]).to_pylist()
    rejected = [
        Rejected(row["consideration_id"], Stage.NEGATIVES, *_why(row, may, settings))
        for row, may in zip(columns, able[lacking], strict=True)
    ]
    return Negatives(positives, partner[positives], hard[positives], rejected, checked)


def _why(row: Mapping[str, str], able: bool, settings: NegativeSettings) -> tuple[str, str]:
    if not able:
        return "named_too_seldom", f"fewer than {settings.least_named} situations name this {row['vrd'].lower()}"
    return (
        "no_negative",
        f"no {row['vrd'].lower()} of its split could be exchanged with situation {row['situation_id']}",
    )
