"""Settings of every test."""

from hypothesis import settings

# How long an example takes says how busy the machine is: a timing never decides a test. The examples are the same each
# time; other ones are looked for by `pytest --hypothesis-profile search`.
settings.register_profile("emohost", deadline=None, derandomize=True)
settings.register_profile("search", deadline=None)
settings.load_profile("emohost")
