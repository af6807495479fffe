"""The audit shares nothing with what it audits."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import procure.audit

PACKAGE = Path(procure.audit.__file__).parent
ALLOWED = ("procure.audit", "procure.calendar", "procure.reading.tables")


def imports(path: Path) -> set[str]:
    """Every module of procure that a file imports, anywhere in it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name}: relative import"
            found |= {f"{node.module}.{alias.name}" for alias in node.names} | {str(node.module)}
        elif isinstance(node, ast.Call) and ast.unparse(node.func) in {"__import__", "importlib.import_module"}:
            found.add("procure.<dynamic>")
    return {name for name in found if name.split(".")[0] == "procure"}


def test_no_file_of_the_audit_imports_anything_above_reading():
    files = sorted(PACKAGE.glob("**/*.py"))
    assert len(files) > 10
    for path in files:
        for name in imports(path):
            allowed = any(name == each or name.startswith(each + ".") for each in ALLOWED)
            assert allowed, f"{path.name} imports {name}"


def test_the_check_of_imports_sees_an_import(tmp_path):
    (tmp_path / "bad.py").write_text("def f():\n    from procure.finance import discount\n", encoding="utf-8")
    assert imports(tmp_path / "bad.py") == {"procure.finance", "procure.finance.discount"}


def test_importing_the_audit_loads_no_part_of_the_programme():
    """Nothing is loaded at run time, either: no programme, no finance, no plan, no Pyomo, no solver."""
    code = (
        "import sys, procure.audit; print([m for m in sys.modules if m.split('.')[0] in {'procure','pyomo','highspy'}])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(ast.literal_eval(done.stdout))
    assert {name for name in loaded if not name.startswith("procure.audit")} <= {"procure"}
