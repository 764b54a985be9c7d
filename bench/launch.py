# SPDX-License-Identifier: Apache-2.0
"""Runs a command and writes its cost as JSON on standard output. A process of its own because
a child's peak memory starts at its parent's size: this one is small.
"""

import json
import os
import sys
import time

start = time.monotonic()
child = os.fork()
if child == 0:
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.execvp(sys.argv[1], sys.argv[1:])
_, status, usage = os.wait4(child, 0)
json.dump({"code": os.waitstatus_to_exitcode(status), "wall": time.monotonic() - start,
           "processor": usage.ru_utime + usage.ru_stime, "memory": usage.ru_maxrss / 1024},
          sys.stdout)
