"""Words in, one api call, exit status out; imports nothing heavy before it must.

    commands   the words of each command, checked; each gives a job to be done
    early      checks of files and folders that cost nothing, so that mistakes show at once
    usage      what to say about wrong words
    main       runs the job; every error becomes a message and an exit code
    progress   a bar on a terminal, plain lines elsewhere
    show       what a result says to a person; `draw` puts it on the screen
    objects    what a result says to a program (`--json`)

Measured (python 3.11, CPU time): interpreter 0.04 s, with click 0.06 s, with typer 0.10 s and with rich's
tables 0.11 s. Hence click, and rich only when something is drawn.
"""
