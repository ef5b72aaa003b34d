import pytest

from valueprism_build.errors import SettingsError
from valueprism_build.teachers.teacher import TeacherSettings


@pytest.mark.parametrize(
    "setting", ["attempts", "max_items", "max_tokens", "requests_per_minute", "timeout", "tokens_per_minute"]
)
@pytest.mark.parametrize("value", [0, -1, float("inf"), float("nan")])
def test_a_number_that_would_lift_a_limit_is_refused_by_name(setting: str, value: float) -> None:
    with pytest.raises(SettingsError, match=rf"^{setting} of teacher 'vllm' is {value}; give a number above 0$"):
        TeacherSettings("vllm", **{setting: value})  # type: ignore[arg-type]


def test_waits_may_be_nothing_but_not_less_and_limits_may_be_left_out() -> None:
    TeacherSettings(
        "vllm", wait_initial=0, wait_max=0, max_tokens=None, requests_per_minute=None, tokens_per_minute=None
    )
    with pytest.raises(SettingsError, match="wait_max"):
        TeacherSettings("vllm", wait_max=-1)
