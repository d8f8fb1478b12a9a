"""The emotion network: its data, training and scores."""
