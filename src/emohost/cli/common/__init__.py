"""What the commands share: what is printed where, names of files and numbers that are typed, signals."""
