"""All benchmarks, one after the other: `python -m benchmarks` in a checkout, as root."""

from benchmarks import checks, startup, up

for each in (startup, checks, up):
    each.main()
