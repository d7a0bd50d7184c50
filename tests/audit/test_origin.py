import pytest
from celery import shared_task

from audit.models import Event
from audit.services import record


@shared_task
def sweep() -> None:
    record("participation.ended", by=None)


@pytest.mark.django_db
def test_an_event_in_a_task_says_so() -> None:
    sweep.apply(task_id="task-1")

    assert Event.objects.get().channel == "task"
