"""From the programme to a proven plan: matrix hand-off, HiGHS, neighbourhood search, ratios, a process that obeys."""
