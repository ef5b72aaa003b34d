"""A report in which everything that users write is as bad as it gets."""

from dataclasses import replace
from functools import cache

import pyarrow as pa

from annotation.report.tables import SCHEMAS, QuestionFacts, Report
from annotation.votes.scales import Level
from tests.annotation.report.studies import sample_report

SCRIPT = "<script>document.title='broken'</script>"
IMAGE = "<img src=x onerror=\"document.title='broken'\">"
EMOJI = "People \N{WAVING HAND SIGN}\N{EMOJI MODIFIER FITZPATRICK TYPE-5} of \N{EARTH GLOBE EUROPE-AFRICA}"
LONG = "Averylongnamewithoutablank" * 12
QUESTION = "agree/../<b>'\"&"


@cache
def hostile_report() -> Report:
    """Return the sample with its names and texts replaced."""
    report = sample_report(draws=50)
    (question,) = report.questions
    answers = {"Yes": SCRIPT, "No": LONG}
    renamed = {
        "question": {question.id: QUESTION},
        "category": {"Woman": IMAGE, "Man": EMOJI, "Liberal": LONG, "Moderate": SCRIPT},
        "group": {"Woman": IMAGE, "Man": EMOJI, "Liberal": LONG, "Moderate": SCRIPT},
        "answer": answers,
        "demographic": {"gender": "gender </title>" + SCRIPT},
    }
    tables = {name: _renamed(table, renamed) for name, table in report.tables.items()}
    contrasts = tables["item_contrasts"]
    texts = pa.array([SCRIPT + LONG] * contrasts.num_rows).dictionary_encode()
    place = contrasts.schema.get_field_index("text")
    tables["item_contrasts"] = contrasts.set_column(place, contrasts.schema.field("text"), texts)
    return replace(
        report,
        title=SCRIPT,
        questions=(QuestionFacts(QUESTION, IMAGE, Level.BINARY, (LONG, SCRIPT), (SCRIPT,)),),
        settings={SCRIPT: IMAGE},
        methods=(SCRIPT,),
        cautions=(IMAGE, LONG),
        tables=tables,
    )


def _renamed(table: pa.Table, renamed: dict[str, dict[str, str]]) -> pa.Table:
    for column in renamed.keys() & set(table.column_names):
        words = [renamed[column].get(word, word) for word in table.column(column).to_pylist()]
        place = table.schema.get_field_index(column)
        table = table.set_column(place, table.schema.field(column), pa.array(words).dictionary_encode())
    return table


def many_categories(count: int) -> Report:
    """Return a report of one demographic with so many categories."""
    rows = [
        {
            "demographic": "region",
            "category": f"Region {place}",
            "people": count - place,
            "votes": 9,
            "share": 1 / count,
        }
        for place in range(count)
    ]
    columns = {name: [row.get(name) for row in rows] for name in SCHEMAS["people"].names}
    return Report("Regions", (), {}, (), (), {"people": pa.table(columns, schema=SCHEMAS["people"])})
