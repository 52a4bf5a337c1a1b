"""D-Wave's annealers: connecting, embedding, scaling, noise, and what a run on hardware says."""
