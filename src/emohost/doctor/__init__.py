"""What of a machine lets audio drop out, and what mends it. Linux; nothing is changed here."""
