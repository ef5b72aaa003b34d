"""The machine-readable account of a release: every file with its hash, and what it took to make them."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

from valueprism_build.release.facts import Account, Draft, FileFact
from valueprism_build.release.numbers import counted
from valueprism_build.tasks.negative_check import counts_of
from valueprism_build.teachers.spending import as_json


def file_facts(root: Path, rows: Mapping[str, int]) -> list[FileFact]:
    """Return the facts of every file under the release's folder, ordered by path.

    Args:
        root: the release's folder.
        rows: the row count of each table, by relative path.
    """
    facts = []
    for path in sorted(path for path in root.rglob("*") if path.is_file()):
        name = path.relative_to(root).as_posix()
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        facts.append(FileFact(name, digest, path.stat().st_size, rows.get(name)))
    return facts


def render(draft: Draft, account: Account, files: Sequence[FileFact], created_at: datetime) -> str:
    """Return the manifest as indented JSON; `created_at` is the only thing in it that rows and settings do not fix."""
    teachers = [
        {"teacher": count.values[0], "model": count.values[1], "prompt_version": count.values[2], "rows": count.rows}
        for count in counted(draft.full, ["teacher", "model", "prompt_version"])
    ]
    content = {
        "version": account.version,
        "created_at": created_at.isoformat(),
        "code_version": account.facts.code_version,
        "encoder": account.encoder,
        "release_settings": asdict(account.settings),
        "run_settings": json.loads(account.facts.settings),
        "prompt_versions": list(account.facts.prompt_versions),
        "teachers": teachers,
        "spent": [as_json(row) for row in account.facts.spent],
        "gates": [asdict(gate) for gate in account.gates],
        "waived": [gate.name for gate in account.gates if gate.waived],
        "funnel": [asdict(step) for step in account.facts.funnel],
        "negative_check": None if account.checked is None else counts_of(account.checked),
        "rejects": [asdict(reject) for reject in account.rejects],
        **_agreement(draft),
        "files": [asdict(file) for file in files],
    }
    return json.dumps(content, ensure_ascii=False, indent=2) + "\n"


def _agreement(draft: Draft) -> dict[str, object]:
    if draft.agreement is None:
        return {}
    return {"agreement": {"k": draft.agreement.k, **draft.agreement.tally.as_json()}}
