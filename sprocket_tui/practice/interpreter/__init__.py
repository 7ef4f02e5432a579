"""Where no sandbox can be made: command lines read and carried out by us, in this process, below one directory.

No process is started, no file outside the droplet's directory is opened, nothing is connected to. What is not known
here is answered with status 126. See docs/security.md.
"""
