"""``python -m qxgap`` is the command ``qxgap``."""

from .cli import main

if __name__ == "__main__":
    main()
