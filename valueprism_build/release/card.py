"""The dataset card. Every number in it is computed from the rows or from the run's own counts."""

from collections.abc import Sequence
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from valueprism_build.records import Split, Valence, Vrd
from valueprism_build.release import contrast_section, front_matter, wish_section
from valueprism_build.release.agreement import section as agreement_section
from valueprism_build.release.facts import Account, ConfigCount, Draft, FunnelStep, Gate, PointOfView, RejectCount
from valueprism_build.release.gates import DEMONSTRATION_TEACHER
from valueprism_build.release.leakage import section
from valueprism_build.release.leakage.report import HELD_OUT, Leakage
from valueprism_build.release.markdown import table
from valueprism_build.release.numbers import concern_share, counted, flagged, one_per, share, torn_share
from valueprism_build.tasks.negative_check import Checked
from valueprism_build.teachers.spending import Spending, dollars

SOURCE_COLUMNS: Final = ("source", "licence", "language")


def render(draft: Draft, account: Account, leakage: Leakage) -> str:
    """Return README.md."""
    splits: dict[str, list[str]] = {}
    for count in account.counts:
        if count.rows:  # `datasets` refuses a whole config for one empty split, so the head leaves that out
            splits.setdefault(count.config, []).append(count.split)
    sections = [
        front_matter.render(account.settings.title, draft.full, splits),
        f"# {account.settings.title}, {account.version}\n",
        _what(draft.full),
        _counts(draft.full, account.counts),
        contrast_section.render(draft.contrasts, each=account.settings.contrasts_each),
        *agreement_section.render(draft.agreement),
        _sources(draft.full),
        _teachers(draft.full),
        *_points_of_view(draft.full, account.facts.points_of_view),
        *wish_section.render(draft.full),
        _cost(account.facts.spent),
        _filtered(account.facts.funnel, account.rejects),
        _gates(account.gates),
        section.render(leakage),
        _limits(draft),
        _loading(account.version),
    ]
    return "\n".join(sections)


def _what(full: pa.Table) -> str:
    situations = one_per(full, "situation_id").num_rows
    each = share(full.num_rows, situations)
    torn = torn_share(full)
    return f"""For {situations:,} everyday situations, the {full.num_rows:,} human values, rights and duties that a
teacher model found to matter in them ({each:.2f} for each situation), each with a valence (it supports the action,
opposes it, or either, depending on context) and an explanation. {torn:.1%} of the situations have at least one
consideration for and one against.

The configs `generative`, `relevance`, `valence` and `explanation` are training sets for a student model, `mixture` is
the four together, `chat` is the mixture as messages; `full` holds the considerations with where each came from.
`canonical` lists what they say without their wording: rows that say the same, and have the same type, share a
`canonical_id`, which stays from version to version. `contrast` has pairs of situations in which two considerations
change sides.
"""


