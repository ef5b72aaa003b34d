"""Questions that got no reply in earlier runs, and are asked again."""

from collections.abc import Collection

from flows.storage import Storage
from valueprism_build.records import Stage
from warehouse import rejected


def forget_failures(
    storage: Storage, run_id: str, teacher: str, situation_ids: Collection[str], stages: Collection[Stage]
) -> None:
    """Forget why one teacher did not answer earlier runs; what another one owes stays on record.

    Args:
        storage: of the run.
        run_id: the run that asks again, whose own failures stay.
        teacher: who is asked again.
        situation_ids: what about.
        stages: in which.
    """
    with storage.open() as db:
        hashes = rejected.unanswered(db, situation_ids, stages, but=run_id)
        if hashes:
            with storage.journal() as journal:
                others = journal.of_others(hashes, teacher)
            rejected.forget_unanswered(db, [one for one in hashes if one not in others])
