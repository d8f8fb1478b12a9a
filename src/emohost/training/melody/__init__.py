"""The melody network: its data, training and scores."""
