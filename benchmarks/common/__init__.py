"""What several benchmarks share: cells in processes of their own, tables, the machine."""
