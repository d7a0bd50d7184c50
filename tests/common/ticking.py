"""The Celery app with one job, every second, on a queue of its own: for tests that start real processes."""

from celery.schedules import schedule

from config.celery import app

app.conf.beat_schedule = {"pulse": {"task": "common.tasks.pulse", "schedule": schedule(1)}}
app.conf.task_default_queue = "ticking"
app.conf.redbeat_key_prefix = "terugkeer-ticking:"
