"""Text to valence and arousal: a linear regressor over n-grams, fitted to EmoBank (models/README.md)."""
