"""The variables: what is unknown or malformed stops the start, by its name."""

import dataclasses
import stat
from concurrent.futures import ThreadPoolExecutor

import pytest

from config.environment import (
    VARIABLES,
    Malformed,
    Variable,
    parse,
    problems_in_production,
    read,
)
from host.secrets import Secrets

READY = {
    "CORDEE_MODE": "production",
    "CORDEE_SECRET_KEY": "s" * 64,
    "CORDEE_SEAL_KEY": "ab" * 32,
    "CORDEE_BACKUP_KEY": "cd" * 32,
    "CORDEE_PUBLIC_URL": "https://cordee.example.fr",
    "CORDEE_BEHIND_TLS": "oui",
    "CORDEE_CONTROLLER": "CPTS du Bassin",
    "CORDEE_DPO_CONTACT": "dpo@example.fr",
    "CORDEE_HOSTING": "Hébergeur certifié HDS",
    "CORDEE_SMS_GATEWAY": "smpp",
    "CORDEE_SMPP_HOST": "smpp.example.fr",
    "CORDEE_SMPP_SYSTEM_ID": "cordee",
    "CORDEE_SMPP_PASSWORD": "secret",
    "CORDEE_SMTP_URL": "smtps://mail.example.fr",
    "CORDEE_MAIL_FROM": "cordee@example.fr",
}


def test_without_any_variable_it_is_a_demonstration_on_this_machine(tmp_path):
    environment = read({"CORDEE_DATA": str(tmp_path)})
    assert environment.mode == "demonstration"
    assert (environment.host, environment.port) == ("127.0.0.1", 8000)
    assert environment.public_url == "http://127.0.0.1:8000"
    assert "localhost" in environment.allowed_hosts


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CORDEE_PROT", "8000"),
        ("CORDEE_PORT", "80O0"),
        ("CORDEE_PORT", "70000"),
        ("CORDEE_PORT", "-1"),
        ("CORDEE_MODE", "prod"),
        ("CORDEE_BEHIND_TLS", "true"),
        ("CORDEE_SECRET_KEY", "court"),
        ("CORDEE_SEAL_KEY", "zz" * 32),
        ("CORDEE_SEAL_KEY", "ab"),
        ("CORDEE_BACKUP_KEY", "ab"),
        ("CORDEE_PUBLIC_URL", "cordee.example.fr"),
        ("CORDEE_PUBLIC_URL", "https://example.fr:port"),
        ("CORDEE_PUBLIC_URL", "https://example.fr/cordee"),
        ("CORDEE_PUBLIC_URL", "https://example.fr?a=b"),
        ("CORDEE_PUBLIC_URL", "https://moi:secret@example.fr"),
        ("CORDEE_MAIL_FROM", "pas une adresse"),
        ("CORDEE_MAIL_FROM", "a@example.fr\nBcc: b@example.fr"),
        ("CORDEE_MAIL_FROM", "Service <a@example.fr"),
        ("CORDEE_SMPP_SOURCE", "Un nom d’expéditeur"),
        ("CORDEE_SMPP_SOURCE", "Cordée"),
        ("CORDEE_SMPP_SOURCE", "386001234567890123456"),
        ("CORDEE_SMPP_CA", "/nulle/part.pem"),
        ("CORDEE_SMS_HTTP_NAMES", "tto=numero"),
        ("CORDEE_SMS_HTTP_NAMES", "to=numero,text"),
        ("DATABASE_URL", "mysql://localhost/cordee"),
        ("CORDEE_MIN_AREA_RESIDENTS", "beaucoup"),
    ],
)
def test_an_unknown_or_malformed_variable_is_named(name, value):
    with pytest.raises(Malformed, match=name):
        parse({name: value})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CORDEE_PUBLIC_URL", "https://cordee.example.fr:8443/"),
        ("CORDEE_MAIL_FROM", "SIO du Champsaur <sio@example.fr>"),
        ("CORDEE_SMPP_SOURCE", "38600"),
        ("CORDEE_SMPP_SOURCE", "+33612345678"),
        ("CORDEE_SMPP_SOURCE", "SIO Gap"),
        ("CORDEE_SMPP_CA", __file__),
        ("CORDEE_SMS_HTTP_NAMES", "to=numero, text=message"),
    ],
)
def test_what_is_well_written_is_taken(name, value):
    parse({name: value})


def test_a_malformed_secret_is_not_repeated_in_the_message():
    with pytest.raises(Malformed) as refused:
        parse({"CORDEE_SECRET_KEY": "petit-secret"})
    assert "petit-secret" not in str(refused.value)


