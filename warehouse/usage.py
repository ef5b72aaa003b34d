"""How many tokens the answers have taken so far."""

from duckdb import DuckDBPyConnection

from valueprism_build.teachers.forecast import History


def read_history(db: DuckDBPyConnection, teacher: str, model: str) -> History:
    """Return the tokens that one model of one teacher took to list considerations; all are 0 where nobody knows.

    Answers whose endpoint did not say what they took tell nothing.
    """
    [row] = db.execute(
        """
        SELECT
            count(*),
            coalesce(avg(prompt_tokens), 0), coalesce(var_samp(prompt_tokens), 0),
            coalesce(avg(completion_tokens), 0), coalesce(var_samp(completion_tokens), 0)
        FROM answer
        WHERE teacher = ? AND model = ? AND purpose = 'considerations' AND prompt_tokens > 0
        """,
        [teacher, model],
    ).fetchall()
    return History(*row)
