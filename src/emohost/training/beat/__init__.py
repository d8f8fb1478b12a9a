"""What the beat network is trained and scored on: tunes, how they are played, clips of their sound, and features."""
