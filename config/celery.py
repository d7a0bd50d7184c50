"""The Celery app and its timetable. Beat is only a tick: each job is a sweep that may run late or twice."""

import os
from typing import Any, NamedTuple

from celery import Celery
from celery.schedules import schedule
from celery.signals import beat_init, before_task_publish, worker_ready
from django_structlog.celery.steps import DjangoStructLogInitStep

from common import dates, pulse

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

MINUTE = 60
HOUR = 60 * MINUTE
DAY = 24 * HOUR


class Job(NamedTuple):
    task: str
    every: int  # seconds


TIMETABLE = [
    Job("common.tasks.pulse", every=MINUTE),
    Job("audit.tasks.link_events", every=MINUTE),
    Job("audit.tasks.verify_log", every=DAY),
    Job("escalations.tasks.sweep", every=MINUTE),
    Job("notifications.tasks.deliver", every=MINUTE),
    Job("cases.tasks.end_participations", every=HOUR),
    Job("cases.tasks.work_on_uploads", every=MINUTE),
    Job("cases.tasks.destroy_stale_uploads", every=HOUR),
    Job("cases.tasks.forget_submissions", every=DAY),
    Job("reports.tasks.make_files", every=MINUTE),
    Job("reports.tasks.destroy_stale_files", every=HOUR),
    Job("reports.tasks.make_drafts", every=HOUR),
    Job("reports.tasks.verify_versions", every=DAY),
]

app = Celery("terugkeer")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.steps["worker"].add(DjangoStructLogInitStep)
app.conf.beat_schedule = {
    # A tick that waited longer than until the next one has no more to say.
    job.task: {"task": job.task, "schedule": schedule(job.every), "options": {"expires": job.every}}
    for job in TIMETABLE
}


@beat_init.connect
def listen_to_beat(**kwargs: Any) -> None:
    """In the process of the beat alone, embedded in a worker or not. A second beat that waits for the lock
    publishes nothing, so it is not heard."""
    before_task_publish.connect(hear_beat)


@worker_ready.connect
def hear_worker(**kwargs: Any) -> None:
    """From its start on, and not only from the first minute."""
    pulse.beat(pulse.WORKER, dates.now())


def hear_beat(**kwargs: Any) -> None:
    pulse.beat(pulse.BEAT, dates.now())
