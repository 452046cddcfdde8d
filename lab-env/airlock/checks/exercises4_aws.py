"""Judge of lesson 4's exercise about AWS Secrets Manager."""

from __future__ import annotations
