"""The attackers on the lab's wire, as layers of mitmproxy.

Imports nothing of airlock: mitmproxy has an environment of its own.
"""
