"""Control of a running host from outside."""
