"""The lab's web pages behind JupyterLab: Airflow's, OpenBao's, and one of the wire's recordings.

jupyter-server-proxy starts a page's process when its card in the launcher is first opened (`airlock.lab.web.servers`),
asks for Jupyter's token before it passes a request on, and ends the process with JupyterLab.
"""
