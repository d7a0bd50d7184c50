"""The health checks of the containers: is the web server ready, and does a beat tick?

healthcheck.py        asks the web server of this container
healthcheck.py beat   looks for the lock that the beat at work keeps renewing in Redis
"""

import os
import sys
import urllib.request
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))


def why_web_is_not_ready() -> str:
    # The name under which it is served: another one is refused.
    host = os.environ.get("ALLOWED_HOSTS", "localhost").split(",")[0].strip().lstrip(".")
    request = urllib.request.Request("http://127.0.0.1:8000/readyz", headers={"Host": host})
    try:
        with urllib.request.urlopen(request, timeout=4):
            return ""
    except OSError as error:
        return str(error)


def why_beat_does_not_tick() -> str:
    from redbeat.schedulers import RedBeatConfig, get_redis

    from config.celery import app

    return "" if get_redis(app).exists(RedBeatConfig(app).lock_key) else "no beat holds the lock"


if __name__ == "__main__":
    sys.exit((why_beat_does_not_tick() if sys.argv[1:] == ["beat"] else why_web_is_not_ready()) or 0)
