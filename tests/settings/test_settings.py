"""Settings say no with place and cure, and never print a secret."""

from pathlib import Path

import pytest

from chainwatch.problem import Problems
from chainwatch.settings import load_settings


def load(home: Path, **environment: str) -> object:
    return load_settings({"CHAINWATCH_HOME": str(home), **environment})


def complaints(error: Problems) -> str:
    return "\n".join(f"{problem} | {problem.cure}" for problem in error.problems)


def test_defaults_need_no_server(tmp_path: Path) -> None:
    settings = load_settings({"CHAINWATCH_HOME": str(tmp_path)})
    assert settings.store_url == f"sqlite:///{tmp_path}/store.db"
    assert settings.stream_url == f"sqlite:///{tmp_path}/stream.db"


def test_an_unknown_variable_is_an_error_with_its_name(tmp_path: Path) -> None:
    with pytest.raises(Problems) as caught:
        load(tmp_path, CHAINWATCH_STRAEM="sqlite:///x")
    assert "CHAINWATCH_STRAEM: no such setting" in complaints(caught.value)
    assert "docs/reference/settings.md" in complaints(caught.value)


def test_every_wrong_entry_is_named_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "chainwatch.toml").write_text('alert_window_days = -1\ncolour = "red"\n', encoding="utf-8")
    with pytest.raises(Problems) as caught:
        load(tmp_path, CHAINWATCH_WORKERS="many")
    text = complaints(caught.value)
    assert "chainwatch.toml:1: alert_window_days" in text
    assert "chainwatch.toml:2: colour" in text
    assert "CHAINWATCH_WORKERS: workers" in text


def test_broken_toml_is_named(tmp_path: Path) -> None:
    (tmp_path / "chainwatch.toml").write_text("workers = = 1\n", encoding="utf-8")
    with pytest.raises(Problems, match=r"chainwatch\.toml"):
        load(tmp_path)


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    (tmp_path / "chainwatch.toml").write_text("workers = 1\n", encoding="utf-8")
    settings = load_settings({"CHAINWATCH_HOME": str(tmp_path), "CHAINWATCH_WORKERS": "2"})
    assert settings.workers == 2


def test_a_secret_may_stand_in_a_file_and_is_never_shown(tmp_path: Path) -> None:
    secret = tmp_path / "key"
    secret.write_text("canary-4711\n", encoding="utf-8")
    settings = load_settings({"CHAINWATCH_HOME": str(tmp_path), "CHAINWATCH_SECRET_KEY_FILE": str(secret)})
    assert settings.secret_key is not None
    assert settings.secret_key.get_secret_value() == "canary-4711"
    assert "canary" not in repr(settings)


def test_a_wrong_secret_is_not_printed(tmp_path: Path) -> None:
    (tmp_path / "chainwatch.toml").write_text("secret_key = [1, 'canary-4711']\n", encoding="utf-8")
    with pytest.raises(Problems) as caught:
        load(tmp_path)
    assert "canary" not in complaints(caught.value)


def test_networks_are_read_from_the_environment(tmp_path: Path) -> None:
    settings = load_settings({"CHAINWATCH_HOME": str(tmp_path), "CHAINWATCH_ALLOW_NETWORKS": "127.0.0.0/8, ::1/128"})
    assert [str(network) for network in settings.allow_networks] == ["127.0.0.0/8", "::1/128"]
