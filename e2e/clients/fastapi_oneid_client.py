"""What an integration does with fastapi-oneid: the address to send the browser to, then code -> person -> logout."""

import asyncio
import json
import sys

from fastapi_oneid.client import OneIDClient

REDIRECT = "https://eski-tizim.example/callback"


async def main() -> None:
    client = OneIDClient()
    try:
        if sys.argv[1] == "address":
            print(json.dumps({"url": client.get_authorization_url(REDIRECT, "state-of-the-test")}))
            return
        payload = await client.resolve_auth_payload(code=sys.argv[2], redirect_uri=REDIRECT)
        logout = await client.logout(payload.token.access_token)
        print(json.dumps({"user": payload.user.model_dump(), "logout": logout.model_dump()}))
    finally:
        await client.aclose()


asyncio.run(main())
