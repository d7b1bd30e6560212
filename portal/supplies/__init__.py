"""Office supplies: the catalogue, wishes, draws, goods in, limits and reports."""
