"""The doctor names each fault with its cure."""

from pathlib import Path

import pytest

from chainwatch.cli.doctor import Check, examine, filesystem_of
from chainwatch.cli.init import prepare
from chainwatch.settings import load_settings

MOUNTS = "overlay / overlay rw 0 0\nserver:/a /mnt/far nfs4 rw 0 0\n/dev/sda /mnt/with\\040space ext4 rw 0 0\n"


@pytest.mark.parametrize(
    ("folder", "kind"),
    [("/home/x", "overlay"), ("/mnt/far/home", "nfs4"), ("/mnt/with space/home", "ext4"), ("/mnt/farther", "overlay")],
)
def test_the_file_system_is_that_of_the_nearest_mount(folder: str, kind: str) -> None:
    assert filesystem_of(Path(folder), MOUNTS) == kind


def faults(monkeypatch: pytest.MonkeyPatch, home: Path) -> dict[str, Check]:
    monkeypatch.setenv("CHAINWATCH_HOME", str(home))
    return {check.what: check for check in examine() if check.outcome == "fault"}


def test_a_missing_home_is_a_fault_with_its_cure(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (check,) = faults(monkeypatch, tmp_path / "none").values()
    assert (check.what, check.cure) == ("home", "chainwatch init")


def test_a_sound_installation_has_none(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    prepare(load_settings({"CHAINWATCH_HOME": str(tmp_path)}))
    assert faults(monkeypatch, tmp_path) == {}


def test_each_broken_part_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    prepare(load_settings({"CHAINWATCH_HOME": str(tmp_path)}))
    (tmp_path / "rules" / "mine.yaml").write_text("rules: [", encoding="utf-8")
    (tmp_path / "sources.yaml").write_text("version: 1\nsources:\n- name: NO\n", encoding="utf-8")
    (tmp_path / "store.db").write_bytes(b"no database at all, but long enough to be taken for one" * 10)
    found = faults(monkeypatch, tmp_path)
    assert {"rules", "sources", "store"} <= set(found)
    assert all(check.cure for check in found.values())


def test_making_it_again_makes_nothing(tmp_path: Path) -> None:
    settings = load_settings({"CHAINWATCH_HOME": str(tmp_path)})
    assert prepare(settings)
    key = (tmp_path / "secret.key").read_text(encoding="utf-8")
    assert prepare(settings) == []
    assert (tmp_path / "secret.key").read_text(encoding="utf-8") == key
    assert (tmp_path / "secret.key").stat().st_mode & 0o077 == 0
