"""An input with every part."""

INPUT = {
    "text": "I am so happy today!",
    "biofeedback": {"heart_rate": 75.0, "gsr": 0.4, "eeg_alpha": 0.6},
    "voice": {"tone": 0.3, "intensity": 0.5},
    "affect": {"valence": 0.6, "arousal": 0.3},
    "intent": {"type": "creation"},
}
