"""A small application of another origin, wholly in its page: it is opened, comes in, and reads."""

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.support import serve

PAGE = """<!doctype html><html lang="fr"><meta charset="utf-8"><title>Carnet de poche</title>
<p id="lu"></p>
<script type="module">
const asked = new URLSearchParams(location.search), back = location.origin + "/retour";
const said = { client_id: "CLIENT", redirect_uri: back };
const written = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes)))
    .replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

if (asked.has("launch")) {
    const iss = asked.get("iss"), scope = "SCOPES", launch = asked.get("launch");
    const house = await (await fetch(`${iss}/.well-known/smart-configuration`)).json();
    const verifier = written(crypto.getRandomValues(new Uint8Array(32)));
    const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier));
    Object.assign(sessionStorage, { iss, verifier, door: house.token_endpoint });
    const proof = { code_challenge: written(digest), code_challenge_method: "S256" };
    const wish = { response_type: "code", state: "s", aud: iss, scope, launch, ...said, ...proof };
    location.href = `${house.authorization_endpoint}?${new URLSearchParams(wish)}`;
}
if (asked.has("code")) {
    const { iss, verifier, door } = sessionStorage;
    const code = { grant_type: "authorization_code", code: asked.get("code") };
    const body = new URLSearchParams({ ...code, ...said, code_verifier: verifier });
    const given = await (await fetch(door, { method: "POST", body })).json();
    sessionStorage.token = given.access_token;
    const headers = { Authorization: `Bearer ${given.access_token}` };
    const read = await fetch(`${iss}/Patient/${given.patient}`, { headers });
    document.getElementById("lu").textContent = (await read.json()).name[0].family;
}
</script></html>"""


class Elsewhere(ThreadingHTTPServer):
    """Its pages; it is told who it is once it is registered."""

    daemon_threads = True
    client_id = ""

    def __init__(self, scopes: str) -> None:
        super().__init__(("127.0.0.1", 0), Shows)
        self.scopes = scopes
        self.origin = f"http://127.0.0.1:{self.server_port}"
        self.unlisted = f"http://localhost:{self.server_port}"

    def __enter__(self) -> "Elsewhere":
        serve(self)
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()


class Shows(BaseHTTPRequestHandler):
    """The same page at each address."""

    server: Elsewhere

    def log_message(self, *words) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        """Show the page, as it was registered."""
        page = PAGE.replace("CLIENT", self.server.client_id).replace("SCOPES", self.server.scopes)
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(page.encode())
