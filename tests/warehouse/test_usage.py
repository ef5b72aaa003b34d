from dataclasses import replace

from duckdb import DuckDBPyConnection

from tests.warehouse.rows import answer, situation
from valueprism_build.records import Purpose
from valueprism_build.teachers.forecast import History
from warehouse import answers
from warehouse.usage import read_history

REPLY = answer(situation(1))  # of model-1 of openai: 100 tokens in, 50 out


def test_nothing_is_known_of_a_model_that_has_not_answered(db: DuckDBPyConnection) -> None:
    answers.add(db, [REPLY])
    assert read_history(db, "openai", "model-2", Purpose.CONSIDERATIONS) == History(0, 0, 0, 0, 0)


def test_the_history_is_mean_and_sample_variance(db: DuckDBPyConnection) -> None:
    answers.add(db, [REPLY, replace(REPLY, request_hash="other", prompt_tokens=104, completion_tokens=60)])
    # Means of 100 and 104, of 50 and 60; variances (4 + 4) / 1 and (25 + 25) / 1.
    assert read_history(db, "openai", "model-1", Purpose.CONSIDERATIONS) == History(2, 102, 8, 55, 50)


def test_answers_of_unsaid_usage_and_to_other_questions_tell_nothing(db: DuckDBPyConnection) -> None:
    unsaid = replace(REPLY, request_hash="unsaid", prompt_tokens=0, completion_tokens=0)
    other = replace(REPLY, request_hash="other", prompt_tokens=900, purpose=Purpose.RELEVANCE)
    answers.add(db, [REPLY, unsaid, other])
    assert read_history(db, "openai", "model-1", Purpose.CONSIDERATIONS) == History(1, 100, 0, 50, 0)
