import itertools
import json
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.valueprism_build.considerations.rouge_reference import RougeScorer
from tests.valueprism_build.hash_encoder import HashEncoder
from valueprism_build.considerations.dedup import deduplicate
from valueprism_build.considerations.near_identical import DedupThresholds
from valueprism_build.considerations.opposites import opposite_wording
from valueprism_build.embedding import Encoder, Vectors
from valueprism_build.errors import SettingsError
from valueprism_build.ids import consideration_id, situation_id
from valueprism_build.records import Consideration, Stage, Valence, Vrd
from valueprism_build.st_encoder import SentenceTransformerEncoder

ANSWERS = Path(__file__).resolve().parents[3] / "../shared/data/teacher_answers.jsonl"
ROUGE = RougeScorer(["rougeLsum"], use_stemmer=True)
DEFAULT = DedupThresholds()
STRICT = DedupThresholds(0.6, 0.9, 0.9, 0.75, 0.8, 0.78)
MODEL = SentenceTransformerEncoder()  # loads on its first use
PRO, CON, BOTH = Valence.SUPPORTS, Valence.OPPOSES, Valence.EITHER


class BagEncoder:
    """Embeds a text as the normalised sum of its words' hash directions: shared words bring texts closer."""

    model = "bag"

    def encode(self, texts: Sequence[str]) -> Vectors:
        words = HashEncoder()
        sums = [words.encode([text, *text.lower().split()]).sum(axis=0) for text in texts]
        return np.array([total / np.linalg.norm(total) for total in sums], dtype=np.float32)


def make(text: str, valence: Valence = PRO, relevance: float | None = None, position: int = 0) -> Consideration:
    vrd = {"Right": Vrd.RIGHT, "Duty": Vrd.DUTY}.get(text.split()[0].title(), Vrd.VALUE)
    identity = consideration_id("s", vrd, text, valence)
    return Consideration(identity, "s", vrd, text, "because", valence, "t", "h", position, relevance)


def listed(*items: Consideration) -> list[Consideration]:
    return [replace(item, position=position) for position, item in enumerate(items)]


def strip(text: str) -> str:
    return re.sub("^(right|duty) to ", "", text, flags=re.IGNORECASE)


def double_loop(items: list[Consideration], encoder: Encoder, limits: DedupThresholds) -> list[tuple[str, int]]:
    """The definition, pair by pair. Returns (rule, position) of what is dropped."""
    cosine_limit = {Vrd.VALUE: limits.cosine_value, Vrd.RIGHT: limits.cosine_right, Vrd.DUTY: limits.cosine_duty}
    vector = {item.text: encoder.encode([item.text])[0].astype(float) for item in items}

    def same_id(later: Consideration, earlier: Consideration) -> bool:
        return later.id == earlier.id

    def mergeable(later: Consideration, earlier: Consideration) -> bool:
        contrary = {later.valence, earlier.valence} == {PRO, CON}
        return later.vrd is earlier.vrd and not contrary and not opposite_wording(later.text, earlier.text)

    def by_rouge(later: Consideration, earlier: Consideration) -> bool:
        score = ROUGE.score(strip(later.text), strip(earlier.text))["rougeLsum"]
        above = score.fmeasure > limits.rouge_f or score.precision > limits.rouge_p or score.recall > limits.rouge_r
        return mergeable(later, earlier) and above

    def by_cosine(later: Consideration, earlier: Consideration) -> bool:
        cosine = min(float(vector[later.text] @ vector[earlier.text]), 1.0)
        return mergeable(later, earlier) and cosine > cosine_limit[later.vrd]

    ranked = sorted(items, key=lambda item: (item.relevance is None, -(item.relevance or 0)))
    dropped = []
    for rule, repeats in (("exact_duplicate", same_id), ("rouge_duplicate", by_rouge), ("cosine_duplicate", by_cosine)):
        kept: list[Consideration] = []
        for item in ranked:
            if any(repeats(item, earlier) for earlier in kept):
                dropped.append((rule, item.position))
            else:
                kept.append(item)
        ranked = kept
    return sorted(dropped, key=lambda drop: drop[1])


