"""The command line."""


def main() -> None:
    raise SystemExit("emohost: the command line is not built yet")
