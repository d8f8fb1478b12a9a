"""Model files: each format that is read, the one that is written, and the layers that they come to."""
