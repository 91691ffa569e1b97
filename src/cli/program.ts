/** The verbs of the command line, all but those that run the server itself. */

import { Option, type Command } from 'commander'
import { parseKey, parsePrimary, parseWhole } from './arguments.ts'
import { Client } from './client.ts'
import { openTerminal, type Terminal } from './output.ts'
import { endWithReader } from './run.ts'
import { showStatus } from './status.ts'
import { listTransfers, startTransfer } from './transfer.ts'
import { addZone, exportZone, listZones, removeZone, showZone } from './zone.ts'

/** What every verb gets: the server, the terminal, and whether to print JSON. */
export interface Session {
  readonly client: Client
  readonly terminal: Terminal
  readonly json: boolean
}

interface ClientOptions {
  readonly url: string
  readonly token?: string
  readonly json?: boolean
}

/** Runs one verb with the session its options describe. */
function verb<Args extends unknown[]>(act: (session: Session, ...args: Args) => Promise<void>) {
  return (...given: [...Args, Command]): Promise<void> => {
    const command = given.at(-1) as Command
    endWithReader()
    const { url, token, json = false } = command.optsWithGlobals<ClientOptions>()
    const session = { client: new Client({ url, token }), terminal: openTerminal(), json }
    return act(session, ...(given.slice(0, -1) as Args))
  }
}

export function addClientCommands(program: Command): void {
  addZoneCommands(program.command('zone').description('zones: add, list, show, export, remove'))
  addTransferCommands(program.command('transfer').description('transfers: start one, list what happened'))
  withClientOptions(program.command('status').description('how the server and its zones stand')).action(
    verb(showStatus),
  )
}

function addZoneCommands(zone: Command): void {
  withClientOptions(zone.command('add'))
    .description('follow a zone from other nameservers')
    .argument('<name>', 'name of the zone')
    .requiredOption('--primary <address[:port]>', 'where the zone comes from; may be repeated', collect(parsePrimary))
    .option('--tsig <name:algorithm:secret>', 'key that both sides sign with, the secret in base64', parseKey)
    .option('--no-ixfr', 'ask for full transfers only')
    .option('--refresh <seconds>', "seconds between checks instead of the zone's own timers", refreshSeconds)
    .option('--wait', 'wait until the zone has arrived')
    .action(verb(addZone))
  withClientOptions(zone.command('list')).description('all zones with serial and state').action(verb(listZones))
  withClientOptions(zone.command('show'))
    .description('one zone in full')
    .argument('<name>', 'name of the zone')
    .action(verb(showZone))
  withClientOptions(zone.command('export'))
    .description('print a zone as a master file')
    .argument('<name>', 'name of the zone')
    .action(verb(exportZone))
  withClientOptions(zone.command('remove'))
    .description('stop serving a zone and forget it')
    .argument('<name>', 'name of the zone')
    .action(verb(removeZone))
}

function addTransferCommands(transfer: Command): void {
  withClientOptions(transfer.command('start'))
    .description('check a zone now, and fetch it if there is something newer')
    .argument('<zone>', 'name of the zone')
    .option('--full', 'fetch all of it whatever the serials say')
    .option('--wait', 'wait for the end and show how far it is')
    .action(verb(startTransfer))
  withClientOptions(transfer.command('list'))
    .description('checks and transfers of a zone, newest first')
    .argument('<zone>', 'name of the zone')
    .option('--limit <count>', 'how many', parseWhole('a count', { min: 1, max: 1000 }), 20)
    .action(verb(listTransfers))
}

function withClientOptions(command: Command): Command {
  return command
    .addOption(new Option('--url <url>', 'the server').env('TWINZONE_URL').default('http://127.0.0.1:8053'))
    .addOption(new Option('--token <token>', 'API token').env('TWINZONE_TOKEN'))
    .option('--json', 'print JSON')
}

const refreshSeconds = parseWhole('seconds', { min: 300, max: 2_147_483_647 })

/** Gathers the values of an option that may be repeated. */
function collect<Value>(parse: (text: string) => Value) {
  return (text: string, before: readonly Value[] = []): readonly Value[] => [...before, parse(text)]
}
