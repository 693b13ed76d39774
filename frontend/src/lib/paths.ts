/** Paths inside the share: `/` between names, no leading slash. */

export function joinPath(folder: string, name: string): string {
  return folder === '' ? name : `${folder}/${name}`
}

export function parentPath(path: string): string {
  const slash = path.lastIndexOf('/')
  return slash < 0 ? '' : path.slice(0, slash)
}

export function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

export function isInside(path: string, folder: string): boolean {
  return folder === '' || path === folder || path.startsWith(`${folder}/`)
}

/** The folders above `path`, outermost first, without the share itself. */
export function ancestorPaths(path: string): string[] {
  const names = path.split('/').slice(0, -1)
  return names.map((_, index) => names.slice(0, index + 1).join('/'))
}

/** `path` in a URL: each name percent-encoded once, slashes kept. */
export function encodePath(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/')
}

/** Whose folder a path is in: `Users/<owner>/…`. */
export function ownerOf(path: string): string | null {
  const [top, owner] = path.split('/')
  return top === 'Users' && owner ? owner : null
}

const reserved = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i

/** Why `name` cannot name a file or folder, or null. */
export function nameProblem(name: string): string | null {
  if (name.trim() === '') return 'Enter a name.'
  if (name !== name.trim()) return 'A name cannot begin or end with a space.'
  if (name === '.' || name === '..') return 'This name means a folder itself. Choose another.'
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are exactly what is refused.
  if (/[/\\\u0000-\u001f\u007f]/.test(name)) return 'A name cannot contain a slash, a backslash or a line break.'
  if (new TextEncoder().encode(name).length > 255) return 'A name can be 255 bytes long at most.'
  if (/[<>:"|?*]/.test(name)) return 'A name cannot contain any of < > : " | ? * (Windows cannot store it).'
  if (/[. ]$/.test(name)) return 'A name cannot end with a dot.'
  if (reserved.test(name)) return `Windows keeps the name ‘${name}’ for itself. Choose another.`
  return null
}

/** `name`, or `name-2`, `name-3`, … that is not taken. */
export function freeName(name: string, taken: ReadonlySet<string>): string {
  if (!taken.has(name)) return name
  for (let number = 2; ; number += 1) {
    if (!taken.has(`${name}-${number}`)) return `${name}-${number}`
  }
}

/** `name (2).txt`: a path beside the one that is taken. */
export function numberedPath(path: string, number: number): string {
  if (number < 2) return path
  const slash = path.lastIndexOf('/')
  const dot = path.lastIndexOf('.')
  const end = dot > slash + 1 ? dot : path.length
  return `${path.slice(0, end)} (${number})${path.slice(end)}`
}
