/** Text that is not on disk yet, kept in this browser until it is: in IndexedDB, per user and path. */
export interface Draft {
  user: string
  path: string
  /** Two windows with the same file keep a draft each. */
  id: string
  /** What the file said when the edits began, and the version it was. */
  base: string
  etag: string
  text: string
  /** When it was typed, in milliseconds. */
  at: number
  /** The studio was away when it was kept: the person is asked before it is put in again. */
  offline: boolean
}

export const mostDraftCharacters = 20_000_000
export const keptDays = 60

let opened: Promise<IDBDatabase> | null = null

function database(): Promise<IDBDatabase> {
  opened ??= new Promise((resolve, reject) => {
    const request = indexedDB.open('pfstudio', 1)
    request.onupgradeneeded = () => request.result.createObjectStore('drafts', { keyPath: ['user', 'path', 'id'] })
    request.onsuccess = () => {
      request.result.onversionchange = () => request.result.close()
      resolve(request.result)
    }
    request.onerror = () => reject(request.error)
  })
  opened.catch(() => {
    opened = null
  })
  return opened
}

async function run<T>(mode: IDBTransactionMode, act: (store: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  const transaction = (await database()).transaction('drafts', mode)
  const request = act(transaction.objectStore('drafts'))
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve(request.result)
    transaction.onerror = () => reject(transaction.error)
    transaction.onabort = () => reject(transaction.error)
  })
}

export type DraftKey = Pick<Draft, 'user' | 'path' | 'id'>

/** A file's drafts, the oldest first. */
export async function readDrafts(user: string, path: string): Promise<Draft[]> {
  const range = IDBKeyRange.bound([user, path, ''], [user, path, []])
  const drafts = await run<Draft[]>('readonly', (store) => store.getAll(range))
  return drafts.sort((a, b) => a.at - b.at)
}

export const allDrafts = (): Promise<Draft[]> => run<Draft[]>('readonly', (store) => store.getAll())

export const deleteDraft = ({ user, path, id }: DraftKey): Promise<undefined> =>
  run('readwrite', (store) => store.delete([user, path, id]))

/** Keep a draft; where the browser has no room left, older ones go for it. */
export async function writeDraft(draft: Draft): Promise<void> {
  try {
    await run('readwrite', (store) => store.put(draft))
  } catch (error) {
    const others = draftsToDrop(await allDrafts(), draft.at, draft.text.length + draft.base.length, draft)
    if (others.length === 0) throw error
    await Promise.all(others.map(deleteDraft))
    await run('readwrite', (store) => store.put(draft))
  }
}

/** Which to forget: those too old, then the oldest, until `needed` more characters fit. */
export function draftsToDrop(drafts: readonly Draft[], now: number, needed = 0, keep?: DraftKey): Draft[] {
  const oldest = now - keptDays * 86_400_000
  let room = mostDraftCharacters - needed
  const newestFirst = [...drafts].sort((a, b) => b.at - a.at)
  return newestFirst.filter((draft) => {
    if (draft.user === keep?.user && draft.path === keep.path && draft.id === keep.id) return false
    room -= draft.text.length + draft.base.length
    return draft.at < oldest || room < 0
  })
}

export async function cleanUpDrafts(): Promise<void> {
  for (const draft of draftsToDrop(await allDrafts(), Date.now())) await deleteDraft(draft)
}
