"""The carrier's link encrypted: the certificate is checked, or nothing is said."""

import asyncio
import ipaddress
import ssl
from contextlib import asynccontextmanager, suppress
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.utils import timezone

from config.environment import parse
from cordee.messaging.gateways import Receipt, TextReceived, UnreachableError
from cordee.messaging.gateways.choice import gateway_for
from cordee.messaging.gateways.smpp import tls_context
from cordee.messaging.models import Channel
from tests.messaging.centre import free_port
from tests.messaging.test_smpp import bound, centre, heard, message, until  # noqa: F401


def certificate(folder, name, address="127.0.0.1", days=30):
    """A self-signed certificate in a file, with its key beside it."""
    key = ec.generate_private_key(ec.SECP256R1())
    named = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    until_ = timezone.now() + timedelta(days=days)
    made = (
        x509.CertificateBuilder()
        .subject_name(named)
        .issuer_name(named)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(until_ - timedelta(days=60))
        .not_valid_after(until_)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(address))]), False
        )
        .sign(key, hashes.SHA256())
    )
    path = folder / f"{name}.pem"
    path.write_bytes(
        made.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return path


class Front:
    """What ends TLS before the centre, as carriers have it; counts what reached it in words."""

    def __init__(self, to, chain):
        self.to, self.port, self.taken, self.said = to, free_port(), 0, 0
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(chain)

    async def __aenter__(self):
        self.server = await asyncio.start_server(
            self._take, "127.0.0.1", self.port, ssl=self.context
        )
        return self

    async def __aexit__(self, *_):
        self.server.close()

    async def _take(self, reader, writer):
        self.taken += 1
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self.to)
        ways = [
            asyncio.create_task(self._pump(reader, far_writer)),
            asyncio.create_task(self._pump(far_reader, writer)),
        ]
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        for end in (writer, far_writer):
            end.transport.abort()

    async def _pump(self, source, target):
        with suppress(OSError):
            while data := await source.read(65536):
                self.said += len(data)
                target.write(data)
                await target.drain()


@asynccontextmanager
async def encrypted(centre, tmp_path, trusted, *, wait=True, **made):
    async with Front(centre.port, certificate(tmp_path, "carrier", **made)) as front:
        tls = tls_context(str(trusted or tmp_path / "carrier.pem"))
        async with bound(front.port, wait=wait, tls=tls) as gateway:
            yield front, gateway


async def test_texts_replies_and_receipts_travel_through_tls(centre, tmp_path):
    async with encrypted(centre, tmp_path, None) as (front, gateway):
        await gateway.send(message("déjà là : OUI 4821"))
        await asyncio.to_thread(centre.text, "33612345678", "oui 4821")
        await asyncio.to_thread(centre.receipt, centre.submitted[0])
        await until(lambda: heard(gateway, TextReceived) and heard(gateway, Receipt))
        assert front.taken == 1
    assert centre.submitted[0].text == "déjà là : OUI 4821"


@pytest.mark.parametrize(
    ("trusts_another", "made"),
    [(True, {}), (False, {"address": "192.0.2.9"}), (False, {"days": -1})],
    ids=["unknown authority", "another name", "out of date"],
)
async def test_a_certificate_that_does_not_hold_is_refused_and_nothing_is_said(
    centre, tmp_path, trusts_another, made
):
    other = certificate(tmp_path, "other") if trusts_another else None
    async with encrypted(centre, tmp_path, other, wait=False, **made) as (front, gateway):
        await asyncio.sleep(1)
        assert not gateway.is_up
        assert front.said == 0
        with pytest.raises(UnreachableError):
            await gateway.send(message())
    assert centre.submitted == []
    assert centre.esmes == []


async def test_a_link_in_clear_does_not_bind_to_a_carrier_that_encrypts(centre, tmp_path):
    async with (
        Front(centre.port, certificate(tmp_path, "carrier")) as front,
        bound(front.port, wait=False, response=1.0) as gateway,
    ):
        await asyncio.sleep(1)
        assert not gateway.is_up
        assert front.said == 0


async def test_an_encrypted_link_that_breaks_is_bound_again(centre, tmp_path):
    async with encrypted(centre, tmp_path, None) as (front, gateway):
        gateway._esme.opened.transport.abort()
        await until(lambda: front.taken == 2 and gateway.is_up)
        assert (await gateway.send(message())).carrier_ids


def test_the_setting_asks_for_it_and_checks_the_name(tmp_path):
    house = {"CORDEE_SMS_GATEWAY": "smpp", "CORDEE_SMPP_HOST": "127.0.0.1"}
    clear = gateway_for(Channel.SMS, parse(house))
    tls = gateway_for(Channel.SMS, parse(house | {"CORDEE_SMPP_TLS": "oui"})).account.tls
    assert clear.account.tls is None
    assert tls.check_hostname
    assert tls.verify_mode is ssl.CERT_REQUIRED
