"""Make the helpers of the programme's tests, the random cases and the benchmark cases importable."""

import sys
from pathlib import Path

HERE = Path(__file__).parent
for folder in (HERE, HERE.parent / "programme", HERE.parent / "plan", HERE.parent / "bench"):
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))
