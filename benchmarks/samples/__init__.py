"""Recorded reads of annealers: what the statistics and the models say of them."""
