"""The host as a service of the user's own: it begins with the session, and begins again. systemd, launchd, tasks."""
