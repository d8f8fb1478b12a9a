"""Commands that speak to a running host."""
