"""URLs with passwords: as they are shown, and as every parser reads them."""

from __future__ import annotations

import re
from urllib.parse import quote


_FILES = re.compile(r"(sqlite|journal|file)[\w+.-]*$")
"""Schemes whose URLs hold a path where others have a user; an option's name may precede them."""

_SECRET = re.compile(
    r"[?&;](?:\w*(?:passw|passphrase|pwd|secret|token)\w*|odbc_connect)=(?P<value>[^&]*)", re.I
)
_DELIMITERS = re.compile("[/?#]")


def without_password(url: str) -> str:
    """A URL for people to read, in which three stars stand for each password.

    What is a password is taken broadly: all from the first colon to the last ``@``, whatever
    stands between them, and the values of parameters such as ``?password=``. So some URLs show
    less than they could, and none shows a part of a password.
    """
    head, separator, rest = url.partition("://")
    if not separator:
        head, rest = "", url
    spans = [match.span("value") for match in _SECRET.finditer(rest)]
    colon, at = rest.find(":"), rest.rfind("@")
    if 0 <= colon < at and not (_FILES.search(head) and rest.startswith("/")):
        spans.append((colon + 1, at))
    shown, end = "", 0
    for begin, until in sorted(spans):
        if begin >= end:
            shown += rest[end:begin] + "***"
        end = max(end, until)
    return head + separator + shown + rest[end:]


def with_escaped_password(url: str) -> str:
    """The URL as every parser reads it, also if its password holds ``/``, ``?``, ``#`` or ``@``.

    Raises:
        ValueError: If it can't be known where the password ends.
    """
    head, separator, rest = url.partition("://")
    if not separator or "@" not in rest or (_FILES.search(head) and rest.startswith("/")):
        return url
    plain = _DELIMITERS.split(rest, maxsplit=1)[0]
    if "@" in plain:
        user_info, _, host = plain.rpartition("@")
        after = rest[len(plain) :]
        # Else it is the value of a parameter, as of `?user=me@example.org`.
        unclear = "@" in after and "=" not in after.partition("@")[0]
    elif ":" in plain:
        user_info, _, host = rest.partition("@")
        after, unclear = "", "@" in host
    else:
        return url
    if unclear:
        raise ValueError(
            "it can't be told where its password ends; write %2F for /, %3F for ?, %23 for # and "
            "%40 for @ in it"
        )
    user, colon, password = user_info.partition(":")
    return f"{head}://{_escaped(user)}{colon}{_escaped(password)}@{host}{after}"


def _escaped(text: str) -> str:
    return re.sub(r"[/?#@\[\]]", lambda found: quote(found[0], safe=""), text)
