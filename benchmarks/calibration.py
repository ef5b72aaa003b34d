"""Whether the statistics of groups keep their promises, over simulated studies whose truth is known; prints JSON.

    python -m benchmarks.calibration [--studies 500] [--processes 2] [--scale 1.0] [--seed 1] [--markdown]

Each study has the size of the original agreement study (613 people, 683 items, 31,263 answers, eight demographics; see
`annotation/simulation.py`) times `--scale` people and items. One demographic of two groups differs by what
`annotation/power.py` says is found four times in five. Printed for each promise: the share over all studies, its
standard error from the scatter between studies, the range promised, and whether the share is in it or within two
standard errors of it.
"""

import argparse
import json
import multiprocessing
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from math import hypot, inf, sqrt
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from annotation.agreement.group_effects import Estimates, GroupEffects, group_effects
from annotation.agreement.group_tally import GroupCodes
from annotation.agreement.item_contrasts import REST, ItemContrasts, Verdict, counts, item_contrasts
from annotation.power import Ask, answering_of, log_odds_apart, smallest_difference
from annotation.simulation import ORIGINAL, Demographic, Design, Study, simulate, true_item_rates, true_rates
from benchmarks.measuring import timed

RATE: Final = 0.05
POWER: Final = 0.8
# The demographic of two groups whose difference is planned, and the same for all items.
PLANNED: Final = "orientation"
# Rates nearer than this are equal: contrasts of such groups are null.
_SAME: Final = 1e-9

Counted = NDArray[np.float64]


class Promise(NamedTuple):
    """What is counted in each study, and the range that its share should be in."""

    name: str
    low: float
    high: float


PROMISES: Final = (
    Promise("false discoveries among item differences called real", 0, RATE),
    Promise("item differences: intervals that hold the truth", 0.93, inf),
    Promise("marginal differences of groups: intervals that hold the truth", 0.93, 0.97),
    Promise("marginal rates of groups: intervals that hold the truth", 0.93, 0.97),
    Promise("odds ratios of equal groups: intervals that hold one", 0.93, 0.97),
    Promise("demographics without effect called different", 0, 0.07),
    Promise("planned difference found (planned: 80 %)", POWER - 0.05, POWER + 0.05),
    Promise("models that converged", 0.99, 1),
    Promise("planted item differences found, of those that could be told", 0, 1),
)


class Share(NamedTuple):
    """One promise over all studies."""

    name: str
    share: float
    error: float
    counted: int
    low: float
    high: float
    kept: bool


