/** The verbs of the command line, all but those that run the server itself. */

import { Option, type Command } from 'commander'
import { parseInstant, parseKey, parsePrimary, parseSecondary, parseWhole } from './arguments.ts'
import { Client } from './client.ts'
import { variable } from './environment.ts'
import { disableOutgoing, enableOutgoing, linkZone, notifySecondaries, unlinkZone } from './outgoing.ts'
import { openTerminal, type Terminal } from './output.ts'
import { addRecord, changeRecord, importRecords, listRecords, removeRecord } from './record.ts'
import { complain, endWithReader } from './run.ts'
import { showStatus } from './status.ts'
import { createToken, listGroups, listTokens, revokeToken, rollToken, showToken, verifyToken } from './token.ts'
import { listTransfers, startTransfer } from './transfer.ts'
import { addZone, exportZone, listZones, removeZone, showZone } from './zone.ts'
import { zoneSettings } from './zone-settings.ts'

/** What every verb gets: the server, the terminal, and whether to print JSON. */
export interface Session {
  readonly client: Client
  readonly terminal: Terminal
  readonly json: boolean
}

interface ClientOptions {
  readonly url?: string
  readonly token?: string
  readonly json?: boolean
}

const DEFAULT_URL = 'http://127.0.0.1:8053'

/** Runs one verb with the session its options describe. */
function verb<Args extends unknown[]>(act: (session: Session, ...args: Args) => Promise<void>) {
  return (...args: [...Args, Command]): Promise<void> => {
    const command = args.at(-1) as Command
    endWithReader()
    const given = command.optsWithGlobals<ClientOptions>()
    const url = given.url ?? variable('TWINZONE_URL') ?? DEFAULT_URL
    const token = given.token ?? variable('TWINZONE_TOKEN')
    const client = new Client({ url, token, heard: complain })
    const session = { client, terminal: openTerminal(), json: given.json ?? false }
    return act(session, ...(args.slice(0, -1) as Args))
  }
}

export function addClientCommands(program: Command): void {
  addZoneCommands(program.command('zone').description('zones: add, list, show, export, remove'))
  addRecordCommands(
    program.command('record').description('records of zones that are edited here, and overrides in others'),
  )
  addOutgoingCommands(program.command('outgoing').description('to whom zones are handed on'))
  addTokenCommands(program.command('token').description('API tokens: make, list, show, roll, revoke, verify'))
  addTransferCommands(program.command('transfer').description('transfers: start one, list what happened'))
  withClientOptions(program.command('status').description('how the server and its zones stand')).action(
    verb(showStatus),
  )
}

function addZoneCommands(zone: Command): void {
  withClientOptions(zone.command('add'))
    .description('follow a zone from other nameservers, or begin one that is edited here')
    .argument('<name>', 'name of the zone')
    .addOption(
      new Option('--type <type>', 'full: edited here; secondary: follows primaries')
        .choices(['full', 'secondary'])
        .default('secondary'),
    )
    .option('--primary <address[:port]>', 'where the zone comes from; may be repeated', collect(parsePrimary))
    .addOption(keyOption())
    .option('--account <name>', 'account of the zone, if there are several')
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
  withClientOptions(zone.command('settings'))
    .description('how a zone is answered for: show it, and change what is given')
    .argument('<name>', 'name of the zone')
    .argument(
      '[member=value...]',
      'say multi_provider=true or soa.refresh=3600; soa.mname, soa.rname and serial may be default',
    )
    .action(verb(zoneSettings))
  withClientOptions(zone.command('remove'))
    .description('stop serving a zone and forget it')
    .argument('<name>', 'name of the zone')
    .action(verb(removeZone))
}

function addRecordCommands(record: Command): void {
  const zone = ['<zone>', 'name of the zone'] as const
  const which = ['<record>', 'its id, its name, or NAME/TYPE'] as const
  withClientOptions(record.command('list'))
    .description('records of a zone')
    .argument(...zone)
    .option('--type <types>', 'of these types only, with commas between them')
    .option('--name <name>', 'of this name only')
    .option('--search <text>', 'with this text in name, content, comment or tags')
    .action(verb(listRecords))
  withRecordOptions(withClientOptions(record.command('add')))
    .description('make a record')
    .argument(...zone)
    .argument('<name>', 'its name, whole or relative to the zone; @ for the zone itself')
    .argument('<type>', 'A, MX, TXT, …')
    .argument('<content...>', 'its data, a priority first; names in it are whole names')
    .action(verb(addRecord))
  withRecordOptions(withClientOptions(record.command('change')))
    .description('change a record; what is not named stays')
    .argument(...zone)
    .argument(...which)
    .option('--name <name>', 'another name')
    .option('--content <content>', 'other data')
    .option('--no-proxied', 'answer with its own addresses')
    .action(verb(changeRecord))
  withClientOptions(record.command('import'))
    .description('add the records of a master file, all or none')
    .argument(...zone)
    .argument('<file>', 'the file; - for standard input')
    .option('--proxied', 'proxy what can be proxied and does not say otherwise itself')
    .action(verb(importRecords))
  withClientOptions(record.command('remove'))
    .description('take a record away')
    .argument(...zone)
    .argument(...which)
    .action(verb(removeRecord))
}

