"""What `emohost validate` measures here and now, and the promises it holds the measurements to."""
