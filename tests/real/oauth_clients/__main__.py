"""Stock OAuth clients, unmodified, sign in as a program and as a device: `python3 -m tests.real.oauth_clients`."""

import json
import os
import subprocess
import sys
from pathlib import Path

from .environment import NOT_HERE, NODE, enter, node_modules


def main() -> None:
    try:
        enter()
        node_modules()
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"the packages could not be installed: {error}", file=sys.stderr)
        sys.exit(NOT_HERE)

    from tests.blackbox.checks import Checks
    from tests.blackbox.locum_world import World

    checks = Checks()
    with World() as world:
        authlib(world, checks)
        openid_client(world, checks)
    checks.finish()


def me(world, token: str) -> dict:
    from tests.blackbox.locum_process import Person

    return Person(world.url, token).get("/api/v1/me").json()


def authlib(world, checks) -> None:
    from authlib.integrations.requests_client import OAuth2Session
    from authlib.oauth2.rfc7523 import PrivateKeyJWT
    from joserfc.jwk import OKPKey

    from tests.blackbox import harbour

    checks.chapter("authlib (Python) signs in as a program")
    endpoint = f"{world.url}/oauth2/token"
    key = OKPKey.import_key(_private_jwk(harbour))
    proof = PrivateKeyJWT(endpoint, alg="EdDSA")
    client = OAuth2Session("aida", key, token_endpoint_auth_method=proof)
    token = client.fetch_token(endpoint, grant_type="client_credentials")
    checks.that("it gets a bearer token", token.get("token_type") == "Bearer" and token.get("access_token"), token)
    seen = me(world, token.get("access_token", ""))
    checks.that("which is its own", seen.get("id") == "aida", seen)
    again = client.get(f"{world.url}/api/v1/me")
    checks.that("and its own session calls the API with it", again.status_code == 200, again.text)


def openid_client(world, checks) -> None:
    from tests.blackbox import harbour
    from tests.blackbox.signing_in import Browser

    checks.chapter("openid-client (Node) discovers, signs in as a program and as a device, and gives tokens back")
    script = Path(__file__).with_name("openid_client.mjs").read_text()
    (NODE / "openid_client.mjs").write_text(script)
    environment = {**os.environ, "ISSUER": world.url, "AGENT_JWK": json.dumps(_private_jwk(harbour))}
    command = ["node", "openid_client.mjs"]
    node = subprocess.Popen(command, cwd=NODE, env=environment, stdout=subprocess.PIPE, text=True)
    try:
        for line in node.stdout:
            said = json.loads(line)
            if "user_code" in said:
                allowed = Browser(world, "iris").post("/device/allow", user_code=said["user_code"])
                checks.that("a person enters its device's code", allowed.status == 200, allowed.text)
            else:
                checks.that(said["sentence"], said["holds"], said.get("seen", ""))
        node.wait(timeout=60)
    finally:
        node.kill()
    checks.that("it plays to its end", node.returncode == 0, node.returncode)


def _private_jwk(harbour) -> dict[str, str]:
    import base64

    seed = base64.urlsafe_b64encode(harbour.AGENT_SEED).rstrip(b"=").decode()
    return {**harbour.agent_jwk(), "d": seed}


if __name__ == "__main__":
    main()
