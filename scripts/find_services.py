"""Prints where the tests find PostgreSQL and Redis, as assignments for a shell; nothing where one is missing.

An address that was given but does not answer is an error, not a reason to leave the tests out.
"""

import getpass
import os
import shlex
import sys

import psycopg
import redis

USUAL_DATABASES = [
    f"postgres://{getpass.getuser()}@127.0.0.1:5432/postgres",
    "postgres://postgres@127.0.0.1:5432/postgres",
    "postgres://postgres:postgres@127.0.0.1:5432/postgres",
]
USUAL_REDIS = "redis://127.0.0.1:6379/0"


def why_not_database(url: str) -> str:
    """What is wrong with this database for the tests, empty if nothing: they make databases of their own."""
    try:
        with psycopg.connect(url, connect_timeout=3) as connection:
            row = connection.execute(
                "SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user"
            ).fetchone()
    except psycopg.Error as error:
        return str(error).strip()
    return "" if row and row[0] else "this user may not make databases (ALTER ROLE ... CREATEDB)"


def why_not_redis(url: str) -> str:
    try:
        redis.Redis.from_url(url, socket_connect_timeout=3).ping()
    except redis.RedisError as error:
        return str(error)
    return ""


def main() -> int:
    given_database, given_redis = os.environ.get("TEST_DATABASE_URL"), os.environ.get("TEST_REDIS_URL")
    if given_database and (reason := why_not_database(given_database)):
        print(f"TEST_DATABASE_URL: {reason}", file=sys.stderr)
        return 1
    if given_redis and (reason := why_not_redis(given_redis)):
        print(f"TEST_REDIS_URL: {reason}", file=sys.stderr)
        return 1
    database = given_database or next((url for url in USUAL_DATABASES if not why_not_database(url)), None)
    queue = given_redis or (None if why_not_redis(USUAL_REDIS) else USUAL_REDIS)
    if database and queue:
        print(f"TEST_DATABASE_URL={shlex.quote(database)} TEST_REDIS_URL={shlex.quote(queue)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
