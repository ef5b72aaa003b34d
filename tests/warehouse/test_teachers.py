from dataclasses import replace

import pytest
from duckdb import DuckDBPyConnection

from valueprism_build.errors import SettingsError
from valueprism_build.teachers.teacher import TeacherSettings
from warehouse.teachers import register

VLLM = TeacherSettings("vllm", "http://127.0.0.1:8000/v1")


def test_the_terms_of_a_teacher_may_change(db: DuckDBPyConnection) -> None:
    register(db, VLLM, has_replied=lambda _: True)
    register(db, replace(VLLM, output_licence="MIT", may_train=True), has_replied=lambda _: True)
    assert db.execute("SELECT output_licence, may_train FROM teacher").fetchall() == [("MIT", True)]


def test_one_name_for_two_endpoints_is_refused_and_says_how_to_go_on(db: DuckDBPyConnection) -> None:
    register(db, VLLM, has_replied=lambda _: False)
    moved = replace(VLLM, base_url="http://127.0.0.1:9000/v1")
    with pytest.raises(SettingsError, match=r"is at http://127\.0\.0\.1:8000/v1, not at http://127\.0\.0\.1:9000/v1"):
        register(db, moved, has_replied=lambda _: True)
    register(db, replace(moved, identity_url=VLLM.base_url), has_replied=lambda _: True)


def test_an_address_from_which_no_reply_ever_came_binds_nobody(db: DuckDBPyConnection) -> None:
    register(db, replace(VLLM, base_url="http://127.0.0.1:8000"), has_replied=lambda _: False)
    register(db, VLLM, has_replied=lambda name: name != "vllm")
    assert db.execute("SELECT endpoint FROM teacher").fetchall() == [(VLLM.base_url,)]
