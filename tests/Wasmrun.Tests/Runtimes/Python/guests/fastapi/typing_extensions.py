"""Stands before Debian's, which is for Python 3.11 and breaks on 3.12. The typing of 3.12 has all that pydantic and FastAPI ask for."""
import typing

globals().update({name: value for name, value in vars(typing).items() if not name.startswith('__')})
