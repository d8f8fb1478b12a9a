from emohost.cli import main

main()
