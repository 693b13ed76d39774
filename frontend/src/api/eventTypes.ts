/** What passes between pages, the shared worker and the studio's event stream. */

export interface FileChange {
  path: string
  kind: 'created' | 'changed' | 'deleted'
}

export type StudioEvent =
  | { type: 'files'; folder: string; changes: FileChange[] }
  /** More changed than could be listed, or some changes were missed: read the folder again. */
  | { type: 'rescan'; folder: string }

/** Who has a flow or file open now. */
export interface PresenceEvent {
  type: 'presence'
  path: string
  users: string[]
}

/** From a page to the worker. */
export type PageMessage =
  | { type: 'watch'; base: string; csrfToken: string; folders: string[]; open: string[] }
  | { type: 'alive' }
  | { type: 'bye' }

/** The session that the stream was opened with has ended. */
export interface SignedOutEvent {
  type: 'signed out'
}
