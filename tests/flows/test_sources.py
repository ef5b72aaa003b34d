"""Sources of other shapes than our own, through the whole job."""

from pathlib import Path

import pytest

from tests.flows.building import WAREHOUSE, build, obliging
from tests.flows.jobs import SHARED
from tests.flows.stored import rejects, row_counts

pytestmark = pytest.mark.usefixtures("prefect_api")

TEMPLATE = ("--text-template", "{context} {action1}", "--licence", "MIT")


def test_several_columns_make_a_situation_by_the_template() -> None:
    Path("scenarios.csv").write_text(
        "id,context,action1,action2\n"
        '1,"I found a wallet, full of cash, in the park.",I hand it in at the police station.,I keep it.\n'
        "2,My neighbour's dog barks all night.,I talk to my neighbour about it.,I call the police.\n"
        "3,,,\n"
    )
    with obliging() as server:
        summary = build(server, *TEMPLATE, situations="scenarios.csv").summary
    assert sorted(server.delivered) == [
        "I found a wallet, full of cash, in the park. I hand it in at the police station.",
        "My neighbour's dog barks all night. I talk to my neighbour about it.",
    ]
    read, filtered, *_ = summary["funnel"]
    assert read["came_in"] == 3
    assert (filtered["kept"], read["rejected"] + filtered["rejected"]) == (2, 1)


def test_moralchoice_goes_in_through_the_template() -> None:
    source = SHARED / "moralchoice_low_ambiguity.csv"
    if not source.exists():
        pytest.skip(f"{source.name} is not beside the project, in shared/data")
    with obliging() as server:
        summary = build(server, *TEMPLATE, "--concurrency", 32, situations=source).summary
    for step in summary["funnel"]:
        assert step["came_in"] == step["kept"] + step["held"] + step["rejected"]
    read, filtered, ask, *_ = summary["funnel"]
    assert (read["came_in"], read["rejected"]) == (687, 0)  # its README: 687 scenarios
    assert ask["kept"] == filtered["kept"] == len(server.delivered)
    assert filtered["kept"] > 0.9 * 687  # sound English scenarios: a filter that takes a tenth of them is wrong
    assert len(rejects(WAREHOUSE)) == 687 - filtered["kept"]
    # One reply for everybody, four items of it: nothing is said twice within a situation.
    assert row_counts(WAREHOUSE)["consideration"] == 4 * filtered["kept"]
