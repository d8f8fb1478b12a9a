"""Settings of every test."""

from hypothesis import settings

# How long an example takes says how busy the machine is: a timing never decides a test.
settings.register_profile("emohost", deadline=None)
settings.load_profile("emohost")
