/**
 * The calls of the C library that Node.js has not: datagrams by the batch, the sockets for them, octets in many pieces, and
 * memory that is given back.
 *
 * They are made through koffi, an optional package. Pointers are numbers: an address in a process has fewer than 53 bits.
 */

import { endianness } from 'node:os'

const ARCHITECTURES: readonly string[] = ['x64', 'arm64']

/** What is called here. All but `addressOf`, `errno` and `watch` are as in their manual pages. */
export interface Libc {
  readonly socket: (family: number, type: number, protocol: number) => number
  readonly bind: (fd: number, name: Uint8Array, octets: number) => number
  readonly setsockopt: (fd: number, level: number, option: number, value: Uint32Array, octets: number) => number
  readonly getsockname: (fd: number, name: Uint8Array, octets: Uint32Array) => number
  readonly close: (fd: number) => number
  readonly poll: (entries: number, count: number, timeoutMs: number) => number
  readonly recvmmsg: (fd: number, headers: number, count: number, flags: number, timeout: number) => number
  readonly sendmmsg: (fd: number, headers: number, count: number, flags: number) => number
  readonly writev: (fd: number, vectors: number, count: number) => number
  readonly madvise: (address: number, octets: number, advice: number) => number
  readonly getpagesize: () => number
  /** Why the last call failed. */
  readonly errno: () => number
  /** Where memory lies, for as long as somebody holds it. */
  readonly addressOf: (memory: ArrayBufferLike) => number
  /** Has the event loop call `ready` while there is something to be read. It must not throw. */
  readonly watch: (fd: number, ready: (status: number) => void) => Watch
}

/** A socket that is watched; whoever drops this object stops watching. */
export interface Watch {
  /** Goes on after `stop`, or an error (a status below 0). */
  start(options: { readonly readable: true }, ready: (status: number) => void): void
  stop(): void
  close(): void
}

/**
 * The C library of this process, or why it cannot be used.
 *
 * A thread that ends while it watches a socket is done with it only after koffi has been unloaded from it, and then jumps
 * to where koffi was. So the main thread calls this before any other does: what it has loaded stays.
 */
export async function loadLibc(): Promise<Libc | string> {
  const { platform, arch } = process
  if (platform !== 'linux' || !ARCHITECTURES.includes(arch) || endianness() !== 'LE')
    return `${platform} on ${arch} is not known well enough`
  try {
    const { default: koffi } = await import('koffi')
    const own = koffi.load(null)
    return {
      socket: own.func('int socket(int, int, int)'),
      bind: own.func('int bind(int, void *, uint32_t)'),
      setsockopt: own.func('int setsockopt(int, int, int, void *, uint32_t)'),
      getsockname: own.func('int getsockname(int, void *, void *)'),
      close: own.func('int close(int)'),
      poll: own.func('int poll(uintptr_t, unsigned long, int)'),
      recvmmsg: own.func('int recvmmsg(int, uintptr_t, unsigned int, int, uintptr_t)'),
      sendmmsg: own.func('int sendmmsg(int, uintptr_t, unsigned int, int)'),
      writev: own.func('long writev(int, uintptr_t, int)'),
      madvise: own.func('int madvise(uintptr_t, size_t, int)'),
      getpagesize: own.func('int getpagesize()'),
      errno: () => koffi.errno(),
      addressOf: (memory) => Number(koffi.address(memory)),
      watch: (fd, ready) => koffi.node.poll(fd, { readable: true }, ready as never) as unknown as Watch,
    }
  } catch (error) {
    return `koffi cannot be used: ${(error as Error).message}`
  }
}
