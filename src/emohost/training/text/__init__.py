"""The regressor of text (`emohost train text`): its training and scores."""
