"""Adapters: what step bodies really call, seen as effects. Each is imported by its own name.

`dwf_sim.adapters.httpx` needs the package httpx, which the extra `dwf-sim[inngest]` brings along;
`dwf_sim.adapters.database` needs nothing.
"""
