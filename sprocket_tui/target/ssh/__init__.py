"""The SSH link: OpenSSH's habits (configuration, known hosts, keys, jump hosts) on paramiko."""
