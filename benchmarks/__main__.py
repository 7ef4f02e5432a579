"""All benchmarks, one after the other: `python -m benchmarks` in a checkout, as root."""

from benchmarks import checks, hosts, large, practice, preflight, startup, terminal, terminal_log, terminal_slow, up

for each in (startup, large, checks, hosts, preflight, up, practice, terminal, terminal_log, terminal_slow):
    each.main()
