"""Make the helpers of these tests, of the programme's, the random cases of the plan's and those of the benches importable."""

import sys
from pathlib import Path

HERE = Path(__file__).parent
for folder in (HERE, HERE.parent / "programme", HERE.parent / "plan", HERE.parent / "bench"):
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))
