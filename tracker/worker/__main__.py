"""Start of the worker. See the package's docstring for what it reads and writes."""

import os
import sys


def _start() -> None:
    """Load this directory as the package ``tracker_worker``, and leave no other trace of it.

    Python put the directory first on ``sys.path``, where ``task`` or ``command`` would
    shadow modules of the benchmark.
    """
    here = os.path.dirname(os.path.abspath(__file__))
    if sys.path and os.path.realpath(sys.path[0]) == os.path.realpath(here):
        del sys.path[0]
    package = type(sys)("tracker_worker")
    package.__path__ = [here]
    sys.modules["tracker_worker"] = package
    arguments = sys.argv[1:]
    del sys.argv[1:]
    # Compiling these files takes longer than running them, whatever is asked for the project's.
    asked, sys.dont_write_bytecode = sys.dont_write_bytecode, False
    session = __import__("tracker_worker.session", fromlist=["main"])
    sys.dont_write_bytecode = asked
    session.main(arguments)


if __name__ == "__main__":  # not in the children that multiprocessing starts from this file
    _start()
