"""The document by which an application finds the door (SMART App Launch 2.2.0, « Conformance »)."""

from typing import Any

from cordee.partners.oauth.server import METHODS, addresses
from cordee.partners.rules.keys import ALGORITHMS
from cordee.partners.rules.scopes import OTHERS
from cordee.partners.services.keys import ALGORITHM

CAPABILITIES = (
    *("launch-ehr", "context-ehr-patient", "context-banner"),
    *("launch-standalone", "client-public", "client-confidential-asymmetric"),
    *("sso-openid-connect", "context-standalone-patient", "permission-offline"),
    *(
        "permission-online",
        "permission-patient",
        "permission-user",
        "permission-v1",
        "permission-v2",
    ),
)


def described() -> dict[str, Any]:
    """Say what is offered, and nothing that is not."""
    at = addresses()
    return {
        "issuer": at["issuer"],
        "jwks_uri": at["jwks"],
        "authorization_endpoint": at["authorize"],
        "token_endpoint": at["token"],
        "revocation_endpoint": at["revoke"],
        "introspection_endpoint": at["introspect"],
        "token_endpoint_auth_methods_supported": METHODS,
        "token_endpoint_auth_signing_alg_values_supported": list(ALGORITHMS),
        "grant_types_supported": ["authorization_code", "refresh_token", "client_credentials"],
        "response_types_supported": ["code"],
        "code_challenge_methods_supported": ["S256"],
        "scopes_supported": [*sorted(OTHERS), "patient/*.cruds", "user/*.cruds", "system/*.cruds"],
        "capabilities": list(CAPABILITIES),
    }


def described_to_openid() -> dict[str, Any]:
    """The same, with what OpenID Connect asks for besides (Discovery 1.0, section 3)."""
    return described() | {
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": [ALGORITHM],
    }
