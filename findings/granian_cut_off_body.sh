#!/bin/sh
# granian 2.8.7 (WSGI), a request body that ends before its Content-Length
#
# Input: a POST with Content-Length 10 whose client sends 3 bytes and closes the connection.
# Expected: an error when the application reads the body, or no call of the application: RFC 9112 section 8 calls such
# a message incomplete, so a form that was cut off on its way is not taken for a whole one.
# Seen: nothing is raised, and wsgi.input_terminated is true. `read(10)` returns the 3 bytes, and `read()` returns
# nothing at all, as if the body were empty. An application that trusts the end of the stream sees a form without its
# last fields, or an empty one, unless it compares the length itself.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install -q --disable-pip-version-check granian==2.8.7
cd "$folder"
cat > try.py <<'PYTHON'
import socket
import subprocess
import sys
import time
from pathlib import Path

Path("application.py").write_text('''
def application(environ, start_response):
    arguments = [10] if environ["PATH_INFO"] == "/size" else []
    try:
        seen = environ["wsgi.input"].read(*arguments)
    except Exception as error:
        seen = type(error).__name__
    with open("log.txt", "a") as file:
        file.write(f"read({', '.join(map(str, arguments))}) {seen} {environ['wsgi.input_terminated']}\\n")
    start_response("200 OK", [("content-type", "text/plain")])
    return [b"ok"]
''')
log = Path("log.txt")
log.touch()
with socket.socket() as free:
    free.bind(("127.0.0.1", 0))
    port = free.getsockname()[1]
command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--port", str(port), "application:application"]
server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def wait(ready):
    for _ in range(100):
        try:
            if result := ready():
                return result
        except ConnectionRefusedError:
            pass
        time.sleep(0.1)
    raise SystemExit("waited in vain")


try:
    for body in (b"0123456789", b"012"):
        for path in ("/size", "/all"):
            before = log.read_text()
            client = wait(lambda: socket.create_connection(("127.0.0.1", port), timeout=10))
            head = f"POST {path} HTTP/1.1\r\nHost: a.example\r\nContent-Length: 10\r\nConnection: close\r\n\r\n"
            client.sendall(head.encode() + body)
            if len(body) == 10:
                client.recv(65536)
            client.close()
            wait(lambda: log.read_text().count("\n") > before.count("\n"))
            print(len(body), "of 10 bytes:", log.read_text().removeprefix(before).strip())
finally:
    server.terminate()
    server.wait()
PYTHON
cat > expected.txt <<'TEXT'
10 of 10 bytes: read(10) b'0123456789' True
10 of 10 bytes: read() b'0123456789' True
3 of 10 bytes: read(10) b'012' True
3 of 10 bytes: read() b'' True
TEXT
venv/bin/python try.py | tee seen.txt
diff expected.txt seen.txt && echo "Seen as described."
