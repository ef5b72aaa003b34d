"""How fast considerations are embedded, and near-identical ones and near-duplicate situations found; prints JSON.

    python -m benchmarks.dedup [--part within embedding families] [--data ANSWERS.jsonl]

Each part is a module beside this one, says there what it measures and how, and runs in a process of its own.
`--data` has one object per line with `situation` and `considerations`, each of these with `text`; without it, words
given here serve. `families` wants the extra `benchmarks`.
"""

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import Final

PARTS: Final = {
    "within": "benchmarks.within",
    "embedding": "benchmarks.embedding",
    "families": "benchmarks.families",
}


def main() -> None:
    """Run the parts and print their figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--part", choices=PARTS, nargs="+", default=list(PARTS), help="default: all, one by one")
    parser.add_argument("--data", type=Path, help="real situations and considerations to make others from")
    options = parser.parse_args()
    figures = {part: in_a_process(PARTS[part], options.data) for part in options.part}
    print(json.dumps(figures | {"made_from": options.data and options.data.name}, indent=2))


def in_a_process(module: str, data: Path | None) -> object:
    """Return what a part prints."""
    source = ["--data", str(data)] if data else []
    ran = subprocess.run([sys.executable, "-m", module, *source], stdout=subprocess.PIPE, text=True, check=True)
    figures: object = json.loads(ran.stdout)
    return figures


if __name__ == "__main__":
    main()
