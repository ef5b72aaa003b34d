import pytest

from flows import progress


def test_stages_that_are_silenced_show_nothing_and_what_is_said_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    with progress.silence(), progress.stage("pulling projects", 2) as advance:
        advance(2, "all of them")
        progress.say("one line")
    assert capsys.readouterr().err == "one line\n"
    with progress.stage("pulling projects", 2) as advance:
        advance(2, "all of them")
    assert "pulling projects: 2 of 2" in capsys.readouterr().err
