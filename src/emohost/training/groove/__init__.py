"""The groove network: its data, training and scores."""
