"""``python -m optuna_codeepneat.cli`` is the command `optuna-codeepneat`."""

import sys

from optuna_codeepneat.cli import main


if __name__ == "__main__":  # worker processes import this module again
    sys.exit(main())
