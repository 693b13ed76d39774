import type { Connection, ConnectionChange, ConnectionField, ConnectionType } from '../../api/connections'

/** How every secret is shown: it goes in and never comes out. */
const hiddenSecret = '******'

/** One row of a custom connection. */
export interface CustomRow {
  id: number
  key: string
  /** Undefined for a stored secret that stays as it is. */
  value: string | undefined
  secret: boolean
  /** A secret stored before; its value is not known here. */
  stored: boolean
}

/** A connection while it is being edited. */
export interface Draft {
  name: string
  values: Record<string, string>
  /** Secrets that are being replaced; the others stay as stored. */
  secrets: Record<string, string>
  rows: CustomRow[]
}

type Flat = Record<string, unknown>
const carried = ['module', 'custom_type', 'package', 'package_version'] as const
let lastRow = 0

export function newRow(row: Partial<CustomRow> = {}): CustomRow {
  lastRow += 1
  return { key: '', value: '', secret: false, stored: false, ...row, id: lastRow }
}

/** The connection to the demo model, which the studio has built in. */
export function isDemo(connection: Connection | null): boolean {
  return connection?.name === 'demo' && connection.read_only
}

/** A type without keys of its own has whatever its user writes. */
export function isCustom(type: ConnectionType): boolean {
  return type.fields.length === 0
}

export function draftOf(type: ConnectionType, connection: Connection | null): Draft {
  const stored: Flat = connection ?? {}
  const values: Record<string, string> = {}
  for (const field of type.fields) {
    if (field.secret) continue
    const value = connection ? stored[field.name] : field.default
    values[field.name] = typeof value === 'string' ? value : ''
  }
  const rows = [
    ...Object.entries(connection?.configs ?? {}).map(([key, value]) => newRow({ key, value })),
    ...Object.keys(connection?.secrets ?? {}).map((key) =>
      newRow({ key, secret: true, stored: true, value: undefined }),
    ),
  ]
  if (rows.length === 0 && isCustom(type)) rows.push(newRow(), newRow({ secret: true }))
  return { name: connection?.name ?? '', values, secrets: {}, rows }
}

/** The fields to send; keys left empty are not sent. */
export function fieldsOf(type: ConnectionType, draft: Draft, connection: Connection | null): ConnectionChange {
  const body: Flat = {}
  for (const name of carried) {
    const value = (connection as Flat | null)?.[name]
    if (typeof value === 'string') body[name] = value
  }
  for (const field of type.fields) {
    const value = field.secret ? draft.secrets[field.name] : draft.values[field.name]
    if (value) body[field.name] = value.trim()
    else if (field.secret && connection && hasSecret(connection, field)) body[field.name] = hiddenSecret
  }
  if (isCustom(type)) {
    const rows = draft.rows.filter((row) => row.key.trim() !== '')
    const pick = (secret: boolean) =>
      Object.fromEntries(
        rows.filter((row) => row.secret === secret).map((row) => [row.key.trim(), row.value ?? hiddenSecret]),
      )
    body.configs = pick(false)
    body.secrets = pick(true)
  }
  return body as ConnectionChange
}

export function hasSecret(connection: Connection, field: ConnectionField): boolean {
  return Boolean((connection as Flat)[field.name])
}

/** Fields that make sense only when signing in with a key. */
export function isShown(field: ConnectionField, draft: Draft): boolean {
  return !(field.secret && draft.values.auth_mode === 'meid_token')
}

/** Why the draft cannot be saved yet, or null. */
export function draftProblem(type: ConnectionType, draft: Draft, connection: Connection | null): string | null {
  if (draft.name.trim() === '') return 'Enter a name.'
  if (/[^\w .-]/.test(draft.name)) return 'A name takes letters, digits, spaces, dots, hyphens and underscores.'
  for (const field of type.fields) {
    if (!isShown(field, draft)) continue
    const isStored = field.secret && connection !== null && hasSecret(connection, field)
    const isMissing = field.secret ? !draft.secrets[field.name] && !isStored : !draft.values[field.name]?.trim()
    const isNeeded = field.required || (field.secret && draft.values.auth_mode === 'key')
    if (isNeeded && isMissing) return `Enter ${fieldTitle(field.name)}.`
  }
  if (!isCustom(type)) return null
  const rows = draft.rows.filter((row) => row.key.trim() !== '')
  if (!rows.some((row) => row.secret)) return 'Add at least one secret.'
  const twice = rows.find((row, index) => rows.findIndex((other) => other.key.trim() === row.key.trim()) !== index)
  return twice ? `The key ‘${twice.key.trim()}’ is there twice.` : null
}

const titles: Record<string, string> = {
  api_key: 'API key',
  api_base: 'API base',
  api_type: 'API type',
  api_version: 'API version',
  auth_mode: 'Sign in with',
  base_url: 'Base URL',
  resource_id: 'Resource ID',
}

export function fieldTitle(name: string): string {
  const title = titles[name] ?? name.replaceAll('_', ' ')
  return title.charAt(0).toUpperCase() + title.slice(1)
}
