"""What the README says works: its tour, its Python, its reference of the input; and its set-up commands are well formed."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def block(name: str) -> str:
    """Return the code between ``<!-- name -->`` and ``<!-- end -->``."""
    match = re.search(rf"<!-- {name} -->\n(.*?)<!-- end -->", README, re.DOTALL)
    assert match, f"the README has no block {name}"
    return re.sub(r"^```.*\n", "", match.group(1), flags=re.MULTILINE).strip()


@pytest.fixture
def shell(tmp_path: Path) -> dict[str, str]:
    """Environment whose ``procure`` is this interpreter's."""
    tool = tmp_path / "bin" / "procure"
    tool.parent.mkdir()
    tool.write_text(f'#!/bin/sh\nexec {sys.executable} -m procure "$@"\n', encoding="utf-8")
    tool.chmod(0o755)
    return {**os.environ, "PATH": f"{tool.parent}{os.pathsep}{os.environ['PATH']}"}


def test_the_tour_and_the_python_work_one_after_the_other(tmp_path: Path, shell: dict[str, str]) -> None:
    run = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", block("tour")], cwd=tmp_path, env=shell, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stdout + run.stderr
    assert "none broken" in run.stdout
    script = tmp_path / "what_if.py"
    script.write_text(block("python"), encoding="utf-8")
    run = subprocess.run([sys.executable, str(script)], cwd=tmp_path, env=shell, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    assert (tmp_path / "few.xlsx").is_file()


def test_the_solve_command_writes_a_plan(tmp_path: Path, shell: dict[str, str]) -> None:
    command = block("solve").split("&&")[-1].strip().replace(".venv/bin/", "")
    shutil.copytree(ROOT / "models", tmp_path / "models")
    run = subprocess.run(
        ["bash", "-c", command], cwd=tmp_path, env=shell, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stdout + run.stderr
    assert (tmp_path / "plan.xlsx").is_file()


def test_the_input_reference_follows_the_data_dictionary() -> None:
    from procure.schema import reference_markdown

    assert block("reference") == reference_markdown().strip(), "run: python tests/update_readme.py"


def test_every_command_named_in_the_table_exists() -> None:
    for command in re.findall(r"^\| `procure (\w+)", README, re.MULTILINE):
        run = subprocess.run([sys.executable, "-m", "procure", command, "--help"], capture_output=True, text=True, check=False)
        assert run.returncode == 0, command


def test_every_picture_and_page_it_links_to_is_there() -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", README):
        assert (ROOT / target).exists(), target
