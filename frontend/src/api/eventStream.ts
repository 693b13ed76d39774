import { isInside } from '../lib/paths'
import type { PageMessage, PresenceEvent, SignedOutEvent, StudioEvent } from './eventTypes'

/** A page, as the stream sees it. */
export interface Listener {
  receive: (event: StudioEvent | PresenceEvent | SignedOutEvent) => void
}

interface Page {
  folders: string[]
  open: string[]
  seen: number
}

/** Background pages' timers run once a minute, so a page is given up only after a few of those. */
const silentFor = 200_000
const longestPause = 30_000
const longestAnswer = 15_000

/**
 * One connection to `/api/events` for every page of this browser: browsers allow six connections per host.
 * It is open while some page watches a folder. What a page has read of a folder before the studio began to tell of it,
 * at first or after a gap, may be old: the folder is read again.
 */
export class EventStream {
  private pages = new Map<Listener, Page>()
  private source: EventSource | null = null
  private stream: string | null = null
  private base = ''
  private csrfToken = ''
  private told = ''
  private pause = 500
  private retry: ReturnType<typeof setTimeout> | undefined
  /** The folders that the studio tells of by now. */
  private heard = new Set<string>()
  private telling: Promise<void> = Promise.resolve()
  /** What the studio last said of each path that somebody has open. */
  private present = new Map<string, PresenceEvent>()

  handle(listener: Listener, message: PageMessage): void {
    if (message.type === 'bye') this.pages.delete(listener)
    else if (message.type === 'alive') this.renew(listener)
    else this.watch(listener, message)
    this.forgetSilentPages()
    this.forgetPresenceOutside(this.openPaths())
    this.update()
  }

  private renew(listener: Listener): void {
    const page = this.pages.get(listener)
    if (page) page.seen = Date.now()
  }

  private watch(listener: Listener, message: PageMessage & { type: 'watch' }): void {
    const isNewSession = this.csrfToken !== '' && this.csrfToken !== message.csrfToken
    this.base = message.base
    this.csrfToken = message.csrfToken
    this.pages.set(listener, { folders: message.folders, open: message.open, seen: Date.now() })
    for (const event of this.present.values()) this.spreadPresence(event, [listener])
    if (isNewSession) this.close()
  }

  private forgetSilentPages(): void {
    const oldest = Date.now() - silentFor
    for (const [listener, page] of this.pages) if (page.seen < oldest) this.pages.delete(listener)
  }

  private folders(): string[] {
    return [...new Set([...this.pages.values()].flatMap((page) => page.folders))].sort()
  }

  private openPaths(): string[] {
    return [...new Set([...this.pages.values()].flatMap((page) => page.open))].sort().slice(0, 100)
  }

  private update(): void {
    if (this.folders().length === 0) {
      this.close()
      return
    }
    if (!this.source) this.open()
    else if (this.stream) void this.tell(this.stream)
  }

  private open(): void {
    clearTimeout(this.retry)
    const source = new EventSource(`${this.base}/api/events`)
    this.source = source
    source.addEventListener('hello', (event) => {
      this.stream = (JSON.parse(event.data) as { stream: string }).stream
      this.told = ''
      this.pause = 500
      this.forgetPresence()
      void this.tell(this.stream)
    })
    source.addEventListener('files', (event) => this.spread({ type: 'files', ...JSON.parse(event.data) }))
    source.addEventListener('rescan', (event) => this.spread({ type: 'rescan', ...JSON.parse(event.data) }))
    source.addEventListener('presence', (event) => this.meet({ type: 'presence', ...JSON.parse(event.data) }))
    source.onerror = () => {
      this.reopenLater()
      void this.askWhetherSignedIn()
    }
  }

  /** An EventSource does not say why it ended. */
  private async askWhetherSignedIn(): Promise<void> {
    try {
      const answer = await fetch(`${this.base}/api/auth/session`, { signal: AbortSignal.timeout(longestAnswer) })
      if (answer.status !== 401) return
      for (const listener of this.pages.keys()) listener.receive({ type: 'signed out' })
    } catch {
      // The studio is away; the stream is tried again, and so is this.
    }
  }

  private reopenLater(): void {
    this.close()
    this.retry = setTimeout(() => this.update(), this.pause)
    this.pause = Math.min(this.pause * 2, longestPause)
  }

  private close(): void {
    clearTimeout(this.retry)
    this.source?.close()
    this.source = null
    this.stream = null
    this.told = ''
    this.heard.clear()
  }

  /** The studio tells of these folders from now on. */
  private hears(folders: string[]): void {
    const unheard = folders.filter((folder) => !this.heard.has(folder))
    this.heard = new Set(folders)
    for (const folder of unheard) this.spread({ type: 'rescan', folder })
  }

  /** One after the other: the list that is sent last has to be the one that counts. */
  private tell(stream: string): Promise<void> {
    this.telling = this.telling.then(() => this.sendLists(stream))
    return this.telling
  }

  private async sendLists(stream: string): Promise<void> {
    if (stream !== this.stream) return
    const folders = this.folders()
    const list = JSON.stringify({ watch: folders, open: this.openPaths() })
    if (list === this.told) return
    this.told = list
    try {
      const answer = await fetch(`${this.base}/api/events/${encodeURIComponent(stream)}`, {
        method: 'PUT',
        credentials: 'same-origin',
        headers: { 'Content-Type': 'application/json', 'X-CSRF-Token': this.csrfToken },
        body: list,
        signal: AbortSignal.timeout(longestAnswer),
      })
      if (stream !== this.stream) return
      if (answer.ok) this.hears(folders)
      else this.reopenLater()
    } catch {
      if (stream === this.stream) this.reopenLater()
    }
  }

  private spread(event: StudioEvent): void {
    for (const [listener, page] of this.pages) {
      if (page.folders.includes(event.folder)) listener.receive(event)
    }
  }

  private meet(event: PresenceEvent): void {
    if (event.users.length > 0) this.present.set(event.path, event)
    else this.present.delete(event.path)
    this.spreadPresence(event, this.pages.keys())
  }

  /** A new stream is told anew who is there. */
  private forgetPresence(): void {
    for (const { path } of [...this.present.values()]) this.meet({ type: 'presence', path, users: [] })
  }

  /** Of what nobody here has open the studio tells nothing more. */
  private forgetPresenceOutside(open: readonly string[]): void {
    for (const path of [...this.present.keys()]) {
      if (!open.some((each) => isInside(path, each))) this.present.delete(path)
    }
  }

  private spreadPresence(event: PresenceEvent, listeners: Iterable<Listener>): void {
    for (const listener of listeners) {
      const open = this.pages.get(listener)?.open ?? []
      if (open.some((path) => isInside(event.path, path))) listener.receive(event)
    }
  }
}
