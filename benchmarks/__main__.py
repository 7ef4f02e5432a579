"""All benchmarks, one after the other: `python -m benchmarks` in a checkout, as root."""

from benchmarks import checks, practice, startup, terminal, terminal_log, up

for each in (startup, checks, up, practice, terminal, terminal_log):
    each.main()
