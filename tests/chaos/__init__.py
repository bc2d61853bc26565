"""The chaos harness: real processes, faults with seeds, and one function that says whether anything was lost.

    async with open_site(folder) as site:          # PostgreSQL, Temporal, S3, API, workers, provider: all of its own
        calm = await calm_figures(site)            # what runs must show, however much dies meanwhile
        async with traffic(site, calm) as runs:    # people who submit and wait
            await strike(site, KILL_WORKER, Random(seed))
        ...                                        # every run that ends is audited

`make soak SEED=7 MINUTES=60` goes on for hours; `docs/reliability.md` has what it measured.
"""
