/** Messages to another thread, of which each costs far more than what is in it: those of one turn travel together. */

/** A function that posts what it is given, with all that it is given until the promises that are kept by now have been heard. */
export function gathering<Message>(post: (messages: readonly Message[]) => void): (message: Message) => void {
  let gathered: Message[] = []
  const send = () => {
    const messages = gathered
    gathered = []
    post(messages)
  }
  return (message) => {
    if (gathered.push(message) === 1) process.nextTick(send)
  }
}
