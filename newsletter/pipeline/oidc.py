"""Another service vouches for an editor (OpenID Connect Core 1.0): authorization code, PKCE, state and nonce."""

import ipaddress
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from newsletter.errors import NotAllowed, UsageError
from newsletter.model.editor import Editor
from newsletter.pipeline.app import Newsletter
from newsletter.store import editors

ISSUER, CLIENT_ID, CLIENT_SECRET = (f"NEWSLETTER_OIDC_{name}" for name in ("ISSUER", "CLIENT_ID", "CLIENT_SECRET"))
_ALGORITHMS = ["RS256", "ES256", "PS256", "EdDSA", "RS384", "RS512", "ES384", "ES512", "PS384", "PS512"]
_PATIENCE_SECONDS = 10
_LARGEST = 1_000_000
_LEEWAY_SECONDS = 60
_SILENT = "The sign-in service does not answer as it should"


@dataclass(frozen=True, slots=True)
class Provider:
    """The service, as the environment names it."""

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)

    @property
    def host(self) -> str:
        """Its name for people."""
        return urlsplit(self.issuer).netloc


@dataclass(frozen=True, slots=True)
class Question:
    """Where to send the browser, and what to remember until it comes back."""

    url: str
    state: str
    nonce: str
    verifier: str


def provider(environ: Mapping[str, str]) -> Provider | None:
    """The service that may vouch, None when none is named. Raises UsageError when it is named in part."""
    found = [environ.get(name, "") for name in (ISSUER, CLIENT_ID, CLIENT_SECRET)]
    if not any(found):
        return None
    missing = [name for name, value in zip((ISSUER, CLIENT_ID, CLIENT_SECRET), found, strict=True) if not value]
    if missing:
        raise UsageError(f"{' and '.join(missing)} must be set as well, or none of the three.")
    if not _may_ask(found[0], found[0]):
        raise UsageError(f"{ISSUER} must begin with https://.")
    return Provider(*found)


def provider_of(environ: Mapping[str, str]) -> str | None:
    """The name of the service for the sign-in page, None when there is none in working order."""
    try:
        found = provider(environ)
    except UsageError:
        return None
    return found.host if found else None


def ask(service: Provider, *, back: str) -> Question:
    """The question "who is this?"; the answer comes to the address ``back``. Raises UsageError."""
    from authlib.oauth2.client import OAuth2Client

    found = _discovered(service)
    state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
    client = OAuth2Client(
        None, client_id=service.client_id, redirect_uri=back, scope="openid email", code_challenge_method="S256"
    )
    where = _address(found, "authorization_endpoint", service)
    url, _ = client.create_authorization_url(where, state=state, code_verifier=verifier, nonce=nonce)
    return Question(url, state, nonce, verifier)


def editor_vouched_for(app: Newsletter, service: Provider, question: Question, *, code: str, back: str) -> Editor:
    """The editor whose mail address the service vouches for. Raises UsageError, NotAllowed."""
    found = _discovered(service)
    tokens = _exchanged(service, found, question, code=code, back=back)
    claims = _checked_claims(app, service, found, tokens, nonce=question.nonce)
    address = _verified_address(claims) or _verified_address(_user_info(service, found, tokens, claims))
    if not address:
        raise NotAllowed(f"{service.host} does not say which mail address is yours and verified.")
    with app.database.reading() as db:
        matching = editors.editors_at(db, address)
    if len(matching) != 1:
        raise NotAllowed(f"No editor has the address {address}. A manager adds it: newsletter editors add --mail.")
    return matching[0]


def _exchanged(
    service: Provider, found: Mapping[str, Any], question: Question, *, code: str, back: str
) -> Mapping[str, Any]:
    """The tokens for a code (RFC 6749, 4.1.3; RFC 7636, 4.5)."""
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": back,
        "client_id": service.client_id,
        "code_verifier": question.verifier,
    }
    ways = found.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
    by_form = "client_secret_basic" not in ways and "client_secret_post" in ways
    auth = None if by_form else (service.client_id, service.client_secret)
    if by_form:
        form["client_secret"] = service.client_secret
    return _asked(_address(found, "token_endpoint", service), form=form, auth=auth)


