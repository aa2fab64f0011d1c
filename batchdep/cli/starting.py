"""The start of a command that talks to a repository: most of it is imports, and what can go on beside them does.

::

    import_http()   before the modules of a run are imported
    ready()         once they are, before the run

When aiohttp is imported, it has OpenSSL read all certificates that the system trusts, twice: an eighth of a start. That
is put off until the import is over, and done by a thread while other modules are imported: OpenSSL needs nothing of
Python meanwhile.
"""

from __future__ import annotations

import gc
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from ssl import SSLContext

_READS_STORE: Final = "set_default_verify_paths"
_GARBAGE_THRESHOLDS: Final = (50_000, 20, 20)


class _Reading(threading.Thread):
    """Reads the trust stores of contexts. No daemon: OpenSSL may not be at work when the process takes it down."""

    def __init__(self, contexts: Sequence[SSLContext]) -> None:
        super().__init__(name="trust stores")
        self._contexts = contexts
        self._failure: BaseException | None = None

    def run(self) -> None:
        """Reads the stores of those that judge certificates; of aiohttp's two, the other one takes any."""
        try:
            for context in self._contexts:
                if context.verify_mode:
                    context.set_default_verify_paths()
        except BaseException as error:
            self._failure = error

    def wait(self) -> None:
        """Returns when it is done. Raises what it raised."""
        self.join()
        if self._failure is not None:
            raise self._failure


_under_way: Final[list[_Reading]] = []


def import_http() -> None:
    """Imports aiohttp, if nobody has; what it trusts is known when :func:`ready` returns.

    For the command line only, which has no other thread yet: one of its contexts would be put off, too.
    """
    if "aiohttp" in sys.modules:
        return
    with _stores_put_off() as contexts:
        import aiohttp  # noqa: F401
    reading = _Reading(contexts)
    reading.start()
    _under_way.append(reading)


def ready() -> None:
    """Waits for what :func:`import_http` left to be done; from here on garbage is looked for in what the run makes.

    No thread of this module is left, so that the process may be forked. Raises what reading a trust store raised.
    """
    while _under_way:
        _under_way.pop().wait()
    gc.freeze()
    gc.set_threshold(*_GARBAGE_THRESHOLDS)


@contextmanager
def _stores_put_off() -> Iterator[list[SSLContext]]:
    """Yields a list of the contexts whose ``set_default_verify_paths`` was called meanwhile, which did nothing.

    That is the one call that reads a store; :func:`ssl.create_default_context` comes to it, too. So the contexts are
    the very ones that aiohttp keeps, with all else that it sets. The method is inherited from C, and shadowed for so
    long; where somebody has put another one in its place, nothing is put off.
    """
    from ssl import SSLContext

    contexts: list[SSLContext] = []

    def put_off(context: SSLContext) -> None:
        contexts.append(context)

    if _READS_STORE in vars(SSLContext):
        yield contexts
        return
    setattr(SSLContext, _READS_STORE, put_off)
    try:
        yield contexts
    finally:
        delattr(SSLContext, _READS_STORE)
