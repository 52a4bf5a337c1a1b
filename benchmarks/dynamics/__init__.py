"""Success probabilities against other integrators, kernels, batches, error estimates."""
