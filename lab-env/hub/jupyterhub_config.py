"""JupyterHub for a workshop on one machine. `./airlock hub start` reads it and adds where the hub is reached.

Each learner is an account of this machine with a home, a lab and ports of their own. Who signs in is asked of PAM, so
a password is the account's. What a learner shares with the others is the course's clone, which they can only read.
Anything that is set here can be set anew behind `./airlock hub start -- …`, in JupyterHub's own words.
"""

import os
import sys
from pathlib import Path

from airlock.cli import hub_learner
from airlock.cli.hub import GROUP

c = get_config()  # noqa: F821 - JupyterHub defines it
state = Path(os.environ["AIRLOCK_HUB"])  # mode 0700, root's

# -- Kept between two starts: who is signed in, and nothing else that is secret. The proxy's token is new at each start.
c.JupyterHub.cookie_secret_file = str(state / "cookie-secret")
c.JupyterHub.db_url = f"sqlite:///{state / 'jupyterhub.sqlite'}"
c.ConfigurableHTTPProxy.command = [str(state / "proxy" / "node_modules" / ".bin" / "configurable-http-proxy")]
c.ConfigurableHTTPProxy.pid_file = str(state / "proxy.pid")

# -- Who may sign in: members of this group of the machine, with their own password. Nobody else, root neither.
c.JupyterHub.authenticator_class = "pam"
c.PAMAuthenticator.allowed_groups = {GROUP}
c.PAMAuthenticator.open_sessions = False
c.Authenticator.blocked_users = {"root"}

# -- A learner's server: a process of their account, with nothing of root's environment.
c.JupyterHub.spawner_class = "jupyterhub.spawner.LocalProcessSpawner"
c.Spawner.cmd = hub_learner.command()
c.Spawner.env_keep = ["LANG", "LC_ALL"]
c.Spawner.environment = hub_learner.environment(state)
c.Spawner.notebook_dir = f"~/{hub_learner.WORK}"
c.Spawner.default_url = "/lab/tree/start.ipynb"
c.Spawner.post_stop_hook = hub_learner.stopped  # the lab goes with its server: stopped, culled or crashed
c.Spawner.start_timeout = c.Spawner.http_timeout = 180  # a class signs in at once
c.JupyterHub.concurrent_spawn_limit = 10  # the next ones are asked to wait some seconds
c.JupyterHub.cleanup_servers = True  # the hub takes all servers, and so all labs, with it

# -- Whose browser has not been heard of for this long loses server and lab, and no file.
c.JupyterHub.load_roles = [
    {
        "name": "idle-culler",
        "scopes": ["list:users", "read:users:activity", "read:servers", "delete:servers"],
        "services": ["idle-culler"],
    }
]
c.JupyterHub.services = [
    {
        "name": "idle-culler",
        "command": [
            *(sys.executable, "-m", "jupyterhub_idle_culler"),
            *(f"--timeout={60 * int(os.environ['AIRLOCK_HUB_IDLE'])}", "--cull-every=60"),
        ],
    }
]
