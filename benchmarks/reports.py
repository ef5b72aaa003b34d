"""Whole reports on simulated studies, of the original size and of a million votes; parts of `benchmarks.agreement`."""

import resource
import sys
import tempfile
import time
from pathlib import Path
from typing import TypeAlias

import numpy as np

from annotation.report.analysis import analysed
from annotation.report.files import write_tables
from annotation.report.settings import Material, ReportSettings
from annotation.simulation import ORIGINAL, Design, simulate
from annotation.votes.coded_votes import CodedVotes, QuestionVotes, Repeats, Trait
from annotation.votes.coding import Gathered
from annotation.votes.scales import Level, Scale
from benchmarks.measuring import timed

Figures: TypeAlias = dict[str, float]


def simulated(design: Design) -> Material:
    """Return a simulated study as it would be gathered."""
    rng = np.random.default_rng(0)
    study = simulate(design, rng)
    nothing = np.zeros(0, dtype=np.int32)
    item, person, code = (
        each.astype(np.int32) for each in (study.answers.item, study.answers.person, study.answers.yes)
    )
    seconds = rng.lognormal(2, 0.5, len(code))
    repeats = Repeats(nothing, nothing, nothing, nothing)
    scale = Scale(Level.BINARY, ("No", "Yes"), (0.0, 1.0))
    people = zip(design.demographics, study.groups, strict=True)
    votes = CodedVotes(
        items=tuple(f"item {number}" for number in range(design.items)),
        texts=tuple(f"Right to number {number}" for number in range(design.items)),
        annotators=tuple(f"person {number}" for number in range(design.people)),
        listed=np.ones(design.people, dtype=np.bool_),
        demographics=tuple(_trait(one.name, len(one.shares), group.astype(np.int32)) for one, group in people),
        traits=tuple(
            _trait(name, 3, rng.integers(3, size=design.items, dtype=np.int32)) for name in ("vrd", "valence")
        ),
        questions=(QuestionVotes("agree", scale, item, person, code, seconds, repeats),),
    )
    return Material(Gathered(votes, []))


def _trait(name: str, categories: int, codes: np.ndarray[tuple[int], np.dtype[np.int32]]) -> Trait:
    return Trait(name, tuple(f"{name} {number}" for number in range(categories)), codes)


def whole(design: Design = ORIGINAL) -> Figures:
    """The whole report but its page; what each part takes of the processor is told on standard error meanwhile."""
    material, starts = simulated(design), dict[str, float]()

    def tell(part: str) -> None:
        starts[part] = time.process_time()
        print(f"{part} ... ({_gigabytes():.2f} GB, {time.process_time():.0f} s)", file=sys.stderr, flush=True)

    analysis = timed(lambda: analysed(material, ReportSettings(), tell))
    ends = [*list(starts.values())[1:], time.process_time()]
    parts = {f"{part}_cpu_s": round(end - start, 1) for (part, start), end in zip(starts.items(), ends, strict=True)}
    with tempfile.TemporaryDirectory() as folder:
        written = timed(lambda: write_tables(analysis.result, Path(folder)))
    return {
        "votes": float(len(material.gathered.votes.questions[0].code)),
        "statistics_s": round(analysis.seconds, 1),
        "statistics_cpu_s": round(analysis.cpu_seconds, 1),
        "tables_written_s": round(written.seconds, 1),
        "peak_memory_gb": round(_gigabytes(), 2),
        **parts,
    }


def _gigabytes() -> float:
    """Return the most memory that the process has had so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6


def million() -> Figures:
    """A million votes."""
    return whole(ORIGINAL._replace(people=20_000, items=20_000, answers_each=50))