def _counts(full: pa.Table, counts: Sequence[ConfigCount]) -> str:
    held_by = {count.values: count.rows for count in counted(full, ["vrd", "valence"])}
    by_type = [[str(vrd), *_summed([held_by.get((vrd, valence), 0) for valence in Valence])] for vrd in Vrd]
    valences = ["all", *_summed([sum(held_by.get((vrd, valence), 0) for vrd in Vrd) for valence in Valence])]
    cells = {(count.config, count.split): count.rows for count in counts}
    configs = list(dict.fromkeys(count.config for count in counts))
    by_config = [[config, *_summed([cells.get((config, split), 0) for split in Split])] for config in configs]
    situations = one_per(full, "situation_id")
    held = {count.values: count.rows for count in counted(situations, ["split"])}
    families = one_per(full, "family_id").num_rows
    unseen = {count.values: count.rows for count in counted(full, ["unseen_considerations"])}
    paired = pc.sum(pc.greater(pc.list_value_length(situations["minimal_pair_ids"]), 0)).as_py() or 0
    both = pc.sum(pc.and_(*(pc.equal(full[name], str(Split.TEST)) for name in HELD_OUT))).as_py() or 0
    return f"""## Counts

{table(["type", *Valence, "all"], [*by_type, valences], numbers=4)}
{table(["config", *Split, "all"], by_config, numbers=4)}
{table(["", *Split, "all"], [["situations", *_summed([held.get((split,), 0) for split in Split])]], numbers=4)}
Splits are by situation, drawn 80/10/10 from a hash; situations that are alike, in letters or in meaning, are one
family and stay together ({situations.num_rows:,} situations in {families:,} families), and what was once in test never
comes to train in a later version. `full` is one split for loaders; ours is a column of it. {paired:,} situations differ
from others of their family in a word or two that matter; `minimal_pair_ids` of `full` names these.

A second column, `unseen_considerations`, holds out considerations instead, each with all its wordings, by a hash of
`canonical_id`; where people judged that two are one, or one is two, by the most held-out of what wordings came from:

{table(["", *Split, "all"], [["considerations", *_summed([unseen.get((split,), 0) for split in Split])]], numbers=4)}
To test on considerations that train has not seen, take train and test from this column; to test on new situations with
unseen considerations, train on what is train in both columns and test on what is test in both ({both:,} rows). In the
relevance task it is that of the consideration asked about, so a `Yes` and its `No` may differ in it.
"""


def _summed(counts: list[int]) -> list[str]:
    return [f"{count:,}" for count in [*counts, sum(counts)]]


def _sources(full: pa.Table) -> str:
    situations = {count.values: count.rows for count in counted(one_per(full, "situation_id"), SOURCE_COLUMNS)}
    rows = [
        [*count.values, f"{situations.get(count.values, 0):,}", f"{count.rows:,}"]
        for count in counted(full, SOURCE_COLUMNS)
    ]
    return f"""## Where the situations come from

{table([*SOURCE_COLUMNS, "situations", "considerations"], rows, numbers=2)}"""


def _teachers(full: pa.Table) -> str:
    may = pc.fill_null(pc.if_else(full["may_train"], "yes", "no"), "unknown")
    columns = ["teacher", "model", "prompt_version", "output_licence", "training"]
    rows = [[*count.values, f"{count.rows:,}"] for count in counted(full.append_column("training", may), columns)]
    shared = pc.sum(pc.greater(pc.list_value_length(full["teachers"]), 1)).as_py() or 0
    return f"""## Teachers

{table(["teacher", "model", "prompt", "licence of its output", "may train", "considerations"], rows, numbers=1)}
{shared:,} of {full.num_rows:,} considerations were named by more than one teacher (`teachers`); the words are those of
`teacher`.
"""


def _cost(spent: Sequence[Spending]) -> str:
    if not spent:
        return "## What it cost\n\nUnknown: the journal of the answers is not there any more.\n"
    rows = [
        [row.teacher, row.model, row.stage, f"{row.answered:,}", f"{row.failed_tries:,}", dollars(row.cost)]
        for row in spent
    ]
    return f"""## What it cost

{table(["teacher", "model", "stage", "answers", "failed tries", "US$"], rows, numbers=3)}
That is what the answers about these situations took, by the tokens that the endpoints reported, and what the tries that
failed before them took at most.
"""


def _points_of_view(full: pa.Table, known: Sequence[PointOfView]) -> list[str]:
    """Return the section on the questions for coverage, or nothing where no row came from one."""
    found = counted(full.filter(pc.is_valid(full["point_of_view"])), ["point_of_view"])
    if not found:
        return []
    described = {one.name: one.description for one in known}
    rows = [[*count.values, described.get(count.values[0], "not recorded"), f"{count.rows:,}"] for count in found]
    brought = sum(count.rows for count in found)
    section = f"""## Points of view

{brought:,} of {full.num_rows:,} considerations (`point_of_view`) came from a second question: what does the list lack,
seen from there? The teacher was given these descriptions; nobody who shares a point of view has checked what was said
from it.

{table(["point of view", "as it was described", "considerations"], rows, numbers=1)}"""
    return [section]


