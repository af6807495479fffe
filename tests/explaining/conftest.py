"""Make the small-case helpers of the programme's tests and the random cases importable."""

import sys
from pathlib import Path

HERE = Path(__file__).parent
for folder in (HERE, HERE.parent / "programme", HERE.parent / "plan"):
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))
