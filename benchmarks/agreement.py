"""How fast agreement is measured, and whether its intervals cover; prints JSON.

    python -m benchmarks.agreement [alpha] [bootstrap] [rates] [load] [report] [million] [coverage]

Votes are simulated: people and items lean, a vote is yes with the logistic of both. Each part is its own figure, with a
baseline in the same run where there is one; seconds are of the processor, all threads together.

alpha      nominal alpha of 100,000 votes of 2,000 people on 2,222 items, against the package `krippendorff`, given its
           matrix of people by items, and given counts of answers by item, which ours counts first
bootstrap  2,000 draws of alpha and of all coefficients of 31,000 votes (613 people, 683 items); the baseline is the
           package on one resampled matrix, times 2,000
rates      31,000 votes, 13 groupings, 2,000 draws of items, of people and of both; the baseline resamples items in
           pandas, one draw, times 2,000
load       a million votes from CSV
report     a simulated study of the original size (31,263 votes, 613 people, 683 items, eight demographics, two traits),
           2,000 draws, all tests: every table of the report, then written as CSV and Parquet
million    the same with 20,000 people who answer 50 of 20,000 items each; run it alone, for its memory is the process's
coverage   how many of 1,000 simulated studies of 100 items and 60 people have the true figure in their 95 % interval
"""

import argparse
import json
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

import krippendorff
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv as pa_csv
from scipy.special import expit

from annotation.agreement.coefficients import estimates
from annotation.agreement.krippendorff_alpha import krippendorff_alpha
from annotation.agreement.rates import Grouping, everything, rates
from annotation.agreement.ratings import Ratings, tally
from annotation.agreement.resampling import DRAWS, multiplicities
from annotation.votes.coded_votes import participation
from annotation.votes.files import VoteFiles, read_votes
from annotation.votes.scales import Level
from benchmarks.measuring import timed
from benchmarks.reports import Figures, million, whole

VALUES: Final = (0.0, 1.0)
STUDIES: Final = 1_000