def test_an_empty_variable_means_its_default():
    assert parse({"CORDEE_PORT": ""}).port == 8000


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CORDEE_HOST", "0.0.0.0"),  # noqa: S104
        ("CORDEE_HOST", "192.168.1.10"),
        ("CORDEE_SMPP_HOST", "smpp.example.fr"),
        ("CORDEE_SMS_HTTP_URL", "https://sms.example.fr"),
        ("CORDEE_SMTP_URL", "smtp://mail.example.fr"),
    ],
)
def test_a_demonstration_never_leaves_this_machine(tmp_path, name, value):
    with pytest.raises(Malformed, match=name):
        read({"CORDEE_DATA": str(tmp_path), name: value})


def test_a_demonstration_does_not_start_towards_a_carrier_nobody_named(tmp_path):
    with pytest.raises(Malformed, match="CORDEE_SMPP_HOST"):
        read({"CORDEE_DATA": str(tmp_path), "CORDEE_SMS_GATEWAY": "smpp"})


def test_a_folder_that_takes_no_file_is_named(tmp_path):
    (taken := tmp_path / "a file").write_text("")
    for folder in (str(taken), "/proc/cordee"):
        with pytest.raises(Malformed, match="CORDEE_DATA") as refused:
            read({"CORDEE_DATA": folder})
        assert folder in str(refused.value)


@pytest.mark.parametrize("spoilt", ["{", "[]", "\xff"])
def test_a_spoilt_file_of_secrets_is_named_and_kept(tmp_path, spoilt):
    (kept := tmp_path / "secrets.json").write_text(spoilt, encoding="latin-1")
    with pytest.raises(Malformed, match="secrets.json est abîmé"):
        read({"CORDEE_DATA": str(tmp_path)})
    assert kept.read_text(encoding="latin-1") == spoilt


def test_a_key_that_is_no_number_is_said_in_french():
    with pytest.raises(Malformed, match="64 chiffres hexadécimaux"):
        parse({"CORDEE_SEAL_KEY": "zz"})


def test_a_demonstration_makes_its_secrets_once(tmp_path):
    first, second = (read({"CORDEE_DATA": str(tmp_path)}) for _ in range(2))
    assert first.secret_key == second.secret_key
    assert first.secret_key != first.seal_key
    assert len(bytes.fromhex(first.seal_key)) == 32
    assert stat.S_IMODE((tmp_path / "secrets.json").stat().st_mode) == 0o600


def test_processes_that_start_together_agree_on_the_secret(tmp_path):
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(lambda _: Secrets(tmp_path).get("secret_key"), range(32)))
    assert len(keys) == 1


def test_secrets_do_not_show_when_the_environment_is_printed(tmp_path):
    environment = parse(READY | {"DATABASE_URL": "postgresql://u:motdepasse@db/cordee"})
    assert "motdepasse" not in repr(environment)
    assert READY["CORDEE_SEAL_KEY"] not in repr(environment)


def test_a_complete_production_has_no_problem():
    assert problems_in_production(parse(READY)) == []


@pytest.mark.parametrize(
    "name",
    [name for name in READY if name not in ("CORDEE_MODE", "CORDEE_SMPP_SYSTEM_ID")],
)
def test_production_names_each_missing_condition(name):
    missing = {key: value for key, value in READY.items() if key != name}
    assert any(name in problem for problem in problems_in_production(parse(missing)))


@pytest.mark.parametrize("name", ["CORDEE_SMS_HTTP_URL", "CORDEE_SMS_HTTP_TOKEN"])
def test_production_by_the_http_gateway_names_what_it_misses(name):
    given = READY | {
        "CORDEE_SMS_GATEWAY": "http",
        "CORDEE_SMS_HTTP_URL": "https://sms.example.fr",
        "CORDEE_SMS_HTTP_TOKEN": "jeton",
    }
    assert problems_in_production(parse(given)) == []
    missing = {key: value for key, value in given.items() if key != name}
    assert [name in problem for problem in problems_in_production(parse(missing))] == [True]


@pytest.mark.parametrize("name", ["CORDEE_OIDC_CLIENT_ID", "CORDEE_OIDC_CLIENT_SECRET"])
def test_production_with_a_sign_on_names_what_it_misses(name):
    given = READY | {
        "CORDEE_OIDC_ISSUER": "https://sign-on.example.fr",
        "CORDEE_OIDC_CLIENT_ID": "cordee",
        "CORDEE_OIDC_CLIENT_SECRET": "secret",
    }
    assert problems_in_production(parse(given)) == []
    missing = {key: value for key, value in given.items() if key != name}
    assert [name in problem for problem in problems_in_production(parse(missing))] == [True]


def test_production_makes_no_secret_by_itself(tmp_path):
    bare = {"CORDEE_MODE": "production", "CORDEE_DATA": str(tmp_path)}
    assert read(bare).secret_key == ""
    assert list(tmp_path.iterdir()) == []


def test_every_variable_says_what_it_means():
    assert len({one.name for one in VARIABLES}) == len(VARIABLES)
    for one in VARIABLES:
        assert all(getattr(one, part.name) != "" or part.name == "default"
                   for part in dataclasses.fields(Variable)), one.name  # fmt: skip
        assert one.meaning.endswith("."), one.name
