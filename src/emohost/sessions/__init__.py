"""Sessions that are kept: what a run heard, was told and played, so that it can be played again to the same bytes."""