def real_lists() -> list[list[Consideration]]:
    if not ANSWERS.exists():
        pytest.skip("teacher_answers.jsonl is absent")
    answers = [json.loads(line) for line in ANSWERS.read_text(encoding="utf-8").splitlines()]
    return [
        [
            replace(
                make(item["text"], Valence(item["valence"] or "Either"), position=n),
                situation_id=situation,
                request_hash=situation,
            )
            for n, item in enumerate(answer["considerations"])
        ]
        for answer in answers
        for situation in [situation_id(answer["situation"])]
    ]


class KnownEncoder:
    """Hands out vectors of the real model that were made in one go."""

    model = "known"

    def __init__(self, texts: Sequence[str]) -> None:
        self._vectors = dict(zip(texts, MODEL.encode(texts), strict=True))

    def encode(self, texts: Sequence[str]) -> Vectors:
        return np.stack([self._vectors[text] for text in texts])


@pytest.fixture(scope="module")
def known() -> KnownEncoder:
    return KnownEncoder(sorted({item.text for items in real_lists() for item in items}))


@pytest.mark.slow
@pytest.mark.parametrize("limits", [DEFAULT, STRICT])
def test_the_real_answers_lose_what_a_double_loop_over_the_definition_drops(
    known: KnownEncoder, limits: DedupThresholds
) -> None:
    lists = real_lists()
    result = deduplicate(lists, known, limits)
    expected = [
        (rule, f"{items[0].request_hash}:{position}")
        for items in lists
        for rule, position in double_loop(items, known, limits)
    ]
    assert [(rejected.rule, rejected.subject_id) for rejected in result.rejected] == expected
    assert len(result.kept) + len(result.rejected) == sum(map(len, lists))
    assert expected


WORDS = st.sampled_from(
    ["life", "lives", "health", "not", "protecting", "protect", "the", "of", "own", "community", "communication"]
)
PREFIXES = st.sampled_from(["", "Right to ", "right to ", "Duty to ", "Duty of "])
TEXTS = st.builds(lambda prefix, words: prefix + " ".join(words), PREFIXES, st.lists(WORDS, min_size=1, max_size=4))
ITEMS = st.builds(make, TEXTS, st.sampled_from(Valence), st.sampled_from([None, 0.0, 0.5, 0.5, 1.0]))
THRESHOLDS = st.builds(DedupThresholds, *[st.sampled_from([0.3, 0.5, 2 / 3, 0.75, 0.9, 1.0])] * 6)


@given(st.lists(st.lists(ITEMS, max_size=12), max_size=4), THRESHOLDS)
def test_random_groups_lose_what_a_double_loop_over_the_definition_drops(
    groups: list[list[Consideration]], limits: DedupThresholds
) -> None:
    lists = [[replace(item, request_hash=f"h{k}") for item in listed(*group)] for k, group in enumerate(groups)]
    result = deduplicate(lists, BagEncoder(), limits)
    expected = [
        (rule, f"h{k}:{position}")
        for k, items in enumerate(lists)
        for rule, position in double_loop(items, BagEncoder(), limits)
    ]
    assert [(rejected.rule, rejected.subject_id) for rejected in result.rejected] == expected
    gone = {subject for _, subject in expected}
    survivors = [item for items in lists for item in items if f"{item.request_hash}:{item.position}" not in gone]
    assert [replace(item, conflict_id=None) for item in result.kept] == survivors  # the original order


def test_more_pairs_than_fit_one_block_change_nothing() -> None:
    # 400 rights make 400 * 399 / 2 = 79 800 pairs, 78 blocks of 1 024; k and k + 200 differ in case only
    items = listed(*[replace(make(f"Right to thing{k % 200}", PRO), id=str(k)) for k in range(400)])
    result = deduplicate([items], HashEncoder(), DEFAULT)
    assert [rejected.subject_id for rejected in result.rejected] == [f"h:{k}" for k in range(200, 400)]


