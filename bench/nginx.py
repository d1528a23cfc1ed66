"""Run nginx in front of a site, with the configuration files of deploy/."""

import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

DEPLOY = Path(__file__).parents[1] / "deploy"
TEMPORARY = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


def configuration(folder: Path, port: int, sites: list[int]) -> str:
    """Return a configuration with the upstream, cache and server of deploy/, on other ports and folders."""
    main = (DEPLOY / "nginx.conf").read_text()
    cache = re.search(r"proxy_cache_path .*?;", main)[0].replace(
        "/var/cache/nginx/commentsite", str(folder / "cache")
    )
    upstream = re.search(r"upstream .*?\n}", main, re.DOTALL)[0]
    [server] = re.findall(r"server 127\.0\.0\.1:8000[^;]*;.*", upstream)
    upstream = upstream.replace(server, "\n".join(server.replace("8000", str(n)) for n in sites))
    temporary = "".join(f"{kind}_temp_path {folder}/{kind};\n" for kind in TEMPORARY)
    return (
        f"daemon off; master_process off; pid {folder}/pid; error_log {folder}/error.log;\n"
        f"events {{ worker_connections 4096; }}\nhttp {{\naccess_log off;\n{temporary}{cache}\n"
        f"{upstream}\nserver {{ listen 127.0.0.1:{port}; include {DEPLOY}/nginx-site.conf; }}\n}}\n"
    )


@contextmanager
def nginx(folder: Path, port: int, sites: list[int]) -> Iterator[None]:
    """Run nginx on `port`. `sites` are the ports of the site's processes."""
    (folder / "nginx.conf").write_text(configuration(folder, port, sites))
    process = subprocess.Popen(["nginx", "-c", str(folder / "nginx.conf"), "-p", str(folder)])
    try:
        yield
    finally:
        process.terminate()
        process.wait()