def main() -> None:
    """Run the parts that are named, or all."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", metavar="part", help=f"of {', '.join(PARTS)}; none runs all")
    chosen = parser.parse_args().parts or list(PARTS)
    unknown = [part for part in chosen if part not in PARTS]
    if unknown:
        parser.error(f"no part {unknown[0]}; parts are {', '.join(PARTS)}")
    print(json.dumps({part: PARTS[part]() for part in chosen}, indent=2))


def voted(rng: np.random.Generator, votes: int, people: int, items: int) -> Ratings:
    """Return simulated votes, as many on each item as can be."""
    lean_of_people, lean_of_items = rng.normal(0, 0.8, people), rng.normal(1, 1, items)
    item = np.arange(votes) % items
    place = rng.permuted(np.tile(np.arange(people), (items, 1)), axis=1)
    annotator = place[item, np.arange(votes) // items]
    code = rng.random(votes) < expit(lean_of_people[annotator] + lean_of_items[item])
    return Ratings(item.astype(np.int32), annotator.astype(np.int32), code.astype(np.int32), items, people, 2)


def matrix(ratings: Ratings) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """Return the votes by person and item, NaN for none."""
    table = np.full((ratings.annotators, ratings.items), np.nan)
    table[ratings.annotator, ratings.item] = ratings.code
    return table


def alpha_of(ratings: Ratings) -> float:
    """Return nominal alpha."""
    return float(krippendorff_alpha(tally(ratings), np.ones((1, ratings.items)), Level.NOMINAL, VALUES)[0])


def alpha() -> Figures:
    """One alpha of 100,000 votes."""
    ratings = voted(np.random.default_rng(0), 100_000, 2_000, 2_222)
    table, counts = matrix(ratings), tally(ratings).counts
    ours = timed(lambda: [alpha_of(ratings) for _ in range(20)])
    theirs = timed(lambda: krippendorff.alpha(table, level_of_measurement="nominal"))
    counted = timed(
        lambda: [krippendorff.alpha(value_counts=counts, level_of_measurement="nominal") for _ in range(20)]
    )
    return {
        "alpha": round(ours.result[0], 6),
        "difference": abs(ours.result[0] - float(theirs.result)),
        "ours_ms": round(ours.cpu_seconds / 20 * 1000, 3),
        "package_ms": round(theirs.cpu_seconds * 1000, 3),
        "package_given_counts_ms": round(counted.cpu_seconds / 20 * 1000, 3),
        "ratio": round(theirs.cpu_seconds / (ours.cpu_seconds / 20), 1),
    }


def bootstrap() -> Figures:
    """Two thousand draws of 31,000 votes."""
    rng = np.random.default_rng(0)
    ratings = voted(rng, 31_000, 613, 683)
    whole, table = tally(ratings), matrix(ratings)
    items = timed(lambda: krippendorff_alpha(whole, multiplicities(ratings.items, DRAWS, rng), Level.NOMINAL, VALUES))
    every = timed(lambda: estimates(ratings, Level.BINARY, VALUES, rng))
    taken = rng.integers(ratings.items, size=ratings.items)
    package = timed(lambda: krippendorff.alpha(table[:, taken], level_of_measurement="nominal"))
    return {
        "alpha_by_items_s": round(items.cpu_seconds, 3),
        "package_by_items_s": round(package.cpu_seconds * DRAWS, 1),
        "ratio": round(package.cpu_seconds * DRAWS / items.cpu_seconds),
        "all_coefficients_by_items_people_and_both_s": round(every.cpu_seconds, 2),
    }


def shares() -> Figures:
    """Rates of every group with all their intervals."""
    rng = np.random.default_rng(0)
    ratings = voted(rng, 31_000, 613, 683)
    of_people = [rng.integers(6, size=613).astype(np.int32) for _ in range(8)]
    of_items = [rng.integers(6, size=683).astype(np.int32) for _ in range(4)]
    groupings = [everything(ratings)]
    groupings += [Grouping(f"demographic {place}", True, code, 6) for place, code in enumerate(of_people)]
    groupings += [Grouping(f"trait {place}", False, code, 6) for place, code in enumerate(of_items)]
    ours = timed(lambda: rates(ratings, ratings.code == 1, groupings, rng))
    frame = pd.DataFrame({"item": ratings.item, "yes": ratings.code})
    for grouping in groupings:
        frame[grouping.name] = grouping.code[ratings.annotator if grouping.of_people else ratings.item]
    naive = timed(lambda: resampled_in_pandas(frame, rng.integers(683, size=683)))
    return {
        "ours_s": round(ours.cpu_seconds, 3),
        "pandas_by_items_only_s": round(naive.cpu_seconds * DRAWS, 1),
        "ratio": round(naive.cpu_seconds * DRAWS / ours.cpu_seconds),
    }


def resampled_in_pandas(frame: pd.DataFrame, taken: np.ndarray[tuple[int], np.dtype[np.int64]]) -> int:
    """Return how many shares one draw of items has."""
    drawn = pd.DataFrame({"item": taken}).merge(frame, on="item")
    return sum(len(drawn.groupby(name)["yes"].mean()) for name in frame.columns if name not in ("item", "yes"))


def load() -> Figures:
    """A million votes from a file."""
    rng, votes = np.random.default_rng(0), 1_000_000
    item, annotator = rng.integers(20_000, size=votes), rng.integers(20_000, size=votes)
    with tempfile.TemporaryDirectory() as folder:
        files = VoteFiles(Path(folder) / "votes.csv", Path(folder) / "annotators.csv")
        columns = {"item_id": item, "annotator_id": annotator, "question": ["agree"] * votes}
        pa_csv.write_csv(
            pa.table({**columns, "answer": np.array(["no", "yes"])[rng.integers(2, size=votes)]}), files.votes
        )
        party = np.array(["left", "right", ""])[rng.integers(3, size=20_000)]
        pa_csv.write_csv(pa.table({"annotator_id": np.arange(20_000), "party": party}), files.annotators)
        read = timed(lambda: read_votes(files))
    kept = participation(read.result.votes).votes
    return {"votes": kept, "refused": len(read.result.rejected), "cpu_s": round(read.cpu_seconds, 2)}


def true_figures() -> tuple[float, Figures]:
    """Return the share and the coefficients of endless people and items, by Gauss-Hermite quadrature."""
    at, weight = np.polynomial.hermite_e.hermegauss(60)
    weight /= weight.sum()
    of_item = expit(0.8 * at + (1 + at)[:, None]) @ weight
    share, agreed = float(of_item @ weight), float((of_item**2 + (1 - of_item) ** 2) @ weight)
    by_chance, odd = share**2 + (1 - share) ** 2, 2 * share * (1 - share)
    kappa = (agreed - by_chance) / (1 - by_chance)
    true = {"percent_agreement": agreed, "krippendorff_alpha_nominal": kappa, "fleiss_kappa": kappa}
    return share, true | {"gwet_ac1": (agreed - odd) / (1 - odd), "pabak": 2 * agreed - 1}


def coverage() -> Figures:
    """How often the intervals hold the figure of a study with endless people and items."""
    share, true = true_figures()
    held = dict.fromkeys([f"share {kind}" for kind in ("wilson", "by_items", "by_people", "by_both", "crossed")], 0)
    for study in range(STUDIES):
        rng = np.random.default_rng(100 + study)
        ratings = voted(rng, 1_200, 60, 100)
        rate = rates(ratings, ratings.code == 1, [everything(ratings)], rng, 400)[0][0]
        for kind, found in {"wilson": rate.wilson, **rate.resampled._asdict()}.items():
            held[f"share {kind}"] += found.low <= share <= found.high
        for name, figure in estimates(ratings, Level.BINARY, VALUES, rng, 400).items():
            for kind, found in figure._asdict().items():
                held[f"{name} {kind}"] = held.get(f"{name} {kind}", 0) + (found.low <= true[name] <= found.high)
    return {kind: round(count / STUDIES, 3) for kind, count in held.items()}


PARTS: Final[dict[str, Callable[[], Figures]]] = {
    "alpha": alpha,
    "bootstrap": bootstrap,
    "rates": shares,
    "load": load,
    "report": whole,
    "million": million,
    "coverage": coverage,
}


if __name__ == "__main__":
    main()
