"""Write the input reference into the README from the data dictionary: ``python tests/update_readme.py``."""

from __future__ import annotations

import re
from pathlib import Path

from procure.schema import reference_markdown

path = Path(__file__).resolve().parents[1] / "README.md"
text = path.read_text(encoding="utf-8")
body = f"<!-- reference -->\n{reference_markdown().strip()}\n<!-- end -->"
path.write_text(re.sub(r"<!-- reference -->\n.*?<!-- end -->", lambda _match: body, text, flags=re.DOTALL), encoding="utf-8")
