import { useEffect, useEffectEvent } from 'react'
import { basePath } from '../lib/base'
import { isInside } from '../lib/paths'
import { EventStream, type Listener } from './eventStream'
import type { PageMessage, PresenceEvent, SignedOutEvent, StudioEvent } from './eventTypes'
import { signedOut, useSignedIn } from './signedIn'

export type { FileChange, StudioEvent } from './eventTypes'

type Handler = (event: StudioEvent) => void

const watched = new Map<object, { folders: readonly string[]; handler: Handler }>()
const aliveEvery = 20_000
let post: ((message: PageMessage) => void) | null = null
let csrfToken: string | null = useSignedIn.getState().csrfToken

let openPaths: readonly string[] = []
let meet: (path: string, users: readonly string[]) => void = () => undefined

/** Say what is open on this page; `onPresence` hears who else has it open. */
export function setOpenPaths(paths: readonly string[], onPresence: typeof meet): void {
  openPaths = paths
  meet = onPresence
  tell()
}

function receive(event: StudioEvent | PresenceEvent | SignedOutEvent): void {
  if (event.type === 'signed out') {
    signedOut()
    return
  }
  if (event.type === 'presence') {
    meet(event.path, event.users)
    return
  }
  for (const { folders, handler } of watched.values()) {
    if (folders.some((folder) => folder === event.folder || isInside(event.folder, folder))) handler(event)
  }
}

/** A worker that all pages share; where there is none, a stream of this page's own. */
function connect(): (message: PageMessage) => void {
  if (typeof SharedWorker === 'undefined') {
    const stream = new EventStream()
    const listener: Listener = { receive }
    return (message) => stream.handle(listener, message)
  }
  const worker = new SharedWorker(new URL('./events.worker.ts', import.meta.url), {
    type: 'module',
    name: 'pfstudio events',
  })
  worker.port.onmessage = (message: MessageEvent<Parameters<typeof receive>[0]>) => receive(message.data)
  worker.port.start()
  return (message) => worker.port.postMessage(message)
}

let isTelling = false

/** What a page leaves and enters in one step is told as one. */
function tell(): void {
  if (isTelling) return
  isTelling = true
  queueMicrotask(() => {
    isTelling = false
    tellNow()
  })
}

function tellNow(): void {
  if (!csrfToken) return
  if (!post) {
    if (watched.size === 0) return
    post = connect()
    setInterval(() => post?.({ type: 'alive' }), aliveEvery)
    addEventListener('pagehide', () => post?.({ type: 'bye' }))
    addEventListener('pageshow', (event) => event.persisted && tell())
  }
  const folders = [...new Set([...watched.values()].flatMap((each) => each.folders))]
  post({ type: 'watch', base: location.origin + basePath, csrfToken, folders, open: [...openPaths] })
}

useSignedIn.subscribe((state) => {
  if (state.csrfToken === csrfToken) return
  csrfToken = state.csrfToken
  tell()
})

/** Calls `handler` for every change below the folders of `paths` (share paths), whoever made it. */
export function useEvents(paths: readonly string[], handler: Handler): void {
  const onEvent = useEffectEvent(handler)
  const key = paths.join('\n')
  useEffect(() => {
    if (key === '') return
    const id = {}
    watched.set(id, { folders: key.split('\n'), handler: (event) => onEvent(event) })
    tell()
    return () => {
      watched.delete(id)
      tell()
    }
  }, [key])
}