def _filtered(funnel: Sequence[FunnelStep], rejects: Sequence[RejectCount]) -> str:
    steps = [[step.stage, f"{step.came_in:,}", f"{step.kept:,}", f"{step.rejected:,}"] for step in funnel]
    rules = [[reject.stage, reject.rule, f"{reject.count:,}"] for reject in rejects]
    return f"""## How it was filtered

{table(["stage", "came in", "kept", "set aside"], steps, numbers=3)}
{table(["stage", "rule", "set aside"], rules, numbers=1)}"""


def _gates(gates: Sequence[Gate]) -> str:
    words = [[gate.name, "green" if gate.passed else "red, waived", gate.detail] for gate in gates]
    return f"""## Gates

{table(["gate", "result", "what it saw"], words)}"""


def _limits(draft: Draft) -> str:
    full, n = draft.full, draft.full.num_rows
    shown = pc.sum(pc.equal(full["teacher"], DEMONSTRATION_TEACHER)).as_py() or 0
    either = pc.sum(pc.equal(full["valence"], str(Valence.EITHER))).as_py() or 0
    conflicts = n - full["conflict_id"].null_count
    flags = ", ".join(f"{count.values[0]} {count.rows:,}" for count in flagged(full)) or "none"
    lines = [
        "Everything but the situations is machine-generated; " + _checked(draft),
        "Relevance means that the teacher named the consideration for the situation, not how important it is. A `No` "
        "is taken from another situation, unlike all of the situation's own, and little related to the situation by "
        f"embeddings and by what similar situations name; {_negatives_checked(draft.checked)}",
        f"The column `relevance`, filled in {n - full['relevance'].null_count:,} of {n:,} rows, is a teacher's "
        "probability of Yes against No when asked whether the consideration is relevant; people have not confirmed it.",
        f"{len(draft.rejected):,} of {n:,} considerations have no such negative and are not in `relevance`, "
        "those that fit nearly everywhere among them. Each text of `relevance` is as often a `Yes` as a `No`.",
        f"{concern_share(full, draft.canonical, types=2):.1%} of the situations name one concern in two types or more, "
        f"{concern_share(full, draft.canonical, types=3):.1%} as a value, as a right and as a duty; to count it once, "
        "join `canonical` and count `concern_id`.",
        f"{either:,} rows ({share(either, n):.1%}) are Either, which does not tell torn from unclear.",
        f"{conflicts:,} rows are one half of a pair that says nearly the same with contrary valence (`conflict_id`).",
        f"Situations flagged as sensitive, kept all the same: {flags}.",
    ]
    if shown:
        lines.insert(
            0,
            f"{shown:,} of {n:,} rows are by `{DEMONSTRATION_TEACHER}`, a very small model that shows the way "
            "of a row. Do not train on them.",
        )
    return "## Known limits\n\n" + "\n".join(f"- {line}" for line in lines) + "\n"


def _checked(draft: Draft) -> str:
    if draft.agreement is None or not draft.agreement.rows.num_rows:
        return "people have not checked it."
    asked = draft.agreement.rows
    considerations = asked.filter(pc.is_valid(asked["consideration_id"]))["consideration_id"].unique()
    return (
        f"what people said of {len(considerations):,} of {draft.full.num_rows:,} considerations is in `agreement`, "
        "and changed nothing in the other configs."
    )


def _negatives_checked(checked: Checked | None) -> str:
    if checked is None:
        return "nobody judged it irrelevant."
    return (
        f"{checked.checker} was asked about {checked.asked:,} candidates and found {checked.relevant:,} relevant "
        f"(p(Yes) above {checked.most:g}); these, and {checked.unanswered:,} that it did not answer, are not used. "
        "Nobody else judged the rest."
    )


def _loading(version: str) -> str:
    return f"""## How to load

```python
from datasets import load_dataset

valence = load_dataset("releases/{version}", "valence")  # the folder that holds this file
considerations = load_dataset("releases/{version}", "full", split="train")  # all rows; our split is a column
```

`manifest.json` has the hash and row count of every file, `CHANGELOG.md` what changed since the version before.
"""
