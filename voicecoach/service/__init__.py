"""The coach as a service of systemd: the unit, putting it in place, asking after it, and reporting to systemd."""
