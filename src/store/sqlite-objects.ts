/** The objects of the control plane in SQLite: one table per kind, the secret of a TSIG key sealed. */

import { StoreError } from './error.ts'
import { idOf, OBJECT_FIELDS, OBJECT_KINDS } from './objects.ts'
import type { ObjectKind, Put, StoredObject, Tsig } from './objects.ts'
import type { Seal } from './seal.ts'
import { prepare, type Database, type Statement } from './sqlite.ts'

/** One row: the object, and for a TSIG key the sealed secret. */
interface Row {
  readonly object: string
  readonly sealed?: Uint8Array
}

interface Table {
  readonly all: Statement
  readonly put: Statement
  readonly remove: Statement
}

/** Reads and writes objects; the caller holds the transaction. */
export class SqliteObjects {
  readonly #database: Database
  readonly #seal: Seal
  readonly #tables: Record<ObjectKind, Table>
  readonly #found = new Map<string, Statement>()

  constructor(database: Database, seal: Seal) {
    this.#database = database
    this.#seal = seal
    const tables = OBJECT_KINDS.map((kind) => [kind, prepare(database, questionsAbout(kind))])
    this.#tables = Object.fromEntries(tables) as Record<ObjectKind, Table>
  }

  list(kind: ObjectKind, where: Readonly<Record<string, string>> = {}): StoredObject[] {
    const fields = Object.keys(where)
    const rows = fields.length === 0 ? this.#tables[kind].all.all() : this.#matching(kind, fields).all(where)
    return (rows as unknown as Row[]).map((row) => this.#objectOf(kind, row))
  }

  put({ put: kind, object }: Put): void {
    if (kind === 'tsig') this.#putTsig(object)
    else this.#tables[kind].put.run({ ...columnsOf(kind, object), object: JSON.stringify(object) })
  }

  remove(kind: ObjectKind, id: string): void {
    this.#tables[kind].remove.run(id)
  }

  #putTsig({ secret, ...object }: Tsig): void {
    const { keyId } = this.#seal
    const sealed = this.#seal.seal(secret, placeOf(object.id))
    const columns = columnsOf('tsig', { ...object, secret })
    this.#tables.tsig.put.run({ ...columns, keyId, sealed, object: JSON.stringify(object) })
  }

  #objectOf(kind: ObjectKind, row: Row): StoredObject {
    const object = JSON.parse(row.object) as StoredObject
    if (row.sealed === undefined) return object
    return { ...object, secret: this.#seal.open(row.sealed, placeOf(idOf(kind, object))) }
  }

  /** A question per set of fields, prepared when it is first asked. */
  #matching(kind: ObjectKind, fields: readonly string[]): Statement {
    const { key, searched } = OBJECT_FIELDS[kind]
    const unknown = fields.find((field) => field !== key && !(searched as readonly string[]).includes(field))
    if (unknown !== undefined) throw new TypeError(`objects of kind ${kind} cannot be found by ${unknown}`)
    const condition = fields.map((field) => `${columnName(field)} = :${field}`).join(' AND ')
    const sql = `SELECT ${shown(kind)} FROM ${tableName(kind)} WHERE ${condition} ORDER BY ${columnName(key)}`
    const known = this.#found.get(sql) ?? this.#database.prepare(sql)
    this.#found.set(sql, known)
    return known
  }
}

/** Throws unless every sealed secret was sealed with the key at hand. */
export function checkSeal(database: Database, seal: Seal | undefined): void {
  const { foreignKey } = prepare(database, {
    foreignKey: `SELECT 'TSIG key ' || name AS name, key_id AS keyId FROM tsig WHERE key_id <> :keyId
      UNION ALL SELECT 'secret ' || name, key_id FROM secret WHERE key_id <> :keyId LIMIT 1`,
  })
  const foreign = foreignKey.get({ keyId: seal?.keyId ?? '' }) as { name: string; keyId: string } | undefined
  if (foreign === undefined) return
  const hand = seal === undefined ? 'no key is there' : `the key at hand is ${seal.keyId}`
  throw new StoreError('wrong key', `${foreign.name} is sealed with key ${foreign.keyId}, ${hand}`)
}

function questionsAbout(kind: ObjectKind): Record<keyof Table, string> {
  const { key } = OBJECT_FIELDS[kind]
  const fields = [...fieldsOf(kind), ...(kind === 'tsig' ? ['keyId', 'sealed'] : []), 'object']
  const columns = fields.map(columnName).join(', ')
  const values = fields.map((field) => `:${field}`).join(', ')
  return {
    all: `SELECT ${shown(kind)} FROM ${tableName(kind)} ORDER BY ${columnName(key)}`,
    put: `INSERT OR REPLACE INTO ${tableName(kind)} (${columns}) VALUES (${values})`,
    remove: `DELETE FROM ${tableName(kind)} WHERE ${columnName(key)} = ?`,
  }
}

const shown = (kind: ObjectKind): string => (kind === 'tsig' ? 'object, sealed' : 'object')

const fieldsOf = (kind: ObjectKind): string[] => [OBJECT_FIELDS[kind].key, ...OBJECT_FIELDS[kind].searched]

function columnsOf(kind: ObjectKind, object: StoredObject): Record<string, string> {
  const values = object as unknown as Record<string, string>
  return Object.fromEntries(fieldsOf(kind).map((field) => [field, values[field] as string]))
}

/** `accountId` is the column `account_id`, and objects of the kind `zoneDnsSettings` are in `zone_dns_settings`. */
const columnName = (field: string): string => field.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)

const tableName = (kind: ObjectKind): string => columnName(kind)

const placeOf = (tsigId: string): string => `tsig:${tsigId}`
