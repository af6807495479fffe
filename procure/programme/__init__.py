"""The mixed-integer programme in Pyomo, one module a part; it knows neither Excel nor the command line."""

from procure.programme.build import build
from procure.programme.draft import Draft, Scales

__all__ = ["Draft", "Scales", "build"]
