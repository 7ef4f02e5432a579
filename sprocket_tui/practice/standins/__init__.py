"""The commands of the practice droplet: each answers from the one world, as the real tool would."""

# Each command's module.
MODULES = {
    "apt-get": "apt",
    "date": "machine",
    "df": "space",
    "docker": "docker",
    "doppler": "doppler",
    "free": "space",
    "git": "git",
    "node": "node",
    "nproc": "machine",
    "npm": "npm",
    "ps": "ps",
    "pulumi": "pulumi",
    "ss": "network",
    "systemctl": "systemd",
    "timedatectl": "clock",
    "ufw": "firewall",
    "uname": "machine",
    "vault": "vault",
}
NAMES = tuple(MODULES)
# Those that a droplet may lack, and that apt-get can bring.
SOFTWARE = ("git", "node", "npm", "pulumi")
# What the sandbox starts by itself, and nobody can call by name.
INTERNAL = {"ready": "ready", "weather": "weather"}
