"""The texts that the student reads and writes, as the published model card has them, a column at a time.

A tab separates the fields of an input, so none may lie within one: every run of white space in a text (tab, newline,
Unicode line and paragraph separators) becomes one space here. The key columns of a task set keep the text as it was.
"""

from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

WHITE_SPACE: Final = r"[\s\v\x{1c}-\x{1f}\x{85}\x{2028}\x{2029}]+"


def _one_line(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.utf8_trim_whitespace(pc.replace_substring_regex(column, pattern=WHITE_SPACE, replacement=" "))


def consideration_texts(rows: pa.Table) -> pa.ChunkedArray:
    """Return `Value: Health` for each row; needs the columns vrd and text."""
    return pc.binary_join_element_wise(rows["vrd"], _one_line(rows["text"]), ": ")


def generate_inputs(rows: pa.Table) -> pa.ChunkedArray:
    r"""Return `[Generate]:\tSituation: Do a pushup` for each row; needs the column situation."""
    return pc.binary_join_element_wise("[Generate]:\tSituation: ", _one_line(rows["situation"]), "")


def question_inputs(question: str, rows: pa.Table) -> pa.ChunkedArray:
    r"""Return `[Valence]:\tSituation: Do a pushup\tValue: Health` for each row, where Valence is the question.

    Args:
        question: Relevance, Valence or Explanation.
        rows: needs the columns situation, vrd and text.
    """
    situation = pc.binary_join_element_wise(f"[{question}]:\tSituation: ", _one_line(rows["situation"]), "")
    return pc.binary_join_element_wise(situation, consideration_texts(rows), "\t")


def explanation_outputs(rows: pa.Table) -> pa.ChunkedArray:
    """Return the explanation of each row on one line."""
    return _one_line(rows["explanation"])
