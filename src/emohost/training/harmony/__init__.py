"""The harmony network: its data, training and scores."""