def main() -> None:
    """Run the benchmark and print its figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--studies", type=int, default=500)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--scale", type=float, default=1.0, help="people and items, times")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--markdown", action="store_true", help="a table for people after the JSON")
    options = parser.parse_args()
    design = planned(ORIGINAL, options.scale)
    run = timed(lambda: calibrated(design, options.studies, options.seed, options.processes))
    print(json.dumps(report(design, options.studies, run.result, run.seconds), indent=2))
    if options.markdown:
        print(markdown(run.result))


def report(design: Design, studies: int, shares: Sequence[Share], seconds: float) -> dict[str, object]:
    """Return what is printed."""
    size = {"people": design.people, "items": design.items, "answers": design.people * design.answers_each}
    promises = [each._asdict() | {"high": None if each.high == inf else each.high} for each in shares]
    return {"studies": studies, **size, "seconds": round(seconds, 1), "promises": promises}


def markdown(shares: Sequence[Share]) -> str:
    """Return a table for people."""
    rows = [
        f"| {each.name} | {each.share:.1%} ± {1.96 * each.error:.1%} | {_range(each)} | {('no', 'yes')[each.kept]} |"
        for each in shares
    ]
    return "\n".join(["| what | measured | promised | kept |", "|---|---|---|---|", *rows])


def _range(share: Share) -> str:
    if share.high == inf:
        return f"at least {share.low:.0%}"
    return f"at most {share.high:.0%}" if share.low == 0 else f"{share.low:.0%} to {share.high:.0%}"


def planned(original: Design, scale: float) -> Design:
    """Return a design of that many times the people and items, with an effect planned for `POWER`."""
    people, items = round(original.people * scale), round(original.items * scale)
    shifting = [each._replace(shifted=round(each.shifted * scale)) for each in original.demographics]
    design = original._replace(
        people=people,
        items=items,
        answers_each=min(original.answers_each, items),
        demographics=tuple(shifting),
    )
    person_sd = sqrt(design.person_sd**2 + sum(_variance(each) for each in shifting if each.name != PLANNED))
    answering = answering_of(design.constant, person_sd, design.item_sd, design.answers_each)
    own = next(each for each in shifting if each.name == PLANNED)
    said = [people * (1 - design.unsaid) * share for share in own.shares]
    difference = smallest_difference(answering, said[0], said[1], Ask(RATE, POWER))
    apart = log_odds_apart(design.constant, hypot(person_sd, design.item_sd), difference)
    effects = (apart / 2, -apart / 2)
    return design._replace(
        demographics=tuple(each._replace(effects=effects) if each.name == PLANNED else each for each in shifting)
    )


def _variance(demographic: Demographic) -> float:
    effects, shares = np.array(demographic.effects), np.array(demographic.shares)
    return float(shares @ effects**2 - (shares @ effects) ** 2)


def calibrated(design: Design, studies: int, seed: int, processes: int = 1) -> list[Share]:
    """Simulate and analyse studies, and sum up each promise."""
    seeds = np.random.SeedSequence(seed).spawn(studies)
    tally = partial(study_tally, design, [true_rates(design, number) for number in range(len(design.demographics))])
    if processes == 1:
        tallies = [tally(each) for each in seeds]
    else:
        with ProcessPoolExecutor(processes, multiprocessing.get_context("spawn")) as pool:
            tallies = list(pool.map(tally, seeds, chunksize=4))
    return [_share(promise, column) for promise, column in zip(PROMISES, np.stack(tallies, axis=1), strict=True)]


def study_tally(design: Design, truth: Sequence[Counted], seed: np.random.SeedSequence) -> Counted:
    """Return shape (promises, 2): in how many cases it happened, out of how many; `truth` is of `true_rates`."""
    study = simulate(design, np.random.default_rng(seed))
    sizes = [len(each.shares) for each in design.demographics]
    groups = list(zip(study.groups, sizes, strict=True))
    contrasts = item_contrasts([counts(study.answers, *each) for each in groups], rate=RATE)
    effects = group_effects(study.answers, [GroupCodes(*each, reference=0) for each in groups])
    of_groups = _group_tally(design, truth, effects)
    return np.array([*_item_tally(design, study, contrasts), *of_groups, _planted(study, contrasts)])


def _item_tally(design: Design, study: Study, contrasts: ItemContrasts) -> list[tuple[float, float]]:
    truth = _true_points(design, study, contrasts)
    called = contrasts.verdict == Verdict.DIFFERENT
    false = called & (np.abs(truth) < _SAME)
    told = contrasts.verdict != Verdict.TOO_FEW
    held = (contrasts.points.low <= truth) & (truth <= contrasts.points.high)
    # The false discovery rate is the mean over studies of a study's own share, 0 where nothing is called.
    return [(false.sum() / max(1, called.sum()), 1), (float(held[told].sum()), float(told.sum()))]


def _planted(study: Study, contrasts: ItemContrasts) -> tuple[float, float]:
    keys = zip(contrasts.demographic, contrasts.item, contrasts.category, strict=True)
    planted = np.array([study.shifts[demographic][item, category] != 0 for demographic, item, category in keys])
    told = planted & (contrasts.verdict != Verdict.TOO_FEW)
    return float((contrasts.verdict[told] == Verdict.DIFFERENT).sum()), float(told.sum())


def _true_points(design: Design, study: Study, contrasts: ItemContrasts) -> Counted:
    truth = np.empty(len(contrasts.item))
    for number, each in enumerate(design.demographics):
        rates, shares = true_item_rates(design, study, number), np.array(each.shares)
        rows = contrasts.demographic == number
        item, category, other = contrasts.item[rows], contrasts.category[rows], contrasts.other[rows]
        rest = (rates @ shares)[:, None] - rates * shares
        against = np.where(other == REST, (rest / (1 - shares))[item, category], rates[item, other])
        truth[rows] = 100 * (rates[item, category] - against)
    return truth


def _group_tally(
    design: Design, truth: Sequence[Counted], effects: Sequence[GroupEffects]
) -> list[tuple[float, float]]:
    held = np.zeros((3, 2))
    false, found = np.zeros(2), np.zeros(2)
    for each, rates, effect in zip(design.demographics, truth, effects, strict=True):
        rejected = effect.test.p_value <= RATE
        held[0] += _held(effect.difference, 100 * (rates - rates[effect.reference]), effect.reference)
        held[1] += _held(effect.rate, rates)
        if not any(each.effects):
            held[2] += _held(effect.odds_ratio, np.ones(len(rates)), effect.reference)
            false += (rejected, 1)
        if each.name == PLANNED:
            found += (rejected, 1)
    converged = (sum(each.converged for each in effects), len(effects))
    return [*(tuple(each) for each in held), tuple(false), tuple(found), converged]


def _held(estimates: Estimates, truth: Counted, reference: int | None = None) -> Counted:
    known = np.isfinite(estimates.low)
    if reference is not None:
        known[reference] = False
    return np.array([((estimates.low <= truth) & (truth <= estimates.high))[known].sum(), known.sum()])


def _share(promise: Promise, tallies: Counted) -> Share:
    """Sum over studies; the error is that of a ratio of sums over independent studies (Cochran 1977, section 6.3)."""
    happened, out_of = tallies.T
    share = float(happened.sum() / max(1.0, out_of.sum()))
    apart = happened - share * out_of
    studies = len(tallies)
    error = sqrt(studies / max(1, studies - 1) * float(apart @ apart)) / max(1.0, float(out_of.sum()))
    kept = promise.low - 2 * error <= share <= promise.high + 2 * error
    return Share(promise.name, share, error, int(out_of.sum()), promise.low, promise.high, kept)


if __name__ == "__main__":
    main()
