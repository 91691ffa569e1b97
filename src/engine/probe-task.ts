/** One SOA check of a primary. */

import { nameFromWire } from '../dns/name.ts'
import { soaQuery } from '../protocol/primary-query.ts'
import { readSoaAnswer } from '../protocol/soa-check.ts'
import { reasonOfConnection, reasonOfExchange } from './connection-reason.ts'
import type { PrimaryClient, Question, Received } from './primary-client.ts'
import type { Settings } from './settings.ts'
import type { ProbeOutcome, ProbeRequest } from './transfer-port.ts'

export async function probePrimary(
  request: ProbeRequest,
  { client, settings, signal }: { client: PrimaryClient; settings: Settings; signal: AbortSignal },
): Promise<ProbeOutcome> {
  const { endpoint, key, edns, transport } = request
  const { limits } = settings
  const apex = nameFromWire(request.apex)
  const question: Question = { endpoint, key, signal, message: (id) => soaQuery({ apex, id, edns }) }
  if (transport === 'udp') {
    const answer = await client.askUdp(question)
    if ('type' in answer) return { type: 'probe failed', reason: reasonOfExchange(answer, limits) }
    return judge(answer)
  }
  let outcome: ProbeOutcome | undefined
  const end = await client.askTcp(question, {
    totalMs: limits.checkSeconds * limits.checkTries * 1000,
    onMessage(received) {
      outcome = judge(received)
      return 'done'
    },
  })
  if (outcome !== undefined) return outcome
  if (end.type === 'done') throw new Error('a SOA check ended without an answer')
  return { type: 'probe failed', reason: reasonOfConnection(end, { messages: 0, records: 0 }, limits) }

  function judge({ octets, id, signature }: Received): ProbeOutcome {
    const believed = signature.believe(octets)
    // An error that is not signed is told as the error it is: it can do no more harm than no answer.
    const refusal = believed.type === 'refused' && believed.unsigned ? refusalIn(octets) : undefined
    if (believed.type === 'refused' && refusal === undefined) return { type: 'probe failed', reason: believed.reason }
    const check = readSoaAnswer(refusal ?? (believed as { octets: Uint8Array }).octets, { apex, id })
    if (check.type === 'failed') return { type: 'probe failed', reason: check.reason }
    return { type: 'probed', soa: check.soa, expireSeconds: check.expireSeconds }
  }
}

/** The message, if its header tells of an error. */
function refusalIn(octets: Uint8Array): Uint8Array | undefined {
  return ((octets[3] as number) & 0xf) === 0 ? undefined : octets
}
