"""The data sets that networks are trained on: each is read in one module here, and nowhere else."""
