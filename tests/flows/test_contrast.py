"""Situations changed on purpose: asked for, checked, asked about like any other, released, and never paid for twice."""

import json
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

from flows.asking import ask_each
from flows.settings import load
from flows.storage import Storage
from tests.batch_api import BatchApi
from tests.flows.building import TEXTS, WAREHOUSE, build, build_with, priced
from tests.flows.command_line import valueprism
from tests.flows.jobs import good_reply
from tests.flows.stored import rejects, row_counts, task_set
from tests.flows.turning import CHANGED, TURNED, turning
from tests.teacher_faults import Fault
from tests.teacher_server import TeacherServer
from tests.valueprism_build.contrasts.making import proposal
from valueprism_build.contrasts.subject import Named, Subject
from valueprism_build.ids import situation_id
from valueprism_build.records import Vrd
from valueprism_build.teachers.contrast_prompt import contrast_ask
from warehouse import contrasts, situations
from warehouse.connect import open_warehouse

pytestmark = pytest.mark.usefixtures("prefect_api")
COUNTS = {"asked": 3, "made": 3, "verified": 1, "refuted": 1}


def asked(server: TeacherServer) -> Counter[str]:
    """Return how often each question was asked, by its last message."""
    return Counter(json.loads(json.dumps(one.body["messages"]))[-1]["content"] for one in server.received)


def made() -> dict[str, bool | None]:
    """Return the changed situations of the warehouse and what a fresh list says of them."""
    with open_warehouse(WAREHOUSE, read_only=True) as db:
        return {one.situation: one.verified for one in contrasts.read(db)}


def test_contrasts_are_asked_for_and_their_situations_like_any_other_and_nothing_twice() -> None:
    with turning() as server:
        first = build(server, "--contrast").summary
        # About each situation its list, a contrast, and the list about what it was changed to.
        assert len(server.received) == 3 + 3 + 3
        again = build(server, "--contrast").summary
        assert max(asked(server).values()) == 1
        assert len(server.received) == 9
    assert made() == dict(zip(CHANGED, (True, False, None), strict=True))
    funnel = {step.pop("stage"): step for step in first["funnel"]}
    assert funnel["contrast"] == {"came_in": 3, "kept": 3, "held": 0, "rejected": 0}
    assert funnel["ask"] == {"came_in": 6, "kept": 6, "held": 0, "rejected": 0}
    assert funnel["dedup"] == {"came_in": 16, "kept": 16, "held": 0, "rejected": 0}  # four each, then 2, 1 and 1
    assert (first["contrasts"], first["contrast"]["openai"]["answered"]) == (COUNTS, 3)
    assert again["funnel"][-1] == {"stage": "contrast", "came_in": 3, "kept": 0, "held": 3, "rejected": 0}
    with open_warehouse(WAREHOUSE, read_only=True) as db:
        [boat] = situations.read(db, [situation_id(CHANGED[0])])
        linked = contrasts.links(db)
    assert (boat.text, boat.source, boat.source_id) == (CHANGED[0], "contrast", situation_id(TEXTS[0]))
    assert {(link.origin_id, link.situation_id) for link in linked} == {
        (situation_id(text), situation_id(changed)) for text, changed in zip(TEXTS, CHANGED, strict=True)
    }


def test_without_the_switch_nothing_is_asked_and_what_was_made_stays() -> None:
    with turning() as server:
        assert build(server).summary["contrast"] == {}
        assert len(server.received) == 3
        assert build(server, "--contrast").code == 0
        rows = row_counts(WAREHOUSE)
        assert build(server, "--no-contrast").summary["funnel"][-1]["stage"] == "dedup"
        assert (row_counts(WAREHOUSE), len(server.received)) == (rows, 9)


def test_status_and_release_tell_what_was_asked_for_and_what_a_fresh_list_bears_out() -> None:
    with turning() as server:
        assert build(server, "--contrast", "--licence", "CC0-1.0").code == 0
    shown = valueprism("status", "--warehouse", WAREHOUSE, "--json")
    assert shown.summary["contrasts"] == COUNTS
    assert "of 3 answers for contrasts 3 are one: 1 borne out" in shown.out
    assert "contrast" in {row["stage"] for row in shown.summary["spent"]["in_all"]["rows"]}
    where = ("--warehouse", WAREHOUSE, "--version", "0.1.0", "--waive", "task_counts")
    assert valueprism("release", "create", *where).code == 0
    rows = {row["situation_b"]: row for row in task_set(Path("releases", "0.1.0"), "contrast").to_pylist()}
    assert {text: row["verified"] for text, row in rows.items()} == made()
    assert [rows[changed]["situation_a"] for changed in CHANGED] == TEXTS
    assert [(rows[changed]["text_ax"], rows[changed]["text_ay"]) for changed in CHANGED] == TURNED
    assert rows[CHANGED[0]]["consideration_id_bx"] is not None
    full = task_set(Path("releases", "0.1.0"), "full")
    splits = dict(zip(full["situation"].to_pylist(), full["split"].to_pylist(), strict=True))
    assert all(splits[a] == splits[b] == rows[b]["split"] for a, b in zip(TEXTS, CHANGED, strict=True))
    card = Path("releases", "0.1.0", "README.md").read_text(encoding="utf-8")
    assert "| asked for, borne out by a fresh list | 1 |" in card
    assert "| asked for, refuted by a fresh list | 1 |" in card
    manifest = json.loads(Path("releases", "0.1.0", "manifest.json").read_text(encoding="utf-8"))
    assert manifest["prompt_versions"] == ["considerations-v1-json", "contrast-v1-json"]


