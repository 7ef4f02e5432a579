"""A guided deployment of the Sprocket infrastructure, from a terminal, over SSH."""

__version__ = "0.1.0"
