"""The stem of the house, in a hurry: what falls is started again within a second, however often.

usage: python -m bench.kills.stem FD
"""

import sys

from host import prefork, processes

processes.LONGEST_PAUSE = processes.FIRST_PAUSE

if __name__ == "__main__":
    sys.exit(prefork.main())