def test_what_is_no_contrast_is_rejected_by_its_rule_and_not_asked_again() -> None:
    lists = {text: good_reply(text, number) for number, text in enumerate(TEXTS)}
    lists |= {f"{TEXTS[0]}\nFirst": proposal(f"Not {TEXTS[0].lower()}"), f"{TEXTS[1]}\nFirst": "No."}
    lists |= {f"{TEXTS[2]}\nFirst": proposal(CHANGED[2], ("Supports", "Supports"))}
    with TeacherServer(lists) as server:
        summary = build(server, "--contrast").summary
        assert build(server, "--contrast").summary["contrast"]["openai"]["cached"] == 3
        assert len(server.received) == 6
    assert summary["contrasts"] == {"asked": 3, "made": 0, "verified": 0, "refuted": 0}
    found = Counter((reject.stage, reject.rule) for reject in rejects(WAREHOUSE))
    assert found == Counter([("contrast", rule) for rule in ("bare_negation", "unparsable", "not_swapped")])


def test_a_limit_of_changed_words_moves_without_asking_again() -> None:
    settings = Path("valueprism.toml")
    with turning() as server:
        settings.write_text("[contrast]\nmost_edits = 1\n")
        # "a ferry" to "a fishing boat" are two words; the others are one.
        assert build(server, "--contrast").summary["contrasts"]["made"] == 2
        settings.write_text("[contrast]\nmost_edits = 2\n")
        done = build(server, "--contrast").summary
        assert (done["contrasts"], len(server.received)) == (COUNTS, 9)
    assert rejects(WAREHOUSE) == []


def test_two_contrasts_of_a_situation_are_two_questions() -> None:
    with turning() as server:
        Path("valueprism.toml").write_text("[contrast]\nmost = 2\n")
        summary = build(server, "--contrast").summary
        # `good_reply` has one thing for the deed and two against it.
        assert summary["contrast"]["openai"]["answered"] == 6
    assert {reject.rule for reject in rejects(WAREHOUSE)} == set()
    # Both times the server gives the same situation.
    with open_warehouse(WAREHOUSE, read_only=True) as db:
        assert (len(contrasts.read(db)), len(situations.ids(db))) == (6, 6)


def test_killed_between_asking_and_storing_the_next_build_takes_what_the_journal_has() -> None:
    with turning() as server:
        assert build(server).code == 0
        settings = load(
            {"warehouse": str(WAREHOUSE), "teacher": ["openai"], "teachers": {"openai": {"base_url": server.base_url}}}
        )
        with Storage(settings).open(read_only=True) as db:
            rows = situations.read(db, list(map(situation_id, TEXTS)))
        subjects = dict(zip(TEXTS, TURNED, strict=True))
        asks = [
            contrast_ask(row, Subject(*(Named(Vrd.VALUE, text) for text in subjects[row.text])), structured=True)
            for row in rows
        ]
        # What a kill at the worst moment leaves: replies that are paid for and nothing that is made of them.
        ask_each(settings, settings.chosen[0], asks, "killed")
        assert made() == {}
        assert build(server).code == 0  # whatever it is asked for
        assert set(made()) == set(CHANGED)
        done = build(server, "--contrast").summary
        assert (done["contrast"]["openai"]["cached"], done["contrasts"]) == (3, COUNTS)
        assert max(asked(server).values()) == 1


def test_parsing_again_makes_the_same_contrasts() -> None:
    with turning() as server:
        assert build(server, "--contrast").code == 0
    before = made()
    with open_warehouse(WAREHOUSE) as db:
        db.execute("DELETE FROM contrast")
    found = valueprism("reparse", "--warehouse", WAREHOUSE, "--json").summary
    assert (found["replies"], found["added"], found["removed"], found["changed"]) == (9, 0, 0, 0)
    assert made() == before


