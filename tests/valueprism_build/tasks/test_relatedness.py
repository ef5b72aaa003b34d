import numpy as np
import pyarrow as pa

from tests.valueprism_build.tasks.full_rows import alone, full_table
from tests.valueprism_build.tasks.word_encoder import WordEncoder
from valueprism_build.tasks.nearest_situations import nearest
from valueprism_build.tasks.negative_corpus import Corpus, vectors_of
from valueprism_build.tasks.related_parts import Parts
from valueprism_build.tasks.related_parts import measured as measured_parts
from valueprism_build.tasks.relatedness import Apart, apart
from valueprism_build.tasks.splits import assign


def split(full: pa.Table) -> pa.Table:
    return assign(full, alone(full), salt="1")


def two_worlds(size: int = 30) -> pa.Table:
    """Return situations about a dog and about a bank, each with two of its world's eight values and with Respect."""
    listed = {}
    for world, values in (("dog", "bark fur paw tail"), ("bank", "loan debt coin vault")):
        names = values.split()
        for i in range(size):
            own = [f"Value: {names[i % 4]}", f"Value: {names[(i + 1) % 4]}"]
            listed[f"{world} {names[i % 4]} {names[(i + 1) % 4]} number{i}{world}"] = [*own, "Value: Respect"]
    return split(full_table(listed))


def measured(full: pa.Table, *, share: float, least: int = 2) -> tuple[Corpus, Apart]:
    corpus = Corpus.of(full, {}, 0)
    encoder = WordEncoder()
    return corpus, apart(corpus, encoder, vectors_of(encoder, corpus.cores), share=share, least=least)


def test_what_the_other_world_names_is_unrelated_and_what_all_name_is_not() -> None:
    full = two_worlds()
    corpus, found = measured(full, share=0.2)
    dogs = np.array([text.startswith("dog") for text in corpus.situations])
    texts = dict(zip(full["text"].to_pylist(), found.column[corpus.canonical], strict=True))
    unrelated = {text: found.distance[:, column] > 0 for text, column in texts.items()}
    assert not unrelated["Respect"].any()
    foreign = [unrelated[text][~dogs].mean() for text in ("bark", "fur", "paw", "tail")]
    foreign += [unrelated[text][dogs].mean() for text in ("loan", "debt", "coin", "vault")]
    own = [unrelated[text][dogs].mean() for text in ("bark", "fur", "paw", "tail")]
    own += [unrelated[text][~dogs].mean() for text in ("loan", "debt", "coin", "vault")]
    # A third of the pairs is of another world: a fifth of all is three fifths of them, and words alone say little.
    assert np.mean(foreign) > 0.45
    assert np.mean(own) < np.mean(foreign) / 3


def test_about_the_share_of_pairs_is_unrelated_and_half_of_it_more_so() -> None:
    full = two_worlds()
    corpus, found = measured(full, share=0.2)
    # Each row's consideration against every situation: a consideration counts as often as it is named.
    distances = found.distance[:, found.column[corpus.canonical]]
    # Ties make the steps coarse: each world's 15 of 120 (situation kind, text) pairs look the same.
    assert 0.15 < float((distances > 0).mean()) < 0.3
    assert 0 < float((distances > 1).mean()) <= float((distances > 0).mean())


def test_everything_is_unrelated_where_the_share_is_all() -> None:
    _, found = measured(two_worlds(8), share=1.0)
    assert found.distance.min() > 0


def test_what_too_few_situations_name_has_no_column() -> None:
    full = split(full_table({"a": ["Value: Joy", "Value: Art"], "b": ["Value: Joy"]}))
    corpus, found = measured(full, share=1.0)
    columns = dict(zip(full["text"].to_pylist(), found.column[corpus.canonical].tolist(), strict=True))
    assert columns == {"Joy": 0, "Art": -1}


def test_neighbours_weigh_by_nearness_and_leave_the_situation_itself_out() -> None:
    vectors = np.array([[1, 0], [1, 0], [0, 1]], np.float32)
    flags = np.array([[True, False], [True, False], [False, True]])
    # Of the first: cosine 1 and 0, weights exp(0) and exp(-16), normalised.
    far = float(np.exp(-16) / (1 + np.exp(-16)))
    assert np.allclose(nearest(vectors).share(0, flags), [1 - far, far])


def test_a_single_situation_has_no_neighbour() -> None:
    found = nearest(np.ones((1, 1), np.float32))
    assert found.share(0, np.ones((1, 3), np.bool_)).tolist() == [0, 0, 0]


def parts_of(full: pa.Table) -> Parts:
    corpus, encoder = Corpus.of(full, {}, 0), WordEncoder()
    columns = np.arange(corpus.canonical.max() + 1)
    return measured_parts(
        corpus, encoder, vectors_of(encoder, corpus.cores), columns, np.arange(len(corpus.situations))
    )


def explained(listed: dict[str, list[str]], explanations: list[str]) -> pa.Table:
    full = split(full_table(listed))
    place = full.schema.get_field_index("explanation")
    return full.set_column(place, "explanation", pa.array(explanations))


def test_of_many_explanations_of_one_consideration_sixteen_are_compared() -> None:
    listed = {f"walk{i} run{i}": ["Value: Joy"] for i in range(40)} | {"sing": ["Value: Art"]}
    named = parts_of(explained(listed, [f"reason{i}" for i in range(41)])).named
    # Forty for Joy, of which sixteen; the only one for Art.
    assert (len(named.reasons), named.reason_starts.tolist()) == (17, [0, 16])


def test_the_nearest_reason_counts_and_not_their_mean() -> None:
    # Of Joy's two reasons one is, word for word, that of the situation about singing; the other has no word of it.
    listed = {"walk": ["Value: Joy"], "run": ["Value: Joy"], "sing": ["Value: Art"]}
    full = explained(listed, ["sun rain", "voice song", "voice song"])
    named = parts_of(full).named
    of_sing = named.nearest_why(np.array([2]))[0]
    assert np.allclose(of_sing, [1, 1])
    assert np.allclose(named.nearest_why(np.array([0]))[0], [1, 0], atol=0.3)


def test_a_consideration_whose_reasons_have_its_name_is_less_vague() -> None:
    listed = {"walk": ["Value: joy"], "run": ["Value: trust"]}
    vague = parts_of(explained(listed, ["joy", "rain"])).named.vagueness()
    # The cosine of equal words is 1, of others about 0; vagueness is its contrary.
    assert np.allclose(vague, [-1, 0], atol=0.3)


def test_what_every_situation_names_is_common_to_all_of_them() -> None:
    listed = {"a": ["Value: Respect", "Value: bark"], "b": ["Value: Respect"], "c": ["Value: Respect"]}
    common = parts_of(split(full_table(listed))).common
    assert np.allclose(common, [1, 1 / 3])
