"""From scores to sound: what is played, by which instruments, in which rooms."""
