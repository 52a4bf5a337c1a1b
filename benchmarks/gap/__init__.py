"""The certified minimum gap against other solvers, attacks on it, and folders of instances."""
