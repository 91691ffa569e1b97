/** A file that comes as the body, or as one part of a form; with texts beside it. */

import type { FastifyRequest } from 'fastify'
import { ApiError } from './errors.ts'

export interface Upload {
  /** Undefined if there is no file. */
  readonly file: string | undefined
  readonly fields: ReadonlyMap<string, string>
}

const utf8 = new TextDecoder('utf-8', { fatal: true })

/** Reads what was sent: a form with a part of this name, or else the file itself, whatever its type is said to be. */
export async function readUpload({ body, sentType }: FastifyRequest, part: string): Promise<Upload> {
  const octets = (body ?? new Uint8Array()) as Uint8Array<ArrayBuffer>
  if (!/^\s*multipart\/form-data/i.test(sentType)) {
    return { file: octets.length === 0 ? undefined : decode(octets), fields: new Map() }
  }
  const fields = new Map<string, string>()
  let file: string | undefined
  for (const [name, value] of await readForm(octets, sentType)) {
    const text = typeof value === 'string' ? value : decode(new Uint8Array(await value.arrayBuffer()))
    if (name === part) file ??= text
    else fields.set(name, text)
  }
  return { file, fields }
}

/** The parser of forms is that of Node.js. */
async function readForm(octets: Uint8Array<ArrayBuffer>, type: string): Promise<FormData> {
  try {
    return await new Response(octets, { headers: { 'content-type': type } }).formData()
  } catch (error) {
    throw new ApiError('form-malformed', { text: `malformed multipart/form-data: ${(error as Error).message}` })
  }
}

function decode(octets: Uint8Array): string {
  try {
    return utf8.decode(octets)
  } catch {
    throw new ApiError('form-malformed', { text: 'expected UTF-8 in the file' })
  }
}