function withRecordOptions(command: Command): Command {
  return command
    .option('--ttl <seconds>', 'seconds it may be kept; 1 leaves it to the server', ttlSeconds)
    .option('--proxied', 'answer with the addresses of proxies')
    .option('--comment <text>', 'a note for people')
    .option('--tag <name[:value]>', 'a tag; may be repeated', collect(String))
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

function addOutgoingCommands(outgoing: Command): void {
  const zone = ['<zone>', 'name of the zone'] as const
  const secondary = new Option(
    '--secondary <address[:port]>',
    'where a secondary asks from and is told; may be repeated',
  )
  withClientOptions(outgoing.command('link'))
    .description('hand a zone on to secondaries, besides those it has')
    .argument(...zone)
    .addOption(secondary.argParser(collect(parseSecondary)).makeOptionMandatory())
    .addOption(keyOption())
    .action(verb(linkZone))
  withClientOptions(outgoing.command('unlink'))
    .description('hand a zone on to nobody, and forget to whom it was')
    .argument(...zone)
    .action(verb(unlinkZone))
  withClientOptions(outgoing.command('enable'))
    .description('let the secondaries of a zone have it')
    .argument(...zone)
    .action(verb(enableOutgoing))
  withClientOptions(outgoing.command('disable'))
    .description('let nobody have a zone, and remember its secondaries')
    .argument(...zone)
    .action(verb(disableOutgoing))
  withClientOptions(outgoing.command('notify'))
    .description('tell the secondaries of a zone that it has changed; they get all of it')
    .argument(...zone)
    .action(verb(notifySecondaries))
}

function addTokenCommands(token: Command): void {
  const which = ['<token>', 'its name or its id'] as const
  withOwnerOptions(token.command('create'))
    .description('make a token, and tell its value this once')
    .argument('<name>', 'what it is for')
    .option('--allow <group>', 'permission group, for example "DNS Write"; may be repeated', collect(String))
    .option('--zone <name>', 'zone that groups about zones are for; may be repeated; without it all', collect(String))
    .option('--except <name>', 'all zones but this one; may be repeated', collect(String))
    .option('--from <network>', 'network that it may be used from; may be repeated', collect(String))
    .option('--not-from <network>', 'network that it may not be used from; may be repeated', collect(String))
    .option('--expires <time>', 'as 2030-01-31 (when it begins, UTC), 2030-01-31T12:00:00Z, or 90d from now', instant)
    .option('--not-before <time>', 'the same for when it begins to be valid', instant)
    .action(verb(createToken))
  withOwnerOptions(token.command('list')).description('all tokens, expired ones too').action(verb(listTokens))
  withOwnerOptions(token.command('show'))
    .description('what a token may do, and where')
    .argument(...which)
    .action(verb(showToken))
  withOwnerOptions(token.command('roll'))
    .description('give a token a new value, and tell it this once')
    .argument(...which)
    .action(verb(rollToken))
  withOwnerOptions(token.command('revoke'))
    .description('remove a token: it counts no more')
    .argument(...which)
    .action(verb(revokeToken))
  withClientOptions(token.command('verify')).description('whether the token in use works').action(verb(verifyToken))
  withClientOptions(token.command('groups')).description('all permission groups').action(verb(listGroups))
}

function withOwnerOptions(command: Command): Command {
  return withClientOptions(command)
    .option('--user', 'tokens of the user in place of those of an account')
    .option('--account <name>', 'the account, if there are several')
}

function withClientOptions(command: Command): Command {
  return command
    .option('--url <url>', `the server; TWINZONE_URL without it, else ${DEFAULT_URL}`)
    .option('--token <token>', 'API token; TWINZONE_TOKEN without it')
    .option('--json', 'print JSON')
}

const refreshSeconds = parseWhole('seconds', { min: 300, max: 2_147_483_647 })

const instant = (text: string) => parseInstant(text, Date.now())

const ttlSeconds = parseWhole('seconds', { min: 1, max: 86_400 })

function keyOption(): Option {
  const says = 'key that both sides sign with, the secret in base64, or as @FILE in a file'
  return new Option('--tsig <name:algorithm:secret>', says).argParser(parseKey)
}

/** Gathers the values of an option that may be repeated. */
function collect<Value>(parse: (text: string) => Value) {
  return (text: string, before: readonly Value[] = []): readonly Value[] => [...before, parse(text)]
}
