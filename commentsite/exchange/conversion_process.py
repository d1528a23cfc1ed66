"""The second process of an import: `python -m commentsite.exchange.conversion_process`."""

import sys

from commentsite.exchange.conversion import serve

if __name__ == "__main__":
    serve(sys.stdin.buffer, sys.stdout.buffer)
