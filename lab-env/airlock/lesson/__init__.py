"""The lesson kit: what a notebook imports.

``from airlock.lesson import lab, me, predict, reveal, myth, matrix, hints, check, cards, watch, handshake``

Importing it is quick: Airflow, the database driver and the widgets are imported by what needs them.
"""

from airlock.lesson.checking import check, hints
from airlock.lesson.facade import lab, me
from airlock.lesson.flashcards import cards
from airlock.lesson.handshake_run import handshake
from airlock.lesson.matrices import matrix
from airlock.lesson.myths import myth
from airlock.lesson.prediction import predict, reveal
from airlock.lesson.start_page import start
from airlock.lesson.wiretap import watch

__all__ = ["cards", "check", "handshake", "hints", "lab", "matrix", "me", "myth", "predict", "reveal", "start", "watch"]
