"""`python -m polling` is `polling`."""

from polling.cli import main

if __name__ == "__main__":
    main()
