"""Becomes another program that dies with its parent, and is not root where it refuses to be.

    python -I -S launch.py <death signal> <user or -> <parent's pid> <program> [argument...]

Standard library only and run by path, so that it costs some milliseconds. It replaces itself by the
program: the pid that was started is the program's.

The death signal (PR_SET_PDEATHSIG) is the kernel's promise: it arrives also when the parent was
killed with -9. It fires when the *thread* that started us ends: start from the main thread.

A program that refuses to run as root becomes the user named, and keeps one right of root,
CAP_DAC_OVERRIDE: it may walk through folders like /root (mode 700), so that neither a clone nor a
data folder below them needs its permissions loosened.

What the program writes is its owner's alone, unless it sets another mode itself.
"""

import ctypes
import os
import pwd
import sys

PR_SET_PDEATHSIG = 1
PR_SET_KEEPCAPS = 8
PR_CAP_AMBIENT = 47
PR_CAP_AMBIENT_RAISE = 2
CAP_DAC_OVERRIDE = 1
CAPABILITY_VERSION_3 = 0x20080522

libc = ctypes.CDLL(None, use_errno=True)


def prctl(option: int, *values: int) -> None:
    arguments = [ctypes.c_ulong(value) for value in (*values, 0, 0, 0, 0)[:4]]
    if libc.prctl(option, *arguments) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"prctl({option}): {os.strerror(number)}")


def keep_only(capability: int) -> None:
    """Drop every capability but one, and pass that one on through exec."""
    header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION_3, 0)
    mask = 1 << capability
    data = (ctypes.c_uint32 * 6)(mask, mask, mask, 0, 0, 0)  # effective, permitted, inheritable
    if libc.capset(header, data) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"capset: {os.strerror(number)}")
    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability)


def become(user: str) -> None:
    entry = pwd.getpwnam(user)
    prctl(PR_SET_KEEPCAPS, 1)
    os.setgroups([])
    os.setgid(entry.pw_gid)
    os.setuid(entry.pw_uid)
    try:
        keep_only(CAP_DAC_OVERRIDE)
    except PermissionError:  # a container may have taken it away
        sys.exit(f"launch: root has no CAP_DAC_OVERRIDE to pass to {user}: be an ordinary user")


def main(death_signal: str, user: str, parent: str, *program: str) -> None:
    os.umask(0o077)
    if user != "-":
        become(user)
    # After the change of user: the kernel forgets the signal when a process changes who it is.
    prctl(PR_SET_PDEATHSIG, int(death_signal))
    if os.getppid() != int(parent):  # died before we asked: nobody would ever tell us
        sys.exit("launch: the parent is gone")
    os.execv(program[0], program)  # noqa: S606  # no shell, on purpose


if __name__ == "__main__":
    main(*sys.argv[1:])
