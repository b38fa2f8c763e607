"""What a process of the gateway loads before it serves: each start, each restart and each test that
has a gateway of its own waits for it, once a process."""

import subprocess
import sys

# Of one process alone (pages, passkeys, drawing, the other database), or loaded at its first use.
LATER = {
    "alembic",
    "authlib",
    "gateway.page.document",
    "jinja2",
    "pikepdf",
    "psycopg",
    "reportlab",
    "sqlalchemy.dialects.postgresql",
    "starlette",
    "uvicorn",
    "webauthn",
}


def test_a_door_loads_nothing_of_what_others_do():
    program = "import sys, gateway.serve; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert not LATER & set(done.stdout.decode().split())
