"""The terminal face: a Textual program over the same engine, journal and commands as the plain one."""
