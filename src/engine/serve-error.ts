/** Why the server cannot serve, in words for whoever starts it. */

/** The server cannot start or go on; the message says why. */
export class ServeError extends Error {
  override readonly name = 'ServeError'
}

/** What the kernel says about an address, and what that means. */
const MEANINGS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program uses this address and port',
  EADDRNOTAVAIL: 'no interface of this host has this address',
  EACCES: 'not permitted; ports below 1024 need the right to bind them',
  EAFNOSUPPORT: 'this host does not speak this version of IP',
}

/** An address that could not be bound, and why. */
export function cannotListen(what: string, endpoint: string, error: unknown): ServeError {
  const { code, message } = error as NodeJS.ErrnoException
  const why = (code === undefined ? undefined : MEANINGS[code]) ?? message
  return new ServeError(`cannot answer ${what} on ${endpoint}: ${why}`, { cause: error })
}
