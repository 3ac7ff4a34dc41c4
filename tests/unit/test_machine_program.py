import pytest

from tracker.machine.program import allowed_environment
from tracker.machine.sandbox import Sandbox


def test_credentials_do_not_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PGPASSWORD", "AWS_SECRET_ACCESS_KEY", "GITHUB_TOKEN", "SSH_AUTH_SOCK", "HOME"):
        monkeypatch.setenv(name, "secret")
    assert "secret" not in allowed_environment().values()


def test_language_and_path_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_COLLATE", "C")
    monkeypatch.setenv("TZ", "UTC")
    assert {"PATH", "LC_COLLATE", "TZ"} <= set(allowed_environment())


def test_what_a_person_names_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MODEL_CACHE", "somewhere")
    monkeypatch.delenv("ABSENT", raising=False)
    given = allowed_environment(["MODEL_CACHE", "ABSENT"])
    assert given["MODEL_CACHE"] == "somewhere"
    assert "ABSENT" not in given


@pytest.mark.parametrize(("told", "meant"), [(0, 0), (3, 3), (139, -11), (-9, -9)])
def test_signals_inside_of_walls(told: int, meant: int) -> None:
    assert Sandbox.exit_code(told) == meant