def test_a_dry_run_tells_the_most_that_can_be_asked_and_sends_nothing() -> None:
    with turning() as server:
        before = build(server, "--contrast", "--dry-run")
        assert server.received == []
        assert build(server, "--contrast").code == 0
        after = build(server, "--contrast", "--dry-run").summary
        assert len(server.received) == 9
    told = [(one["purpose"], one["requests"], one["cached"]) for one in before.summary["forecasts"]]
    assert told == [("considerations", 3, 0), ("contrast", 3, 0)]
    assert before.summary["most_changed_situations"] == 3
    assert "at most 3 more situations" in before.out
    told = [(one["purpose"], one["requests"], one["cached"]) for one in after["forecasts"]]
    assert told == [("considerations", 0, 6), ("contrast", 0, 3)]


def test_a_budget_that_is_spent_leaves_questions_that_a_later_build_asks() -> None:
    with turning() as server:
        server.usage = lambda _: (10, 50)
        priced(server, max_tokens=100)
        # A reply costs 0.05 dollars, a request 0.1 at worst: three lists and one contrast are 0.2, and no other fits.
        spent = build_with(["priced"], "--contrast", "--budget-usd", "0.25", "--concurrency", "1").summary
        assert (spent["contrast"]["priced"]["answered"], spent["contrast"]["priced"]["unasked"]) == (1, 2)
        # The list about the one situation that was changed is left, too.
        assert (spent["asked"], spent["unasked"], Decimal(spent["cost"])) == (3, 2 + 1, Decimal("0.2"))
        done = build_with(["priced"], "--contrast").summary
        assert done["contrasts"] == COUNTS
        assert max(asked(server).values()) == 1


def test_in_batches_each_round_is_one_file_and_nothing_is_sent_twice() -> None:
    with turning(batch_api=BatchApi()) as server:
        Path("valueprism.toml").write_text("[batch]\npoll_seconds = 0.01\n")
        summary = build(server, "--contrast", "--batch").summary
        assert summary["contrasts"] == COUNTS
        assert valueprism("batches", "list", "--warehouse", WAREHOUSE, "--json").summary["batches"][-1]["requests"] == 3
        assert build(server, "--contrast", "--batch").summary["contrast"]["openai"]["cached"] == 3
        assert len(valueprism("batches", "list", "--warehouse", WAREHOUSE, "--json").summary["batches"]) == 3
        assert server.received == []


def test_a_teacher_that_fails_every_question_for_a_contrast_is_said_and_asked_again() -> None:
    with turning() as server:
        assert build(server).code == 0
        server.always = Fault.BAD_REQUEST
        assert "all 3 requests to openai failed" in build(server, "--contrast").complaint
        assert [(reject.stage, reject.rule) for reject in rejects(WAREHOUSE)] == [("contrast", "teacher_error")] * 3
        server.always = None
        assert build(server, "--contrast").summary["contrasts"] == COUNTS
    assert rejects(WAREHOUSE) == []


def test_the_layout_in_text_serves_where_the_endpoint_knows_no_schema() -> None:
    lists = "Values:\n- Trust: It matters. [supports]\n- Thrift: It matters. [opposes]"
    turned = f"Situation: {CHANGED[0]}\nFirst: It is lost there. [opposes]\nSecond: It is kept there. [supports]"
    with TeacherServer({f"{TEXTS[0]}\nFirst": turned}, default=lists) as server:
        table = f'[teachers.plain]\nbase_url = "{server.base_url}"\nmodel = "m"\nstructured = "text"\n'
        Path("valueprism.toml").write_text(table)
        assert build_with(["plain"], "--contrast").summary["contrasts"]["made"] == 1
    assert made() == {CHANGED[0]: False}


def test_a_release_is_refused_for_contrasts_and_situations_of_a_teacher_that_may_train_no_model() -> None:
    with turning() as server:
        table = '[teachers.{0}]\nbase_url = "{1}"\nmodel = "{0}"\nmay_train = {2}\n'
        terms = (("open", "true"), ("shut", "false"))
        Path("valueprism.toml").write_text("".join(table.format(name, server.base_url, may) for name, may in terms))
        # Every list has the words of the one who was asked first; contrasts and their situations are of both.
        assert build_with(["open"]).code == 0
        assert build_with(["open", "shut"], "--contrast").code == 0
    where = ("--warehouse", WAREHOUSE, "--version", "0.1.0", "--waive", "task_counts")
    refused = "red gates: training_allowed (no model may be trained on the rows of open, shut)"
    assert refused in valueprism("release", "create", *where).complaint
    assert refused in valueprism("release", "create", "--teacher", "open", *where).complaint
    assert valueprism("release", "create", "--waive", "training_allowed", *where).code == 0
    rows = task_set(Path("releases", "0.1.0"), "full").to_pylist()
    assert {(row["teacher"], *row["situation_teachers"], row["may_train"]) for row in rows} == {
        ("open", True),
        ("open", "open", "shut", False),
    }
