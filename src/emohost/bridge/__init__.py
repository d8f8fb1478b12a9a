"""Side B: people's emotion for the music."""