@pytest.mark.parametrize("situations", [[], [[]], [[], [make("Honesty")], []]])
def test_where_nothing_can_be_compared_nothing_is_embedded(situations: list[list[Consideration]]) -> None:
    encoder = HashEncoder()
    result = deduplicate(situations, encoder, DEFAULT)
    assert len(result.kept) == sum(map(len, situations))
    assert result.rejected == []
    assert encoder.asked == []


def test_a_cosine_that_is_off_has_nothing_embedded() -> None:
    encoder = HashEncoder()
    items = listed(make("Honesty"), make("Trust"), make("Duty of care"), make("Duty to care"))
    deduplicate([items], encoder, DedupThresholds(cosine_value=1.0))
    assert encoder.asked == [["Duty of care", "Duty to care"]]


def test_each_distinct_text_is_embedded_once_in_one_call() -> None:
    encoder = HashEncoder()
    deduplicate([listed(make("Honesty"), make("Trust"), make("Duty of care"))] * 3, encoder, DEFAULT)
    assert encoder.asked == [["Honesty", "Trust"]]  # the duty is alone of its type


def test_the_same_id_twice_is_an_exact_duplicate_and_the_earlier_survives() -> None:
    result = deduplicate([listed(make("Honesty"), make("honesty."))], HashEncoder(), DEFAULT)
    assert [item.text for item in result.kept] == ["Honesty"]
    (rejected,) = result.rejected
    assert (rejected.subject_id, rejected.stage, rejected.rule) == ("h:1", Stage.DEDUP, "exact_duplicate")
    assert "'Honesty'" in rejected.detail


def test_the_more_relevant_survives_a_measured_one_before_an_unmeasured_one() -> None:
    items = listed(
        make("Duty to protect a right"),
        make("Duty to protects a right", PRO, 0.2),
        make("duty to protecting a right", PRO, 0.9),
    )
    result = deduplicate([items], HashEncoder(), DEFAULT)
    assert [item.position for item in result.kept] == [2]
    assert [rejected.rule for rejected in result.rejected] == ["rouge_duplicate"] * 2
    assert all("'duty to protecting a right'" in rejected.detail for rejected in result.rejected)


def test_the_demonstration_teacher_never_stands_in_for_another_however_relevant() -> None:
    shown = replace(make("Freedom of speech", relevance=0.9), teacher="local")
    real = make("freedom of speech!", relevance=0.2, position=1)
    assert [item.text for item in deduplicate([[shown, real]], HashEncoder(), DedupThresholds()).kept] == [real.text]


def test_a_score_of_exactly_the_threshold_is_no_duplicate() -> None:
    # own, property against property: one stem in common, F = 2 * 1/2 * 1 / (3/2) = 2/3
    items = [listed(make("Right to own property"), make("Right to property"))]
    assert len(deduplicate(items, HashEncoder(), DedupThresholds(rouge_f=2 * 0.5 / 1.5)).kept) == 2
    assert len(deduplicate(items, HashEncoder(), DedupThresholds(rouge_f=0.66)).kept) == 1


def test_precision_is_the_survivors_share_and_recall_the_later_items() -> None:
    # the survivor is contained in the later item: P = 1/1 of the survivor, R = 1/3 of the later one
    items = [listed(make("Freedom"), make("Freedom of speech"))]
    assert len(deduplicate(items, HashEncoder(), DedupThresholds(rouge_p=0.9)).kept) == 1
    assert len(deduplicate(items, HashEncoder(), DedupThresholds(rouge_r=0.9)).kept) == 2


def test_a_dropped_item_drops_nobody() -> None:
    # neighbours share 3 of 4 stems: F = 3/4; the ends share 2 of 4: F = 2/4. The middle goes, the third stays.
    items = [listed(make("safe warm dry home"), make("safe warm dry bed"), make("safe warm big bed"))]
    result = deduplicate(items, HashEncoder(), DedupThresholds(rouge_f=0.7))
    assert [item.position for item in result.kept] == [0, 2]


def test_types_never_merge_and_situations_never_meet() -> None:
    mixed = listed(make("Life"), make("Right to life"), make("Duty to life"))
    result = deduplicate([mixed, mixed], HashEncoder(), DEFAULT)
    assert len(result.kept) == 6


