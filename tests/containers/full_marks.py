"""Run inside a container: a lesson with its reference answers; exit 0 when every task gets full marks."""

import sys

from airlock.checks import catalogue
from airlock.course import layout
from airlock.course.bench import scratch_view
from airlock.course.source import Role
from airlock.course.trials import Trials
from airlock.lab import Lab

lost = 0
for source in layout.read_lesson(int(sys.argv[1])):
    with scratch_view(Lab.current()) as view:
        finding = Trials(source, {}, view, lambda _: None).restarted()
    for fault in finding.faults:
        print(fault)
    points = sum(catalogue.find(cell.task).points for cell in source.find(Role.CHECK))
    if not finding.faults:
        print(f"{source.name}: full marks, {points:g} points, {finding.seconds:.0f} s")
    lost += len(finding.faults)
sys.exit(lost > 0)
