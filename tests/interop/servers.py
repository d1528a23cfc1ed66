"""Run WordPress and Isso in a throw-away folder, and end them."""

import http.cookiejar
import json
import os
import secrets
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode

from tests.support.servers import free_port, wait_until

PHP = Path(__file__).parent / "php"
PROGRAMS = {
    "php": ["php-cli", "php-mysql", "php-xml", "php-mbstring"],
    "mariadbd": ["mariadb-server-core", "mariadb-client-core"],
}
UNPACKED = ["wordpress", "php-getid3"]  # their Debian packages would install a web server
CONFIG = """<?php
define('DB_NAME', 'wordpress'); define('DB_USER', 'root'); define('DB_PASSWORD', '');
define('DB_HOST', 'localhost:{socket}'); define('DB_CHARSET', 'utf8mb4'); define('DB_COLLATE', '');
define('WP_HOME', '{url}'); define('WP_SITEURL', '{url}'); define('WP_HTTP_BLOCK_EXTERNAL', true);
define('DISABLE_WP_CRON', true); define('AUTOMATIC_UPDATER_DISABLED', true); define('AUTH_KEY', '{key}');
define('SECURE_AUTH_KEY', '{key}'); define('LOGGED_IN_KEY', '{key}'); define('NONCE_KEY', '{key}');
error_reporting(0); ini_set('display_errors', '0');
$table_prefix = 'wp_'; if (!defined('ABSPATH')) {{ define('ABSPATH', __DIR__ . '/'); }}
require_once ABSPATH . 'wp-settings.php';
"""


def run(*command: object, **options) -> subprocess.CompletedProcess:
    """Run a command, and print what it wrote if it fails."""
    done = subprocess.run(
        list(map(str, command)), capture_output=True, text=True, check=False, **options
    )
    if done.returncode:
        sys.exit(f"{command} ended with {done.returncode}:\n{done.stdout}\n{done.stderr}")
    return done


class WordPress:
    """WordPress with its files, and its scripts."""

    def __init__(self, root: Path, url: str, password: str, socket: Path) -> None:
        self.root, self.url, self.password, self.socket = root, url, password, socket

    def empty(self) -> None:
        """Delete all posts and comments."""
        tables = ("posts", "postmeta", "comments", "commentmeta")
        commands = "; ".join(f"TRUNCATE wordpress.wp_{name}" for name in tables)
        run("mariadb", f"--socket={self.socket}", "-uroot", "-e", commands)

    def call(self, script: str, **variables: str) -> str:
        """Run one of the scripts beside this module, and return what it prints."""
        environment = os.environ | variables
        environment |= {"WP_ROOT": str(self.root), "WP_PASSWORD": self.password}
        command = ["php", "-d", "memory_limit=1G", PHP / f"{script}.php"]
        return run(*command, env=environment).stdout

    def export(self) -> bytes:
        """Sign in and download “All content”, as a person does under Tools → Export."""
        cookies = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        browser = urllib.request.build_opener(cookies)
        fields = {"log": "admin", "pwd": self.password, "testcookie": "1"}
        browser.open(f"{self.url}/wp-login.php").read()
        browser.open(f"{self.url}/wp-login.php", urlencode(fields).encode()).read()
        with browser.open(f"{self.url}/wp-admin/export.php?download=true&content=all") as answer:
            return answer.read()

    @property
    def version(self) -> str:
        text = (self.root / "wp-includes" / "version.php").read_text()
        return text.partition("$wp_version = '")[2].partition("'")[0]


def install_programs() -> None:
    missing = [
        name for program, names in PROGRAMS.items() if not shutil.which(program) for name in names
    ]
    if missing:
        run("apt-get", "update")
        environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        run("apt-get", "install", "-y", "--no-install-recommends", *missing, env=environment)


def unpack_wordpress(folder: Path) -> Path:
    """Unpack Debian's WordPress into the folder, without installing it, and return its root."""
    run("apt-get", "download", *UNPACKED, cwd=folder)
    for package in folder.glob("*.deb"):
        run("dpkg", "-x", package, folder)
    root = folder / "usr" / "share" / "wordpress"
    (root / "wp-config.php").unlink()
    shutil.rmtree(root / "wp-content", ignore_errors=True)
    (root / "wp-content" / "themes").mkdir(parents=True)
    return root


@contextmanager
def run_wordpress(folder: Path) -> Iterator[WordPress]:
    """Run MariaDB and WordPress on the loopback interface."""
    install_programs()
    root = unpack_wordpress(folder)
    data, socket, port = folder / "mariadb", folder / "socket", free_port()
    user = ["--user=root"] if os.geteuid() == 0 else []
    run(
        "mariadb-install-db", "--auth-root-authentication-method=normal", f"--datadir={data}", *user
    )
    database = subprocess.Popen(
        ["mariadbd", f"--datadir={data}", f"--socket={socket}", "--skip-networking", *user],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_until(socket.exists, 60)
        run("mariadb", f"--socket={socket}", "-uroot", "-e", "CREATE DATABASE wordpress")
        url = f"http://127.0.0.1:{port}"
        key = secrets.token_hex(32)
        config = CONFIG.format(socket=socket, url=url, key=key)
        (root / "wp-config.php").write_text(config)
        site = WordPress(root, url, secrets.token_hex(8), socket)
        site.call("install")
        web = subprocess.Popen(
            ["php", "-S", f"127.0.0.1:{port}", "-t", root],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            time.sleep(1)
            yield site
        finally:
            web.terminate()
            web.wait()
    finally:
        database.terminate()
        database.wait()


def ask_json(method: str, url: str, fields: dict | None = None) -> dict:
    """Send JSON, and return the JSON of the answer."""
    data = json.dumps(fields).encode() if fields is not None else None
    headers = {"Content-Type": "application/json", "Origin": "http://letters.example"}
    request = urllib.request.Request(url, data, headers, method=method)
    with urllib.request.urlopen(request, timeout=15) as answer:
        return json.loads(answer.read() or b"{}")
