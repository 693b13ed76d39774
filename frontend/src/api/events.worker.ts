import { EventStream, type Listener } from './eventStream'
import type { PageMessage } from './eventTypes'

const stream = new EventStream()

function connect({ ports: [port] }: MessageEvent): void {
  if (!port) return
  const listener: Listener = { receive: (event) => port.postMessage(event) }
  port.onmessage = (message: MessageEvent<PageMessage>) => stream.handle(listener, message.data)
  port.start()
}

addEventListener('connect', (event) => connect(event as MessageEvent))
