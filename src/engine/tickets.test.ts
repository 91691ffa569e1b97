import { expect, test } from 'vitest'
import { settle } from '../../test/doubles/virtual-clock.ts'
import { Tickets } from './tickets.ts'

/** A thread that is asked, and a note of what it was asked and what came of it. */
function scene() {
  const gone = Promise.withResolvers<void>()
  const tickets = new Tickets(gone.promise)
  const asked: number[] = []
  const done: string[] = []
  const ask = (what: string) => void tickets.ask((ticket) => asked.push(ticket)).then(() => done.push(what))
  return { gone, tickets, asked, done, ask }
}

test('each question is answered by its own number, in any order', async () => {
  const { tickets, asked, done, ask } = scene()
  ask('first')
  ask('second')
  tickets.answered(asked[1] as number)
  tickets.answered(asked[1] as number)
  tickets.answered(0)
  await settle()
  expect(done).toEqual(['second'])
  tickets.answered(asked[0] as number)
  await settle()
  expect(done).toEqual(['second', 'first'])
})

test('a thread that is gone keeps nobody waiting, and is not asked any more', async () => {
  const { gone, asked, done, ask } = scene()
  ask('before')
  gone.resolve()
  await settle()
  ask('after')
  await settle()
  expect(done).toEqual(['before', 'after'])
  expect(asked).toHaveLength(1)
})
