"""The page from which a host is steered by a browser."""
