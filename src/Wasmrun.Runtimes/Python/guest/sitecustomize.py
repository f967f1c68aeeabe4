"""Prepares the interpreter for the sandbox; Python imports this module before everything else."""
import wasmrun_socket
import wasmrun_servers

wasmrun_socket.install()
wasmrun_servers.install()
