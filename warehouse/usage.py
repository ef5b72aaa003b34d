"""How many tokens the answers to the first question took so far."""

from duckdb import DuckDBPyConnection

from valueprism_build.teachers.forecast import History


def read_history(db: DuckDBPyConnection, teacher: str, model: str) -> History:
    """Return the tokens of one model's answers that list considerations; all are 0 where there is none."""
    [row] = db.execute(
        """
        SELECT
            count(*),
            coalesce(avg(prompt_tokens), 0), coalesce(var_samp(prompt_tokens), 0),
            coalesce(avg(completion_tokens), 0), coalesce(var_samp(completion_tokens), 0)
        FROM answer WHERE teacher = ? AND model = ? AND purpose = 'considerations'
        """,
        [teacher, model],
    ).fetchall()
    return History(*row)
