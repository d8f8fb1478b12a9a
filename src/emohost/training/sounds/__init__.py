"""What the classifier of sounds is fitted and scored on: noises, voices, rhythms and music, each made here."""
