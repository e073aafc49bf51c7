"""Settings of Kafka's security: what they make of a client, what is refused, and what is hidden."""

import ssl
from pathlib import Path
from typing import Any

import pytest

from streams.kafka.security import SecurityError
from streams.settings import SettingsError, load_settings
from tests.servers.certificates import Authority

SECRET = "correct-horse"
SCRAM = {
    "kafka_security_protocol": "SASL_SSL",
    "kafka_sasl_mechanism": "SCRAM-SHA-512",
    "kafka_sasl_username": "tidemark",
}
URL = "kafka_sasl_oauthbearer_token_endpoint_url"
OAUTH = {
    "kafka_security_protocol": "SASL_SSL",
    "kafka_sasl_mechanism": "OAUTHBEARER",
    URL: "https://id.example.com/token",
    "kafka_sasl_oauthbearer_client_id": "tidemark",
    "kafka_sasl_oauthbearer_client_secret": SECRET,
}


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("TIDEMARK_KAFKA", raising=False)


def test_without_settings_it_is_plain() -> None:
    """Loopback needs no security; another address is reached in the same way as the setting's."""
    settings = load_settings()
    plain = {"bootstrap_servers": "127.0.0.1:9092", "security_protocol": "PLAINTEXT"}
    assert settings.cluster().options == plain
    assert settings.cluster("other:1").options == plain | {"bootstrap_servers": "other:1"}


def test_a_user_and_a_password_or_its_file(tmp_path: Path) -> None:
    """The password may be in a file, whose last line end is not part of it."""
    file = tmp_path / "password"
    file.write_text(f"{SECRET} \n")
    for given in ({"kafka_sasl_password": f"{SECRET} "}, {"kafka_sasl_password_file": file}):
        options = load_settings(**SCRAM, **given).cluster().options
        assert options["sasl_mechanism"] == "SCRAM-SHA-512"
        assert options["sasl_plain_username"] == "tidemark"
        assert options["sasl_plain_password"] == f"{SECRET} "
        assert options["ssl_context"].verify_mode is ssl.CERT_REQUIRED
        assert options["ssl_context"].check_hostname


def test_our_certificate_and_their_authority(tmp_path: Path) -> None:
    """The files are those of the context; the name of a broker may be left unchecked."""
    authority = Authority(tmp_path)
    both = authority.sign("tidemark", password=SECRET)
    options = (
        load_settings(
            kafka_security_protocol="SSL",
            kafka_ssl_cafile=authority.cafile,
            kafka_ssl_certfile=both,
            kafka_ssl_key_password=SECRET,
            kafka_ssl_check_hostname=False,
        )
        .cluster()
        .options
    )
    context = options["ssl_context"]
    [trusted] = context.get_ca_certs()
    assert trusted["subject"] == ((("commonName", "authority"),),)
    assert not context.check_hostname
    assert context.verify_mode is ssl.CERT_REQUIRED


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"kafka_security_protocol": "SASL_SSL"}, "SASL_SSL needs kafka_sasl_mechanism"),
        ({"kafka_security_protocol": "TLS"}, "kafka_security_protocol"),
        ({"kafka_sasl_mechanism": "PLAIN"}, "kafka_sasl_mechanism is set, and kafka_security_"),
        ({"kafka_sasl_username": "u"}, "kafka_sasl_username is set, and .* does not use it"),
        ({"kafka_ssl_cafile": "ca.pem"}, "kafka_ssl_cafile is set, and .* = PLAINTEXT does not"),
        ({"kafka_ssl_check_hostname": False}, "kafka_ssl_check_hostname is set"),
        (SCRAM, "SCRAM-SHA-512 needs kafka_sasl_password"),
        (
            SCRAM | {"kafka_sasl_password": SECRET, "kafka_sasl_password_file": "f"},
            "kafka_sasl_password and kafka_sasl_password_file are both set",
        ),
        (
            SCRAM | {"kafka_sasl_username": None, "kafka_sasl_password": SECRET},
            "kafka_sasl_username",
        ),
        (SCRAM | {"kafka_sasl_password": SECRET, URL: "https://x"}, f"{URL} is set, and "),
        (OAUTH | {"kafka_sasl_password": SECRET}, "OAUTHBEARER does not use it"),
        (
            OAUTH | {"kafka_sasl_oauthbearer_client_id": None},
            "needs kafka_sasl_oauthbearer_client_id",
        ),
        (OAUTH | {URL: "http://id.example.com/token"}, f"{URL} must be https://"),
        (
            {"kafka_security_protocol": "SSL", "kafka_ssl_keyfile": "key.pem"},
            "kafka_ssl_keyfile needs kafka_ssl_certfile",
        ),
        ({"kafka": f"user:{SECRET}@broker:9092"}, "servers of Kafka are HOST:PORT"),
    ],
)
def test_contradictions_are_named(given: dict[str, Any], said: str) -> None:
    """A setting that nothing uses protects nothing: it is refused by name, as is one that lacks."""
    with pytest.raises(SettingsError, match=said) as caught:
        load_settings(**given)
    assert SECRET not in str(caught.value)


def test_servers_of_a_source_hold_no_password() -> None:
    """As in ``kafka://user:password@broker:9092``: it would be in every message about them."""
    with pytest.raises(SecurityError, match="servers of Kafka are HOST:PORT") as caught:
        load_settings().cluster(f"user:{SECRET}@broker:9092")
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({**SCRAM, "kafka_sasl_password_file": "gone"}, "kafka_sasl_password_file: gone: No such"),
        ({"kafka_security_protocol": "SSL", "kafka_ssl_cafile": "gone"}, "kafka_ssl_cafile: gone"),
        ({"kafka_security_protocol": "SSL", "kafka_ssl_certfile": "gone"}, "kafka_ssl_certfile"),
    ],
)
def test_a_file_that_cannot_be_used_is_named(given: dict[str, Any], said: str) -> None:
    """By the setting and the path; commands that speak to no Kafka do without it."""
    settings = load_settings(**given)
    with pytest.raises(SecurityError, match=said):
        settings.cluster()


def test_a_wrong_password_of_the_key_is_told(tmp_path: Path) -> None:
    """OpenSSL does not ask at the terminal, whether there is a password or not."""
    both = Authority(tmp_path).sign("tidemark", password=SECRET)
    for given in ({}, {"kafka_ssl_key_password": "another"}):
        settings = load_settings(
            kafka_security_protocol="SSL", kafka_ssl_certfile=str(both), **given
        )
        with pytest.raises(SecurityError, match="kafka_ssl_certfile or kafka_ssl_keyfile"):
            settings.cluster()


def test_no_secret_is_in_what_is_printed_of_settings() -> None:
    """Neither of settings nor of what clients are made from."""
    settings = load_settings(
        **SCRAM, kafka_sasl_password=SECRET, kafka_ssl_certfile="c", kafka_ssl_key_password=SECRET
    )
    oauth = load_settings(**OAUTH)
    shown = [settings, oauth, oauth.cluster(), oauth.cluster().options, settings.model_dump()]
    for each in shown:
        assert SECRET not in f"{each!r} {each}"
