"""Success against the number of qubits, beside the points that arXiv 2604.25649 shows."""
