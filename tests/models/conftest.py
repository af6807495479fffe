"""The model scripts are no package: they are loaded the way they run, from their own folder."""

from __future__ import annotations

import sys
from pathlib import Path

MODELS = Path(__file__).parents[2] / "models"
for folder in (MODELS, MODELS / "rules"):
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))
