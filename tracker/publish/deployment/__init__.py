"""One commit, summed up for who deploys it: one value, and its forms for people and programs."""
