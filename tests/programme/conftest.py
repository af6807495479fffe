"""Make the helpers beside the tests, and the random cases of the plan's tests, importable."""

import sys
from pathlib import Path

HERE = Path(__file__).parent
for folder in (HERE, HERE.parent / "plan"):
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))
