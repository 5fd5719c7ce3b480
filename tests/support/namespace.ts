import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'

/** A network of this process's own with nothing in it but the loopback: what is sent elsewhere cannot arrive. */
export interface Namespace {
  /** words that, put before a command, run it in there */
  enter: string[]
  close(): void
}

const root = process.getuid?.() === 0
const unshare = root ? ['-n'] : ['-rn']

/** Whether the system lets us make one, and watch what is done in it. */
export const canMakeNamespace = (): boolean =>
  process.platform === 'linux' &&
  spawnSync('unshare', [...unshare, 'sh', '-c', 'ip link set lo up && strace -f --seccomp-bpf -o /dev/null true'])
    .status === 0

export const makeNamespace = async (): Promise<Namespace> => {
  // it lives until its input is closed
  const keeper = spawn('unshare', [...unshare, 'sh', '-c', 'ip link set lo up && echo up && exec cat'])
  await once(keeper.stdout, 'data')
  return {
    enter: ['nsenter', ...(root ? [] : ['-U', '--preserve-credentials']), '-n', '-t', String(keeper.pid)],
    close: () => keeper.stdin.end(),
  }
}

/** Words that, put before a command, write every address that it or a child of it turns to into `log`, native code included. */
export const watching = (log: string): string[] => [
  'strace',
  '-f',
  '--seccomp-bpf',
  '-A',
  '-e',
  'trace=connect,sendto,sendmsg,sendmmsg',
  '-e',
  'signal=none',
  '-o',
  log,
]

/** Lines of such a log that leave this machine. Port 53 does, even where a resolver listens on the loopback. */
export const leaving = (log: string): string[] =>
  log
    .split('\n')
    .filter((line) => line.includes('sa_family=AF_INET'))
    .filter(
      (line) =>
        line.includes('htons(53)') || !/(inet_addr\("127\.|inet_pton\(AF_INET6, "(::1|::ffff:127\.[\d.]+)")/.test(line),
    )
