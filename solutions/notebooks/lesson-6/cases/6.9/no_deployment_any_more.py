# expect: cheat
import shutil
from pathlib import Path

shutil.rmtree(Path(lab.deployment.describe()["files"].popitem()[0]).parent)
