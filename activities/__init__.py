"""Side effects, one class per set of collaborators, one model in and one model out."""
