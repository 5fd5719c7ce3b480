import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'

/** A network of this process's own with nothing in it but the loopback: what is sent elsewhere cannot arrive. */
export interface Namespace {
  /** words that, put before a command, run it in there */
  enter: string[]
  close(): void
}

/** As root, or as root of a user namespace of one's own. */
const ways = [
  { unshare: ['-n'], enter: ['-n'] },
  { unshare: ['-rn'], enter: ['-U', '--preserve-credentials', '-n'] },
]

const works = (unshare: string[]): boolean =>
  spawnSync('unshare', [...unshare, 'sh', '-c', 'ip link set lo up && strace -f --seccomp-bpf -o /dev/null true'])
    .status === 0

const way = () => (process.platform === 'linux' ? ways.find(({ unshare }) => works(unshare)) : undefined)

/** Whether the system lets us make one, and watch what is done in it. */
export const canMakeNamespace = (): boolean => way() !== undefined

/** Null where `canMakeNamespace` says no. */
export const makeNamespace = async (): Promise<Namespace | null> => {
  const { unshare, enter } = way() ?? {}
  if (!unshare || !enter) return null
  // it lives until its input is closed
  const keeper = spawn('unshare', [...unshare, 'sh', '-c', 'ip link set lo up && echo up && exec cat'])
  await once(keeper.stdout, 'data')
  return { enter: ['nsenter', ...enter, '-t', String(keeper.pid)], close: () => keeper.stdin.end() }
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
