"""Words in, one api call, exit status out; imports nothing heavy before it must.

    commands   the words of each command, checked; each gives a job to be done
    early      checks of files and folders that cost nothing, so that mistakes show at once
    usage      what to say about wrong words
    main       runs the job; every error becomes a message and an exit code
    progress   a bar on a terminal, plain lines elsewhere
    show       what a result says to a person; `draw` puts it on the screen
    objects    what a result says to a program (`--json`)

Measured (Python 3.11, processor time, start-up included): bare interpreter 0.01 s, click 0.05, rich's
tables 0.06, typer 0.08 and 0.20 once it reads a number (it loads pydantic for that). Hence click, and rich
only when something is drawn: help and wrong words take 0.06 to 0.08 s.
"""
