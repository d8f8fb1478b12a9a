"""What the fitting of every network has in common. Needs torch."""
