"""The card's section on what people asked for; every number is computed from the rows."""

import pyarrow as pa
import pyarrow.compute as pc

ANNOTATORS = "annotators"
"""The `consideration_source` of what people said was missing."""


def render(full: pa.Table) -> list[str]:
    """Return the section, or nothing where nobody has asked for anything."""
    asked = full.filter(pc.greater(pc.list_value_length(full["campaigns"]), 0))
    added = full.filter(pc.equal(full["consideration_source"], ANNOTATORS))
    if not asked.num_rows and not added.num_rows:
        return []
    campaigns = sorted(set(pc.list_flatten(asked["campaigns"]).to_pylist()))
    listed = asked.num_rows - pc.sum(pc.equal(asked["consideration_source"], ANNOTATORS).cast(pa.int64())).as_py()
    return [
        f"""## What people asked for

Annotators were asked which values, rights and duties matter, and what the lists lack ({", ".join(campaigns) or "-"}).
{added.num_rows:,} of {full.num_rows:,} considerations came in because people said that they were missing
(`consideration_source` is `{ANNOTATORS}`). Their words are a teacher's: it was shown what people wrote and put it as a
value, right or duty; no answer of a person is in this dataset. {listed:,} considerations that teachers had named were
asked for as well. `people` tells how many asked for a consideration, rounded down to steps in which nobody can be
counted; `campaigns` tells where.
"""
    ]
