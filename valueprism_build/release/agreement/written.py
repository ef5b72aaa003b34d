"""A last look at what was written, as those who get it will read it."""

from pathlib import Path

from valueprism_build.errors import ReleaseError
from valueprism_build.release import parquet
from valueprism_build.release.agreement import attack
from valueprism_build.release.agreement.build import Agreement
from valueprism_build.release.agreement.rows import CONFIG


def check(root: Path, agreement: Agreement | None) -> None:
    """Attack the files under the release's folder, together with all earlier releases.

    Args:
        root: the release's folder.
        agreement: what was to be written; nothing is checked without it.

    Raises:
        ReleaseError: something in the files is about fewer than k people.
    """
    if agreement is None:
        return
    found = attack.exposed([*agreement.earlier, parquet.read(root, CONFIG)], agreement.k)
    if found:
        raise ReleaseError(f"what was written tells of too few people: {found[0]}; nothing is released, report this")
