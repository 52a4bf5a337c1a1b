"""Explanation metrics, and the training of the embedded networks."""
