"""rouge-score, the reference for ROUGE, imported so that it leaves the test run's streams alone."""

import sys

from absl import logging
from rouge_score.rouge_scorer import RougeScorer

# absl, which rouge-score logs with, keeps the standard error of the moment it is imported, here pytest's capture, and
# closes it when prefect sets up its own logging. A handler of the real standard error is left open.
logging.get_absl_handler().python_handler.stream = sys.__stderr__

__all__ = ["RougeScorer"]
