"""nginx as Ubuntu installs it: what it calls itself, and the page that it shows until somebody writes another."""

from __future__ import annotations

NAME = "nginx"
SERVER = "nginx/1.24.0 (Ubuntu)"
_WELCOME = b"""<!DOCTYPE html>
<html>
<head>
<title>Welcome to nginx!</title>
</head>
<body>
<h1>Welcome to nginx!</h1>
<p>The web server is installed and runs. Nobody has configured it yet.</p>
</body>
</html>
"""
_NOT_FOUND = f"""<html>
<head><title>404 Not Found</title></head>
<body>
<center><h1>404 Not Found</h1></center>
<hr><center>{SERVER}</center>
</body>
</html>
""".replace("\n", "\r\n").encode()
_PAGES = ("/", "/index.nginx-debian.html")


def page(path: str) -> tuple[int, str, bytes]:
    """Status, content type and body for what was asked for."""
    if path.partition("?")[0] in _PAGES:
        return 200, "text/html", _WELCOME
    return 404, "text/html", _NOT_FOUND
