from __future__ import annotations

import errno
import socket
import ssl

import pytest

from batchdep.connections import clause, sentence, unreached


def tls(reason: str) -> ssl.SSLError:
    error = ssl.SSLError(1, f"[SSL: {reason}] words of OpenSSL (_ssl.c:1006)")
    error.reason = reason
    return error


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (
            ConnectionRefusedError(errno.ECONNREFUSED, "Connect call failed ('127.0.0.1', 9)"),
            "nobody answers at lab.example:443 (connection refused)",
        ),
        (socket.gaierror(socket.EAI_NONAME, "Name or service not known"), "the name lab.example is not known"),
        (
            socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution"),
            "the name lab.example could not be looked up: look at this computer's network",
        ),
        (TimeoutError(), "nobody answers at lab.example:443 (no answer in time)"),
        (ConnectionResetError(errno.ECONNRESET, "Reset"), "lab.example:443 closes the connection at once"),
        (
            OSError(errno.ENETUNREACH, "Network is unreachable"),
            "there is no way to lab.example:443 from here: look at this computer's network",
        ),
        (
            OSError(errno.EMFILE, "Too many open files"),
            "there is no connection to lab.example:443 (too many open files)",
        ),
        (tls("WRONG_VERSION_NUMBER"), "TLS: what answers at lab.example:443 does not speak https"),
        (
            tls("UNSUPPORTED_PROTOCOL"),
            "TLS: no secure connection to lab.example:443 can be agreed on (unsupported protocol)",
        ),
    ],
)
def test_the_words_for_it(error: Exception, words: str) -> None:
    assert unreached(error, "lab.example", 443) == words


def test_an_address_of_the_sixth_version_stands_in_brackets() -> None:
    assert unreached(ConnectionRefusedError(), "::1", 5432) == "nobody answers at [::1]:5432 (connection refused)"
    assert unreached(ConnectionRefusedError(), "::1", None) == "nobody answers at [::1] (connection refused)"


def test_sentences_and_clauses() -> None:
    assert sentence("nobody answers") == "Nobody answers."
    assert clause("Nobody answers.") == "nobody answers."
    assert clause("TLS: none.") == "TLS: none."
    assert clause("") == ""
