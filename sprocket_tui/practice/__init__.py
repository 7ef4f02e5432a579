"""The rehearsal droplet: a server on loopback that behaves like the real host, so that the rest needs no other path."""
