"""Bodies of hostile tools, each an attempt at something that is not the author's.

Each is Python whose value, where there is one, is the loot; an error is what should be. None would harm the machine
if it worked: what must not be written is opened and left as it is.
"""

from __future__ import annotations

READS = {
    "the machine's passwords": "Path('/etc/shadow').read_text()",
    "the machine's keys": (
        "[p.read_text() for p in Path('/root/.ssh').iterdir()] + [p.read_text() for p in "
        "Path('/home').glob('*/.ssh/*')]"
    ),
    "the root of the first process": "Path('/proc/1/root/etc/shadow').read_text()",
    "the root of every process": "next(p.read_text() for p in Path('/proc').glob('[0-9]*/root/etc/shadow'))",
    "the studio's key": "(DATA / 'secret.key').read_text()",
    "the studio's key by climbing": "Path(FLOW, *['..'] * 30, str(DATA)[1:], 'secret.key').read_text()",
    "the database": "(DATA / 'pfstudio.db').read_bytes()[:20].decode()",
    "the snapshots": "[p.name for p in (DATA / 'snapshots.git').iterdir()][0]",
    "the trash and the runs": "[p.name for n in ('trash', 'runs') for p in (DATA / n).iterdir()][0]",
    "a file beside the share": "(DATA.parent / 'outside.txt').read_text()",
    "a link that was planted": (
        "(os.path.lexists(FLOW / 'way') or os.symlink(DATA / 'secret.key', FLOW / 'way'), (FLOW / "
        "'way').read_text())[1]"
    ),
    "a link up the tree": (
        "(os.path.lexists(FLOW / 'up') or os.symlink('../../../../..', FLOW / 'up'), (FLOW / 'up' / "
        "'secret.key').read_text())[1]"
    ),
    "a hard link": "(os.link(DATA / 'secret.key', FLOW / 'hard'), (FLOW / 'hard').read_text())[1]",
    "an open descriptor's parent": (
        "next(Path(f'/proc/self/fd/{n}/../secret.key').read_text() for n in range(3, 64) if "
        "os.path.exists(f'/proc/self/fd/{n}/../secret.key'))"
    ),
    "an inherited folder": "next(n for n in range(3, 256) if os.path.isdir(f'/proc/self/fd/{n}'))",
    "the environment of the server": (
        "next(t for p in glob.glob('/proc/[0-9]*/environ') for t in [open(p).read()] if 'PFSTUDIO_' in t)"
    ),
    "the command lines of the machine": (
        "next(t for p in glob.glob('/proc/[0-9]*/cmdline') for t in [open(p).read()] if 'serve' in t.split(chr(0)))"
    ),
    "the memory of its parent": "open(f'/proc/{os.getppid()}/mem', 'rb').name",
    "the kernel's memory": "open('/dev/mem', 'rb').read(1)",
    "the kernel's log": "subprocess.run(['dmesg'], capture_output=True, check=True).stdout.decode()[:100] or 1 / 0",
    "the disks": (
        "next(open(p, 'rb').read(1) for p in glob.glob('/dev/sd*') + glob.glob('/dev/vd*') + glob.glob('/dev/nvme*'))"
    ),
    "the machine's hardware": "os.listdir('/sys/class')[0]",
    "another user's secret": (
        "next(t for p in glob.glob('/proc/[0-9]*/maps') for t in [open(p).read()] if 'sk-ada' in t)"
    ),
}

WRITES = {
    "ada's notes": "(USERS / 'ada/promptflow/work/notes.txt').write_text('x')",
    "ada's folder": "(USERS / 'ada/promptflow/work/evil.py').write_text('x')",
    "a user's folder of its own making": "(USERS / 'eve').mkdir() or 'made'",
    "the place of ada's flow": "os.rename(USERS / 'ada/promptflow/work', USERS / 'ada/promptflow/gone') or 'renamed'",
    "ada's flow through its own link": (
        "(os.path.lexists(FLOW / 'adas') or os.symlink(USERS / 'ada/promptflow/work', FLOW / 'adas'), (FLOW "
        "/ 'adas/notes.txt').write_text('x'))[1]"
    ),
    "the rights of ada's flow": "os.chmod(USERS / 'ada/promptflow/work/notes.txt', 0o777) or 'changed'",
    "its own other flows": "(USERS / 'mallory/promptflow/other').mkdir() or 'made'",
    "the interpreter": "open(sys.executable, 'a').name",
    "the installed packages": "open(os.__file__, 'a').name",
    "our own code": "open(sys.modules['pfstudio'].__file__, 'a').name",
    "the system's programs": "open('/usr/bin/git', 'a').name",
    "the system's settings": "open('/etc/ld.so.preload', 'a').name",
    "the kernel's core pattern": "open('/proc/sys/kernel/core_pattern', 'a').name",
    "the kernel's trigger": "open('/proc/sysrq-trigger', 'a').name",
    "a release agent": ("next(open(p, 'a').name for p in glob.glob('/sys/fs/cgroup/*/release_agent'))"),
    "the kernel's settings, as they are": "[p.open('a').name for p in Path('/proc/sys').rglob('*') if p.is_file()][0]",
    "the interrupts": "next(open(p, 'a').name for p in glob.glob('/proc/irq/*/smp_affinity'))",
    "the bus": "next(open(p, 'a').name for p in glob.glob('/proc/bus/*/*/*'))",
    "its own limits": "__import__('resource').setrlimit(__import__('resource').RLIMIT_FSIZE, (-1, -1)) or 'raised'",
    "its score for the memory killer": "Path(f'/proc/{os.getppid()}/oom_score_adj').write_text('-1000')",
}

