"""The commands of `dwf-sim`, one module each, with the name of the command."""
