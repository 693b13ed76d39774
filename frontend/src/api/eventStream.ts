import type { PageMessage, StudioEvent } from './eventTypes'

/** A page, as the stream sees it. */
export interface Listener {
  receive: (event: StudioEvent) => void
}

interface Page {
  folders: string[]
  seen: number
}

/** Background pages' timers run once a minute, so a page is given up only after a few of those. */
const silentFor = 200_000
const longestPause = 30_000

/**
 * One connection to `/api/events` for every page of this browser: browsers allow six connections per host.
 * It is open while some page watches a folder. After a gap every watched folder is read again.
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
  private hadGap = false

  handle(listener: Listener, message: PageMessage): void {
    if (message.type === 'bye') this.pages.delete(listener)
    else if (message.type === 'alive') this.renew(listener)
    else this.watch(listener, message)
    this.forgetSilentPages()
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
    this.pages.set(listener, { folders: message.folders, seen: Date.now() })
    if (isNewSession) this.close()
  }

  private forgetSilentPages(): void {
    const oldest = Date.now() - silentFor
    for (const [listener, page] of this.pages) if (page.seen < oldest) this.pages.delete(listener)
  }

  private folders(): string[] {
    return [...new Set([...this.pages.values()].flatMap((page) => page.folders))].sort()
  }

  private update(): void {
    const folders = this.folders()
    if (folders.length === 0) {
      this.close()
      return
    }
    if (!this.source) this.open()
    else if (this.stream) void this.tell(this.stream, folders)
  }

  private open(): void {
    clearTimeout(this.retry)
    const source = new EventSource(`${this.base}/api/events`)
    this.source = source
    source.addEventListener('hello', (event) => {
      this.stream = (JSON.parse(event.data) as { stream: string }).stream
      this.told = ''
      this.pause = 500
      void this.tell(this.stream, this.folders()).then(() => this.announceGap())
    })
    source.addEventListener('files', (event) => this.spread({ type: 'files', ...JSON.parse(event.data) }))
    source.addEventListener('rescan', (event) => this.spread({ type: 'rescan', ...JSON.parse(event.data) }))
    source.onerror = () => this.reopenLater()
  }

  private reopenLater(): void {
    this.close()
    this.hadGap = true
    this.retry = setTimeout(() => this.update(), this.pause)
    this.pause = Math.min(this.pause * 2, longestPause)
  }

  private close(): void {
    clearTimeout(this.retry)
    this.source?.close()
    this.source = null
    this.stream = null
    this.told = ''
  }

  private announceGap(): void {
    if (!this.hadGap) return
    this.hadGap = false
    for (const folder of this.folders()) this.spread({ type: 'rescan', folder })
  }

  private async tell(stream: string, folders: string[]): Promise<void> {
    const list = JSON.stringify({ watch: folders })
    if (list === this.told) return
    this.told = list
    try {
      const answer = await fetch(`${this.base}/api/events/${encodeURIComponent(stream)}`, {
        method: 'PUT',
        credentials: 'same-origin',
        headers: { 'Content-Type': 'application/json', 'X-CSRF-Token': this.csrfToken },
        body: list,
      })
      if (!answer.ok && stream === this.stream) this.reopenLater()
    } catch {
      if (stream === this.stream) this.reopenLater()
    }
  }

  private spread(event: StudioEvent): void {
    for (const [listener, page] of this.pages) {
      if (page.folders.includes(event.folder)) listener.receive(event)
    }
  }
}
