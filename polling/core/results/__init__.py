"""From tallies to what may be shown: withholding hides."""
