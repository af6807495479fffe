"""Writing is all or nothing: a file that cannot be written leaves the old one whole and nothing beside it."""

from __future__ import annotations

import errno
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from procure.errors import OutputError
from procure.report import check_target
from procure.report import package as package_module

if TYPE_CHECKING:
    from procure.plan import Plan


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_full_disk_leaves_the_old_file(plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "plan.xlsx"
    path.write_bytes(b"the old plan")

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(package_module.os, "fsync", full)
    with pytest.raises(OutputError, match="No space left"):
        plan.to_excel(path)
    assert path.read_bytes() == b"the old plan"
    assert names(tmp_path) == ["plan.xlsx"]
    assert OutputError("x").exit_status == 7


def test_an_interrupt_leaves_the_old_file(plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "plan.xlsx"
    path.write_bytes(b"the old plan")
    monkeypatch.setattr(package_module.os, "fsync", lambda _: (_ for _ in ()).throw(KeyboardInterrupt()))
    with pytest.raises(KeyboardInterrupt):
        plan.to_excel(path)
    assert path.read_bytes() == b"the old plan"
    assert names(tmp_path) == ["plan.xlsx"]


def test_a_locked_file_is_an_output_error(plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Proves: what Windows says when the file is open elsewhere (its replacement is refused)."""
    path = tmp_path / "plan.xlsx"
    path.write_bytes(b"the old plan")

    def refused(*_: object) -> None:
        raise PermissionError(errno.EACCES, "The process cannot access the file")

    monkeypatch.setattr(Path, "replace", refused)
    with pytest.raises(OutputError, match="open in Excel"):
        plan.to_excel(path)
    assert path.read_bytes() == b"the old plan"
    assert names(tmp_path) == ["plan.xlsx"]


@pytest.mark.parametrize(("lock", "program"), [("~$plan.xlsx", "Excel"), (".~lock.plan.xlsx#", "LibreOffice")])
def test_a_file_that_is_open_is_an_output_error(plan: Plan, tmp_path: Path, lock: str, program: str) -> None:
    (tmp_path / lock).touch()
    with pytest.raises(OutputError, match=program):
        plan.to_excel(tmp_path / "plan.xlsx")
    assert names(tmp_path) == [lock]


def test_impossible_targets_are_said_before_anything_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(OutputError, match="ends in"):
        check_target(tmp_path / "plan.xls")
    with pytest.raises(OutputError, match="no folder"):
        check_target(tmp_path / "nowhere" / "plan.xlsx")
    folder = tmp_path / "folder.xlsx"
    folder.mkdir()
    with pytest.raises(OutputError, match="a folder"):
        check_target(folder)
    source = tmp_path / "case.xlsx"
    source.touch()
    link = tmp_path / "link.xlsx"
    link.symlink_to(source)
    for target in (source, link, tmp_path / "folder.xlsx" / ".." / "case.xlsx"):
        with pytest.raises(OutputError, match="input workbook"):
            check_target(target, source)
    monkeypatch.setattr(package_module.os, "access", lambda *_: False)
    with pytest.raises(OutputError, match="write-protected"):
        check_target(source)


def test_an_old_plan_is_replaced_and_keeps_its_permissions(plan: Plan, tmp_path: Path) -> None:
    path = tmp_path / "plan.xlsx"
    path.write_bytes(b"the old plan")
    path.chmod(0o640)
    plan.to_excel(path)
    assert zipfile.is_zipfile(path)
    assert path.stat().st_mode & 0o777 == 0o640
    fresh = tmp_path / "fresh.xlsx"
    plan.to_excel(str(fresh))
    assert fresh.stat().st_mode & 0o400
    assert names(tmp_path) == ["fresh.xlsx", "plan.xlsx"]
