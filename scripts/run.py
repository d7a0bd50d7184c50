"""Starts web, worker and beat together; first brings the database up to date, and fills it when it is empty.

Ctrl-C stops all three. What was entered stays, in var/ or where DATABASE_URL says.
"""

import fcntl
import os
import signal
import socket
import sys
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import IO

import django
from honcho.environ import parse_procfile
from honcho.manager import Manager

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
FIRST_PORT = int(os.environ.get("PORT") or 8000)


def main() -> int:
    port = free_port(FIRST_PORT)
    address = f"http://127.0.0.1:{port}"
    os.environ.setdefault("BASE_URL", address)
    os.environ["PORT"] = str(port)
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    # Root in a container of one's own is no reason for a page of text at each start.
    os.environ.setdefault("PYTHONWARNINGS", "ignore:You're running the worker with superuser privileges")
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    django.setup()

    from django.conf import settings
    from django.core.management import call_command

    with (settings.VAR_DIR / "run.lock").open("a+") as lock:
        claim(lock, address)
        call_command("migrate", interactive=False, verbosity=0)
        if settings.DEMO:
            load_demo_if_empty(settings.VAR_DIR)
        return run_all(address, demo=settings.DEMO)


def free_port(first: int) -> int:
    for port in range(first, first + 100):
        with socket.socket() as candidate:
            candidate.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                candidate.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    sys.exit(f"No free port from {first} to {first + 99}.")


def claim(lock: IO[str], address: str) -> None:
    """Two workers and two beats on one queue of files would take each other's work."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.seek(0)
        sys.exit(f"It is already running from this folder: {lock.read().strip()}")
    lock.truncate(0)
    lock.write(address)
    lock.flush()


def load_demo_if_empty(var: Path) -> None:
    """Through the commands that every installation uses. Broken off halfway, it is done again."""
    from django.contrib.auth import get_user_model
    from django.core.management import call_command

    from schools.models import Organisation

    started = var / "demo-is-loading"
    empty = not Organisation.objects.exists() and not get_user_model().objects.exists()
    if not empty and not started.exists():
        return
    print("==> Loading the demo data", flush=True)
    started.touch()
    call_command("import_organisations", str(ROOT / "demo" / "organisations.csv"), verbosity=0)
    call_command("import_register", str(ROOT / "demo" / "register.csv"), verbosity=0)
    call_command("import_population", str(ROOT / "demo" / "population.csv"), verbosity=0)
    call_command("load_demo", verbosity=0)
    started.unlink()


def run_all(address: str, *, demo: bool) -> int:
    manager = Manager()
    for name, command in parse_procfile((ROOT / "Procfile").read_text()).processes.items():
        manager.add_process(name, command, env=dict(os.environ), cwd=str(ROOT))
    # A closed terminal stops them too: each process has a session of its own and would not hear of it.
    signal.signal(signal.SIGHUP, lambda number, frame: os.kill(os.getpid(), signal.SIGTERM))
    threading.Thread(target=welcome, args=(address, demo), daemon=True).start()
    manager.loop()
    return int(manager.returncode or 0)


def welcome(address: str, demo: bool) -> None:
    if not answers(f"{address}/readyz"):
        print(f"{address} does not answer; the lines above say why.", flush=True)
        return
    lines = [f"Terugkeer is at {address}   (Ctrl-C stops it)"]
    if demo:
        from accounts.demo import DEMO_PASSWORD, demo_accounts

        accounts = [(account.email, str(account.label)) for account in demo_accounts()]
        width = max(len(email) for email, _ in accounts)
        lines += ["", f"Log in with one of these; the password of all is: {DEMO_PASSWORD}"]
        lines += [f"  {email:<{width}}  {label}" for email, label in accounts]
    print("\n" + "\n".join(lines) + "\n", flush=True)


def answers(url: str, *, seconds: int = 60) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            with urllib.request.urlopen(url, timeout=2):
                return True
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    return False


if __name__ == "__main__":
    sys.exit(main())
