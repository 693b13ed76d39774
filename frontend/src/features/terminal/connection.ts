import { csrfToken } from '../../api/signedIn'
import { address } from '../../lib/base'

export interface Size {
  columns: number
  rows: number
}

/** Why a terminal is over. `lost` is not: it is being connected again. */
export type EndReason =
  | 'exited'
  | 'closed'
  | 'admin'
  | 'off'
  | 'idle'
  | 'limit'
  | 'signed_out'
  | 'taken'
  | 'refused'
  | 'gone'

export type ConnectionState =
  | { kind: 'connecting' | 'open' | 'lost' }
  | { kind: 'over'; reason: EndReason; detail: string | null }

export interface Screen {
  /** What size a terminal has to have now. */
  size: () => Size
  /** Everything printed so far is to be forgotten; what comes next is the whole of it. */
  clear: () => void
  /** Print; `isReplay` where programs have had their answers already, `done` once it is shown. */
  print: (data: Uint8Array, isReplay: boolean, done: () => void) => void
}

interface Told {
  type: 'attached' | 'refused' | 'over'
  id: string
  start: number
  replayed: number
  is_whole: boolean
  code: string
  reason: EndReason
  detail: string | null
}

const over = 4001
const refused = 4000
const largestPiece = 16 * 1024
const tellEvery = 64 * 1024
const tellWithin = 100
const longestPause = 8000

/** The page's end of one terminal. It comes back by itself when the connection is lost, and prints what it missed. */
export class TerminalConnection {
  private id: string | null
  private readonly folder: string
  private readonly screen: Screen
  private readonly onState: (state: ConnectionState) => void
  private readonly onOpened: (id: string) => void
  private socket: WebSocket | null = null
  private seen: number | null = null
  private replayLeft = 0
  private shown = 0
  private telling: ReturnType<typeof setTimeout> | null = null
  private waiting: ReturnType<typeof setTimeout> | null = null
  private pause = 250
  private isClosed = false
  private readonly encoder = new TextEncoder()

  /** Of a terminal that runs by its `id`; of a new one in `folder` where that is null. */
  constructor(
    id: string | null,
    folder: string,
    screen: Screen,
    onState: (state: ConnectionState) => void,
    onOpened: (id: string) => void,
  ) {
    this.id = id
    this.folder = folder
    this.screen = screen
    this.onState = onState
    this.onOpened = onOpened
    this.connect()
  }

  type(text: string): void {
    this.send(this.encoder.encode(text))
  }

  typeBytes(binary: string): void {
    this.send(Uint8Array.from(binary, (character) => character.charCodeAt(0)))
  }

  resize(size: Size): void {
    this.tell({ type: 'resize', ...size })
  }

  /** Leave the terminal. It goes on without the page. */
  close(): void {
    this.isClosed = true
    if (this.waiting) clearTimeout(this.waiting)
    if (this.telling) clearTimeout(this.telling)
    this.socket?.close()
  }

  /** Show it here again, after another page took it or at once after it was lost. */
  connect(): void {
    if (this.waiting) clearTimeout(this.waiting)
    this.waiting = null
    const { columns, rows } = this.screen.size()
    const query = new URLSearchParams({ columns: String(columns), rows: String(rows) })
    if (this.id === null) query.set('folder', this.folder)
    else query.set('terminal', this.id)
    if (this.id !== null && this.seen !== null) query.set('seen', String(this.seen))
    const place = new URL(`${address('/api/terminal')}?${query}`, location.href)
    place.protocol = place.protocol === 'https:' ? 'wss:' : 'ws:'
    // A page can give a WebSocket no headers, so the token goes among the protocols.
    const socket = new WebSocket(place, ['pfstudio.terminal', `csrf.${csrfToken() ?? ''}`])
    socket.binaryType = 'arraybuffer'
    this.socket = socket
    this.onState({ kind: 'connecting' })
    socket.onmessage = ({ data }) => this.receive(socket, data)
    socket.onclose = ({ code }) => this.closed(socket, code)
  }

  private receive(socket: WebSocket, data: string | ArrayBuffer): void {
    if (socket !== this.socket) return
    if (typeof data === 'string') this.hear(JSON.parse(data) as Told)
    else this.print(new Uint8Array(data))
  }

  private hear(told: Told): void {
    if (told.type === 'over') this.onState({ kind: 'over', reason: told.reason, detail: told.detail })
    if (told.type === 'refused') {
      const reason = told.code === 'terminal_not_found' ? 'gone' : 'refused'
      this.onState({ kind: 'over', reason, detail: told.detail })
    }
    if (told.type !== 'attached') return
    this.id = told.id
    this.pause = 250
    this.shown = 0
    if (told.is_whole && this.seen !== null) this.screen.clear()
    this.seen = told.start
    this.replayLeft = told.is_whole ? told.replayed : 0
    this.onState({ kind: 'open' })
    this.onOpened(told.id)
    this.resize(this.screen.size())
  }

  private print(data: Uint8Array): void {
    const socket = this.socket
    const isReplay = this.replayLeft > 0
    this.replayLeft -= data.length
    this.seen = (this.seen ?? 0) + data.length
    this.screen.print(data, isReplay, () => {
      if (socket === this.socket) this.countShown(data.length)
    })
  }

  private countShown(count: number): void {
    this.shown += count
    if (this.shown >= tellEvery) this.tellShown()
    else this.telling ??= setTimeout(() => this.tellShown(), tellWithin)
  }

  private tellShown(): void {
    if (this.telling) clearTimeout(this.telling)
    this.telling = null
    this.tell({ type: 'shown', count: this.shown })
    this.shown = 0
  }

  private closed(socket: WebSocket, code: number): void {
    if (socket !== this.socket || this.isClosed || code === over || code === refused) return
    this.socket = null
    this.onState({ kind: 'lost' })
    this.waiting = setTimeout(() => this.connect(), this.pause)
    this.pause = Math.min(this.pause * 2, longestPause)
  }

  private send(bytes: Uint8Array<ArrayBuffer>): void {
    if (this.socket?.readyState !== WebSocket.OPEN) return
    for (let at = 0; at < bytes.length; at += largestPiece) this.socket.send(bytes.subarray(at, at + largestPiece))
  }

  private tell(message: object): void {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(message))
  }
}
