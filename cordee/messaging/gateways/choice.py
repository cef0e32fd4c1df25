"""Which carrier each channel uses here: settings decide, and a demonstration never reaches out."""

from config.environment import Environment
from cordee.messaging.gateways import Gateway, http, mail, smpp
from cordee.messaging.gateways.test_phone import TestPhone
from cordee.messaging.models import Channel


def gateway_for(channel: Channel, environment: Environment) -> Gateway:
    """Make the carrier of a channel from the environment."""
    if channel == Channel.EMAIL:
        if not environment.smtp_url:
            return TestPhone()
        return mail.MailGateway(mail.Account(environment.smtp_url, environment.mail_from))
    if environment.sms_gateway == "smpp":
        return smpp.SmppGateway(
            smpp.Account(
                environment.smpp_host,
                environment.smpp_port,
                environment.smpp_system_id,
                environment.smpp_password,
                environment.smpp_source,
                per_second=environment.sms_per_second,
                tls=smpp.tls_context(environment.smpp_ca) if environment.smpp_tls else None,
            )
        )
    if environment.sms_gateway == "http":
        return http.HttpGateway(http_account(environment))
    return TestPhone()


def http_account(environment: Environment) -> http.Account:
    """Describe the HTTP carrier; its own field names as « ours=theirs »."""
    pairs = (pair.partition("=") for pair in environment.sms_http_names)
    return http.Account(
        environment.sms_http_url,
        environment.sms_http_token,
        environment.smpp_source,
        names={ours.strip(): theirs.strip() for ours, _, theirs in pairs if theirs.strip()},
    )
