"""Files that say which account is whose: of accounts, and of members."""

import re

import pytest

from events.sources.accounts import AccountMap, AccountMapError
from events.sources.analytics.people import People


def test_blanks_around_cells_are_none_of_an_id() -> None:
    """A blank after a comma, and an empty line at the end, are no part of any id."""
    accounts = AccountMap(
        [b"\xef\xbb\xbfname, account_id,theirs \r\nAcme, acme ,\tcus_2\r\n,,\r\n"]
    )
    assert (accounts("cus_2"), accounts("cus_3")) == ("acme", "cus_3")
    people = People([b"user_id, account_id\nu_1, acme\n\n"])
    assert people.settled("u_1") == "acme"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (
            b"theirs;account_id\nc;a\n",
            "needs the columns theirs and account_id, with a comma between; there are: "
            "'theirs;account_id'",
        ),
        (b"", "there are: none"),
        (b"theirs,account_id\nc_1\n", "line 2: both columns are needed"),
        (b"theirs,account_id\nc_1, \n", "line 2: both columns are needed"),
        (b"theirs,account_id\nc_1,a\nc_1 ,b\n", "line 3: 'c_1' is 'a'"),
        (b"theirs,account_id\nc_1,\xff\n", "can't decode"),
    ],
)
def test_what_is_no_map_is_refused(content: bytes, said: str) -> None:
    """What is wrong is said with its line, or with the columns that there are."""
    with pytest.raises(AccountMapError, match=re.escape(said)):
        AccountMap([content])
