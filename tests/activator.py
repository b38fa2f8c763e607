"""systemd's part, played by a test: python activator.py NAME=FD… -- COMMAND…

Each descriptor becomes the next from 3 on, and the command, which runs in this process, is told of
them as sd_listen_fds(3) says.
"""

import os
import sys

at = sys.argv.index("--")
given, command = sys.argv[1:at], sys.argv[at + 1 :]
high = [os.dup(int(one.partition("=")[2])) for one in given]  # out of each other's way
for number, descriptor in enumerate(high, 3):
    os.dup2(descriptor, number)
    os.set_inheritable(number, True)
os.environ["LISTEN_PID"] = str(os.getpid())
os.environ["LISTEN_FDS"] = str(len(given))
os.environ["LISTEN_FDNAMES"] = ":".join(one.partition("=")[0] for one in given)
os.execvp(command[0], command)