def _checked_claims(
    app: Newsletter, service: Provider, found: Mapping[str, Any], tokens: Mapping[str, Any], *, nonce: str
) -> Mapping[str, Any]:
    """What the ID token says, after its signature and all that Core 1.0, 3.1.3.7 asks for are checked (NotAllowed)."""
    from authlib.oidc.core import CodeIDToken
    from joserfc import jwt
    from joserfc.errors import JoseError
    from joserfc.jwk import KeySet

    keys = _asked(_address(found, "jwks_uri", service))
    try:
        token = jwt.decode(str(tokens.get("id_token")), KeySet.import_key_set(keys), algorithms=_ALGORITHMS)  # type: ignore[arg-type]
        options = {
            "iss": {"essential": True, "value": service.issuer},
            "aud": {"essential": True, "value": service.client_id},
            "nonce": {"essential": True, "value": nonce},
        }
        params = {"nonce": nonce, "client_id": service.client_id}
        claims = CodeIDToken(token.claims, token.header, options, params)
        claims.validate(now=int(app.now().timestamp()), leeway=_LEEWAY_SECONDS)
    except (JoseError, ValueError, KeyError, TypeError, AttributeError) as fault:
        raise NotAllowed(f"What {service.host} vouches for does not hold: {fault}. Begin again.") from fault
    return dict(claims)


def _user_info(
    service: Provider, found: Mapping[str, Any], tokens: Mapping[str, Any], claims: Mapping[str, Any]
) -> Mapping[str, Any]:
    """What the service says of the person when asked apart: not all put the address into the token."""
    if "userinfo_endpoint" not in found or "email" in claims:
        return {}
    told = _asked(_address(found, "userinfo_endpoint", service), bearer=str(tokens.get("access_token")))
    return told if told.get("sub") == claims.get("sub") else {}


def _verified_address(claims: Mapping[str, Any]) -> str | None:
    address = claims.get("email")
    return address if isinstance(address, str) and claims.get("email_verified") in (True, "true") else None


def _discovered(service: Provider) -> Mapping[str, Any]:
    """What the service says of itself (OpenID Connect Discovery 1.0, 4)."""
    found = _asked(f"{service.issuer.rstrip('/')}/.well-known/openid-configuration")
    if found.get("issuer") != service.issuer:
        raise UsageError(f"{_SILENT}: it calls itself “{found.get('issuer')}”, {ISSUER} is “{service.issuer}”.")
    return found


def _address(found: Mapping[str, Any], name: str, service: Provider) -> str:
    url = found.get(name)
    if not isinstance(url, str) or not _may_ask(url, service.issuer):
        raise UsageError(f"{_SILENT}: it names no usable {name}.")
    return url


def _may_ask(url: str, issuer: str) -> bool:
    """Only over TLS; a service on this very machine may do without, for trying things out."""
    try:
        parts, own = urlsplit(url), urlsplit(issuer)
        if parts.scheme == "https":
            return bool(parts.hostname)
        return (
            parts.scheme == "http"
            and parts.netloc == own.netloc
            and ipaddress.ip_address(own.hostname or "").is_loopback
        )
    except ValueError:
        return False


def _asked(
    url: str, *, form: Mapping[str, str] | None = None, auth: tuple[str, str] | None = None, bearer: str | None = None
) -> Mapping[str, Any]:
    """The JSON object at ``url``; no redirect is followed, and no more is read than such an answer can have."""
    try:
        import httpx2
    except ModuleNotFoundError as fault:
        text = "Sign-in by another service needs more packages. Run: pip install 'newsletter[oidc]'"
        raise UsageError(text) from fault
    headers = {"accept": "application/json"} | ({"authorization": f"Bearer {bearer}"} if bearer else {})
    method = "GET" if form is None else "POST"
    body = bytearray()
    try:
        with (
            httpx2.Client(timeout=_PATIENCE_SECONDS, follow_redirects=False, trust_env=False) as client,
            client.stream(method, url, data=form, auth=auth, headers=headers) as answer,
        ):
            for part in answer.iter_bytes():
                body += part
                if len(body) > _LARGEST:
                    raise UsageError(f"{_SILENT}: its answer has more than {_LARGEST:,} bytes.")
        value = json.loads(bytes(body))
    except (httpx2.HTTPError, ValueError) as fault:
        raise UsageError(f"{_SILENT} ({urlsplit(url).netloc}): {fault or type(fault).__name__}.") from fault
    if answer.status_code != 200 or not isinstance(value, dict):
        said = value.get("error_description") or value.get("error") if isinstance(value, dict) else None
        raise UsageError(f"{_SILENT}: {said or f'status {answer.status_code}'}. Begin again.")
    return value
