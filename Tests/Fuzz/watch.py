"""Runs a command that must end soon, in bounded memory, with a documented status."""
import os, subprocess, time


def watched(command, seconds, memory, fine, **options):
    """What is wrong with how a command ends, or None; and its exit status."""
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL, **options)
    deadline = time.time() + seconds
    while True:
        pid, status, usage = os.wait4(process.pid, os.WNOHANG)
        if pid:
            break
        if time.time() > deadline:
            process.kill()
            os.wait4(process.pid, 0)
            process.returncode = -9
            return 'hangs', None
        time.sleep(0.002)
    code = process.returncode = os.waitstatus_to_exitcode(status)
    if usage.ru_maxrss * 1024 > memory:
        return f'takes {usage.ru_maxrss >> 10} MiB', code
    return (None if code in fine else f'ends with {code}'), code
