import os

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from portal.greetings import greeting


async def health(_: Request) -> JSONResponse:
    return JSONResponse({"status": "ok", "commit": os.environ.get("COMMIT", "")})


async def welcome(request: Request) -> JSONResponse:
    return JSONResponse({"greeting": greeting(request.path_params["language"])})


app = Starlette(routes=[Route("/health", health), Route("/welcome/{language}", welcome)])
