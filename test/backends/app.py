"""The API of `npm run backends` by WSGI and ASGI. Each execution is a line of COUNTS: the request's X-Id."""

import asyncio
import os
import socket
import time

COUNTS = os.environ["COUNTS"]
SLOW_SECONDS = 1.2


def note(request_id):
    with open(COUNTS, "a") as counts:
        counts.write(request_id + "\n")


def action_of(path):
    action = path.split("/")[1] if path.count("/") > 1 else path[1:]
    return action if action in ("read", "slow", "drop") else None


def wsgi(environ, start_response):
    action = action_of(environ["PATH_INFO"])
    if environ["REQUEST_METHOD"] == "GET" or action is None:
        status = "404 Not Found" if action is None else "200 OK"
        start_response(status, [("Content-Length", "0")])
        return [b""]
    if action == "read":
        environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    note(environ["HTTP_X_ID"])
    if action == "slow":
        time.sleep(SLOW_SECONDS)
    if action == "drop":
        if "gunicorn.socket" in environ:
            environ["gunicorn.socket"].shutdown(socket.SHUT_RDWR)
        else:
            import uwsgi

            uwsgi.disconnect()
    start_response("200 OK", [("Content-Length", "2")])
    return [b"ok"]


async def asgi(scope, receive, send):
    if scope["type"] == "lifespan":
        return
    action = action_of(scope["path"])
    status = 404 if action is None else 200
    if scope["method"] == "POST" and action is not None:
        more = action == "read"
        while more:
            more = (await receive()).get("more_body", False)
        note(dict(scope["headers"])[b"x-id"].decode())
        if action == "slow":
            await asyncio.sleep(SLOW_SECONDS)
        if action == "drop":
            send.__self__.transport.abort()
            return
    await send({"type": "http.response.start", "status": status, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"ok"})
