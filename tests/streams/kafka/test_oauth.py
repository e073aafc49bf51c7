"""Tokens for OAUTHBEARER: asked for when needed, kept while fresh, and never without the secret."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from streams.kafka import oauth
from streams.kafka.oauth import TokenError, TokenProvider
from tests.servers.required import available
from tests.servers.tokens import LIFE_S, TokenEndpoint

SECRET = "correct horse:battery"
"""With characters that a form must quote."""


@pytest.fixture
def endpoint(tmp_path: Path) -> Iterator[TokenEndpoint]:
    """A token endpoint."""
    with available():
        made = TokenEndpoint(tmp_path, "tidemark", SECRET)
    with made:
        yield made


async def test_a_token_is_kept_while_it_is_fresh(
    endpoint: TokenEndpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One request serves until four fifths of the token's life have passed."""
    now_s = [0.0]
    monkeypatch.setattr(oauth, "monotonic_s", lambda: now_s[0])
    provider = TokenProvider(endpoint.url, "tidemark", lambda: SECRET, "events")
    first = await provider.token()
    now_s[0] = oauth.FRESH * LIFE_S - 1
    assert await provider.token() == first
    assert endpoint.asked == [{"grant_type": ["client_credentials"], "scope": ["events"]}]
    now_s[0] += 1
    await provider.token()
    assert len(endpoint.asked) == 2


async def test_a_secret_is_read_for_each_token(endpoint: TokenEndpoint) -> None:
    """So it may be rotated; a wrong one is refused, without being told."""
    secrets = ["stale", SECRET]
    provider = TokenProvider(endpoint.url, "tidemark", lambda: secrets.pop(0), None)
    with pytest.raises(TokenError, match="answers 401") as caught:
        await provider.token()
    assert caught.value.refused
    assert "stale" not in str(caught.value)
    assert await provider.token()


async def test_what_may_pass_is_no_refusal(endpoint: TokenEndpoint) -> None:
    """A server's own trouble, or none that answers, is worth another try."""
    endpoint.fails = True
    for url in (endpoint.url, "http://127.0.0.1:1/token"):
        provider = TokenProvider(url, "tidemark", lambda: SECRET, None)
        with pytest.raises(TokenError) as caught:
            await provider.token()
        assert not caught.value.refused


async def test_a_secret_follows_no_redirect(endpoint: TokenEndpoint, tmp_path: Path) -> None:
    """The secret is for the address that was set, and for no other."""
    with TokenEndpoint(tmp_path, "tidemark", SECRET) as other:
        endpoint.moved_to = other.url
        provider = TokenProvider(endpoint.url, "tidemark", lambda: SECRET, None)
        with pytest.raises(TokenError, match="answers 307"):
            await provider.token()
        assert not other.asked
