"""The API of `npm run backends` by WSGI and ASGI. Each execution is a line of COUNTS: the request's X-Id."""

import asyncio
import os
import re
import socket
import time

COUNTS = os.environ["COUNTS"]
SLOW_SECONDS = int(os.environ["SLOW_MS"]) / 1000


def note(request_id):
    with open(COUNTS, "a") as counts:
        counts.write(request_id + "\n")


def action_of(path):
    """What its handler does."""
    known = {"/mixed": "read", "/mixed/refuse": "refuse", "/mixed/drop": "drop"}
    if path in known:
        return known[path]
    if path.startswith("/mixed-"):
        return "read all"
    found = re.match(r"/(read|slow|drop)(/|$)", path)
    return found[1] if found else None


STATUS = {None: 404, "read all": 404, "refuse": 403}
REASONS = {200: "200 OK", 403: "403 Forbidden", 404: "404 Not Found"}


def connection_of(environ):
    if "gunicorn.socket" in environ:
        return environ["gunicorn.socket"]
    import uwsgi

    return socket.socket(fileno=os.dup(uwsgi.connection_fd()))


def wsgi(environ, start_response):
    action = action_of(environ["PATH_INFO"])
    if action in ("read", "read all"):
        length = int(environ.get("CONTENT_LENGTH") or 0)
        # half a body is no login: its sender has given up
        if len(environ["wsgi.input"].read(length)) < length:
            action = None
    if environ["REQUEST_METHOD"] == "POST" and action not in (None, "read all"):
        note(environ["HTTP_X_ID"])
        if action == "slow":
            time.sleep(SLOW_SECONDS)
        if action == "drop":
            connection_of(environ).shutdown(socket.SHUT_RDWR)
    start_response(REASONS[STATUS.get(action, 200)], [("Content-Length", "2")])
    return [b"ok"]


async def asgi(scope, receive, send):
    if scope["type"] == "lifespan":
        return
    action = action_of(scope["path"])
    more = action in ("read", "read all")
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        more = message.get("more_body", False)
    if scope["method"] == "POST" and action not in (None, "read all"):
        note(dict(scope["headers"])[b"x-id"].decode())
        if action == "slow":
            await asyncio.sleep(SLOW_SECONDS)
        if action == "drop":
            send.__self__.transport.abort()
            return
    status = STATUS.get(action, 200)
    await send({"type": "http.response.start", "status": status, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"ok"})