def test_contrary_valences_are_both_kept_and_name_each_other() -> None:
    supports, opposes, other = listed(
        make("Right to life", PRO), make("right to Life", CON), make("Right to food", PRO)
    )
    result = deduplicate([[supports, opposes, other]], HashEncoder(), DEFAULT)
    assert result.rejected == []
    assert [item.conflict_id for item in result.kept] == [opposes.id, supports.id, None]


def test_a_conflict_with_an_item_that_was_dropped_is_no_conflict() -> None:
    either, supports, opposes = listed(make("Life", BOTH), make("Life", PRO), make("Life", CON))
    result = deduplicate([[either, supports, opposes]], HashEncoder(), DEFAULT)
    assert result.kept == [either]  # Either takes in both


@pytest.mark.parametrize(
    "pair", list(itertools.permutations([make("Life", PRO), make("Life", BOTH), make("Life", CON)], 2))
)
def test_only_supports_and_opposes_never_merge(pair: tuple[Consideration, Consideration]) -> None:
    kept = deduplicate([listed(*pair)], HashEncoder(), DEFAULT).kept
    assert len(kept) == (1 if BOTH in {item.valence for item in pair} else 2)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Duty to intervene", "Duty not to intervene"),
        ("Right to life", "Right to die"),
        ("Freedom of religion", "Freedom from religion"),
        ("Duty to obey the law", "Duty to disobey the law"),
        ("Duty to protect oneself", "Duty to protect others"),
        ("Duty to keep promises", "Duty to break promises"),
        ("Right to treatment", "Right to refuse treatment"),
        ("Respect for human life", "Respect for non-human life"),
    ],
)
def test_with_the_real_model_opposites_stay_apart(one: str, other: str) -> None:
    assert len(deduplicate([listed(make(one), make(other))], MODEL, DEFAULT).kept) == 2


def test_with_the_real_model_a_paraphrase_goes() -> None:
    result = deduplicate([listed(make("Religious freedom"), make("Freedom of religion"))], MODEL, DEFAULT)
    assert [(rejected.rule, rejected.detail) for rejected in result.rejected] == [
        ("cosine_duplicate", "'Freedom of religion' repeats 'Religious freedom': cosine 0.935")
    ]


@pytest.mark.parametrize("value", [-0.1, 1.1, float("nan")])
def test_a_threshold_outside_0_to_1_is_refused_by_name(value: float) -> None:
    with pytest.raises(SettingsError, match=r"dedup threshold cosine_duty is .*; choose a number from 0 to 1"):
        DedupThresholds(cosine_duty=value)


def test_every_item_stands_under_the_one_that_survived_of_it_whoever_said_it() -> None:
    items = [
        replace(item, teacher=teacher, request_hash=teacher)
        for teacher, item in zip(
            "abcd", (make("Honesty"), make("HONESTY"), make("Honesty", BOTH), make("Thrift")), strict=True
        )
    ]
    found = deduplicate([items], HashEncoder(), DEFAULT)
    # b repeats a to the letter but for case, c by ROUGE; nobody repeats d.
    assert [item.teacher for item in found.kept] == ["a", "d"]
    assert [(said.consideration_id, said.teacher, said.valence) for said in found.said] == [
        (items[0].id, "a", PRO),
        (items[0].id, "b", PRO),
        (items[0].id, "c", BOTH),
        (items[3].id, "d", PRO),
    ]


def test_what_was_merged_into_an_item_follows_it_into_the_next_survivor() -> None:
    # The second and the third are one by ROUGE (F of 1), then the second and the first by cosine.
    first, second, third = listed(make("Kindness to all"), make("All kindness"), make("all kindness!", BOTH))

    class AllAlike(HashEncoder):
        def encode(self, texts: Sequence[str]) -> Vectors:
            return np.tile(super().encode(texts[:1]), (len(texts), 1))

    found = deduplicate([[first, second, third]], AllAlike(), DEFAULT)
    assert [reject.rule for reject in found.rejected] == ["cosine_duplicate", "rouge_duplicate"]
    assert {said.consideration_id for said in found.said} == {first.id}
