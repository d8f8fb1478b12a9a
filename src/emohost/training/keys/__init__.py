"""How the core tells the key: fitted on rendered songs, as the weights that it is built with."""
