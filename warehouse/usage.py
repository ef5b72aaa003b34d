"""How many tokens the answers have taken so far."""

from duckdb import DuckDBPyConnection

from valueprism_build.records import Purpose
from valueprism_build.teachers.forecast import History


def read_history(db: DuckDBPyConnection, teacher: str, model: str, purpose: Purpose) -> History:
    """Return the tokens of one model's answers to one kind of question; all are 0 where nobody knows.

    Answers whose endpoint did not say what they took tell nothing.
    """
    [row] = db.execute(
        """
        SELECT
            count(*),
            coalesce(avg(prompt_tokens), 0), coalesce(var_samp(prompt_tokens), 0),
            coalesce(avg(completion_tokens), 0), coalesce(var_samp(completion_tokens), 0)
        FROM answer WHERE teacher = ? AND model = ? AND purpose = ? AND prompt_tokens > 0
        """,
        [teacher, model, purpose],
    ).fetchall()
    return History(*row)
