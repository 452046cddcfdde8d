"""The lesson kit: what a notebook imports.

``from airlock.lesson import lab, me, predict, reveal, myth, matrix, hints, check, cards, watch, handshake``

The course's own pages use `start`, `finished`, `recall` and `my_progress`.

Importing it is quick: Airflow, the database driver and the widgets are imported by what needs them.
"""

from airlock.lesson.checking import check, hints
from airlock.lesson.facade import lab
from airlock.lesson.flashcards import cards, recall
from airlock.lesson.handshake_run import handshake
from airlock.lesson.matrices import matrix
from airlock.lesson.me import me
from airlock.lesson.myths import myth
from airlock.lesson.overview import finished
from airlock.lesson.prediction import predict, reveal
from airlock.lesson.progress_page import my_progress
from airlock.lesson.start_page import start
from airlock.lesson.wiretap import watch

__all__ = [
    "cards",
    "check",
    "finished",
    "handshake",
    "hints",
    "lab",
    "matrix",
    "me",
    "my_progress",
    "myth",
    "predict",
    "recall",
    "reveal",
    "start",
    "watch",
]
