"""Passwords in URLs: shown to nobody, and read by everybody."""

from __future__ import annotations

from urllib.parse import unquote
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.engine import make_url

from optuna_codeepneat._urls import with_escaped_password
from optuna_codeepneat._urls import without_password


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://me:secret@host:5432/db", "postgresql://me:***@host:5432/db"),
        ("postgresql+psycopg://me:se/cr?e#t@host/db", "postgresql+psycopg://me:***@host/db"),
        ("postgresql://me:se@cr@et@host/db", "postgresql://me:***@host/db"),
        ("redis://:secret@host:6379/0", "redis://:***@host:6379/0"),
        ("redis://host:6379/0?db=1&password=se@cret&x=1", "redis://host:***&x=1"),
        ("redis://host/0?Password=secret", "redis://host/0?Password=***"),
        ("postgresql://host/db?sslpassword=secret", "postgresql://host/db?sslpassword=***"),
        ("mssql://?odbc_connect=PWD%3Dsecret", "mssql://?odbc_connect=***"),
        ("journal://me:secret@host/study.log", "journal://me:***@host/study.log"),
        ("grpc://me:secret@host:13000", "grpc://me:***@host:13000"),
        ("sqlite+pysqlcipher://:secret@/study.db", "sqlite+pysqlcipher://:***@/study.db"),
        ("--storage=redis://:secret@host", "--storage=redis://:***@host"),
        ("me:secret@host/db", "me:***@host/db"),
        ("postgresql:/me:secret@host/db", "postgresql:***@host/db"),
        ("postgresql:///me:secret@host/db", "postgresql:///me:***@host/db"),
        # Nothing to hide.
        ("postgresql://me@host:5432/db", "postgresql://me@host:5432/db"),
        ("postgresql://host/db?user=me@example.org", "postgresql://host/db?user=me@example.org"),
        ("sqlite:////data/me:you@there/study.db", "sqlite:////data/me:you@there/study.db"),
        ("journal:///study:1@2.log", "journal:///study:1@2.log"),
        ("--storage=sqlite:////a:b@c.db", "--storage=sqlite:////a:b@c.db"),
        ("s3://bucket/folder", "s3://bucket/folder"),
    ],
)
def test_shown(url: str, shown: str) -> None:
    assert without_password(url) == shown


@given(st.text(st.characters(exclude_characters="*&", min_codepoint=33), min_size=1))
def test_no_part_of_a_password_is_shown(password: str) -> None:
    """Whatever stands in it; its characters are none of the rest's."""
    password = "".join(c for c in password if not c.isalnum() or c in "QXZ") + "QXZ"
    for url in (
        f"redis://:{password}@host/0",
        f"mysql://me:{password}@host/db?a=b",
        f"grpc://me:x@host?password={password}&a=b",
        f"mysql://me:{password}@host/db?password={password}",
    ):
        shown = without_password(url)
        assert "QXZ" not in shown and "***" in shown


@pytest.mark.parametrize(
    "password",
    ["secret", "se/cret", "se?cret", "se#cret", "s/e?c#r=et", "se:cret", "se%40t", "[x"],
)
@pytest.mark.parametrize("scheme", ["postgresql", "redis"])
def test_every_parser_reads_the_same(scheme: str, password: str) -> None:
    escaped = with_escaped_password(f"{scheme}://me:{password}@host:1234/db?a=b")
    parsed, parts = make_url(escaped), urlsplit(escaped)
    wanted = ("me", unquote(password), "host", 1234)
    assert (parsed.username, parsed.password, parsed.host, parsed.port) == wanted
    assert (parts.username, unquote(parts.password or ""), parts.hostname, parts.port) == wanted
    assert parsed.database == "db" and dict(parsed.query) == {"a": "b"}


def test_at_sign_in_user_and_password() -> None:
    parsed = make_url(with_escaped_password("postgresql://me@server:se@cret@host/db"))
    assert (parsed.username, parsed.password, parsed.host) == ("me@server", "se@cret", "host")


@pytest.mark.parametrize(
    "url",
    [
        "sqlite:////data/me:you@there/study.db",
        "journal:///study:1@2.log",
        "postgresql://host/db?user=me@example.org",
        "postgresql://me:secret@host/db?user=me@example.org",
        "grpc://host:13000",
        "redis://host/0?password=se@cret",
    ],
)
def test_others_are_left_as_they_are(url: str) -> None:
    assert with_escaped_password(url) == url


@pytest.mark.parametrize("password", ["se@c/r@et", "se/c@ret", "s@e?cret", "s/e@c@ret"])
def test_what_can_mean_two_things_is_refused(password: str) -> None:
    with pytest.raises(ValueError, match="where its password ends; write %2F for /"):
        with_escaped_password(f"postgresql://me:{password}@host/db")
