"""Studies of many instances: their rate, and the study of the paper's claims."""
