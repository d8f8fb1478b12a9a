"""The dynamics network: its data, training and scores."""