CALLS = {
    "a user namespace": "LIBC.unshare(0x10000000) == 0 or 1 / 0",
    "a mount namespace": "LIBC.unshare(0x20000) == 0 or 1 / 0",
    "a network namespace": "LIBC.unshare(0x40000000) == 0 or 1 / 0",
    "the namespaces of the first process": "LIBC.setns(os.open('/proc/1/ns/mnt', 0), 0) == 0 or 1 / 0",
    "a mount": "LIBC.mount(b'none', b'/tmp', b'tmpfs', 0, None) == 0 or 1 / 0",
    "a mount of a read-only place again": (
        "LIBC.mount(None, str(DATA / 'share').encode(), None, 0x1020, None) == 0 or 1 / 0"
    ),
    "a root of its own": "os.chroot('/tmp') or 'changed'",
    "a device": "os.mknod('/tmp/disk', 0o060600, os.makedev(8, 0)) or 'made'",
    "another user": "os.setuid(0) or 'root'",
    "a program that is root": (
        "subprocess.run(['su', '-c', 'id'], capture_output=True, text=True, timeout=5, "
        "stdin=subprocess.DEVNULL, check=True).stdout"
    ),
    "a bit that makes programs root": (
        "(lambda p: (p.write_bytes(Path('/bin/sh').read_bytes()), p.chmod(0o4755), subprocess.run([p, '-p', "
        "'-c', 'id -u'], capture_output=True, text=True).stdout.strip() == '0' or 1 / 0))(Path('/tmp/sh'))"
    ),
    "its parent by ptrace": "LIBC.ptrace(16, os.getppid(), 0, 0) == 0 or 1 / 0",
    "its parent's memory": "LIBC.process_vm_readv(os.getppid(), None, 0, None, 0, 0) > 0 or 1 / 0",
    "the clock": "time.clock_settime(time.CLOCK_REALTIME, time.time()) or 'set'",
    "the machine's name": "socket.sethostname('evil') or 'set'",
    "a restart": "LIBC.reboot(0x89ABCDEF) == 0 or 1 / 0",
    "a kernel module": "LIBC.syscall(175, b'', 0, b'') == 0 or 1 / 0",
    "a program in the kernel": (
        "LIBC.syscall(321, 5, ctypes.byref(ctypes.create_string_buffer(128)), 128) >= 0 or 1 / 0"
    ),
    "processes outside": "max(int(p) for p in os.listdir('/proc') if p.isdigit()) > 5000 or 1 / 0",
    "a better place in the queue": "os.setpriority(os.PRIO_PROCESS, 0, -20) or 'set'",
}

NETWORK = {
    "the studio by loopback": "ask('127.0.0.1', PORT)",
    "the studio by any address": "ask('0.0.0.0', PORT)",
    "the studio by IPv6": "ask('::1', PORT)",
    "the studio by its machine's address": "ask(OWN, PORT)",
    "the studio by slirp's gateway": "ask('10.0.2.2', PORT)",
    "the studio by slirp's name server": "ask('10.0.2.3', PORT)",
    "the metadata service": "ask('169.254.169.254', 80)",
    "the metadata service by its name": "ask('metadata.google.internal', 80)",
    "a private address": "ask('10.0.0.1', 80)",
    "a neighbor's socket": "socket.socket(socket.AF_UNIX).connect('\\0/tmp/.X11-unix/X0') or 'connected'",
    "the machine's sockets": (
        "next(t for t in Path('/proc/net/tcp').read_text().splitlines() if f':{PORT:04X} ' in t)"
    ),
    "the machine's local sockets": "next(t for t in Path('/proc/net/unix').read_text().splitlines()[1:] if '@' in t)",
    "packets of its own": "socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 3).fileno()",
    "the host's programs by vsock": (
        "socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM).connect((2, 22)) or 'connected'"
    ),
}

EVERY = {
    **{f"read {name}": body for name, body in READS.items()},
    **{f"write {name}": body for name, body in WRITES.items()},
    **{f"get {name}": body for name, body in CALLS.items()},
    **{f"reach {name}": body for name, body in NETWORK.items()},
}
