"""A class, graded by Airflow's executors: one mapped task for each hand-in, one gradebook at the end.

What the tasks do is in `airlock.grading.scale.steps`; here is only how Airflow runs them.
"""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import Param, dag, get_current_context, task

from airlock.grading.scale import steps


@dag(
    schedule=None,
    catchup=False,
    max_active_runs=1,  # one gradebook
    max_active_tasks=64,
    params={
        "lesson": Param(None, type=["null", "integer"], description="Only this lesson, and exams with tasks of it."),
        "learners": Param([], type="array", items={"type": "string"}, description="Only these learners."),
        "again": Param(False, type="boolean", description="Also what was graded before and has not changed."),
    },
    doc_md=__doc__,
    tags=["grading"],
)
def grade_class() -> None:
    """List, grade, record."""

    @task
    def hand_ins() -> list[dict[str, str]]:
        params = get_current_context()["params"]
        return steps.hand_ins(params["lesson"], params["learners"], params["again"])

    @task(
        queue="hand-ins",
        retries=3,  # a lab that is down is mended, a worker that died is replaced; no score is given meanwhile
        retry_delay=timedelta(seconds=20),
        retry_exponential_backoff=2.0,
        max_retry_delay=timedelta(minutes=5),
        execution_timeout=timedelta(hours=1),
        map_index_template="{{ task.op_kwargs['hand_in']['learner'] }} {{ task.op_kwargs['hand_in']['assignment'] }}",
    )
    def grade(hand_in: dict[str, str]) -> dict[str, str]:
        return steps.grade(hand_in, get_current_context()["ti"].try_number)

    @task(trigger_rule="all_done")  # what could be graded is recorded, whatever happened to the rest
    def record(listed: list[dict[str, str]] | None) -> None:
        context = get_current_context()
        params = context["params"]
        steps.record(listed, params["lesson"], params["learners"], context["dag_run"].run_id)

    listed = hand_ins()
    grade.expand(hand_in=listed) >> record(listed)


grade_class()
